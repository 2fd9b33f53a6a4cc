//! Durable log, hard state and identity of a member, on sled.
