//! One Raft member as a synchronous value: tick, step, propose and read in, effects out.
