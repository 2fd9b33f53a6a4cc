//! One Raft member as a synchronous value: ticks, messages, proposals and reads go in, effects come out.

pub mod log;
