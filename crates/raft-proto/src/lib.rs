//! The messages that raft 0.7 exchanges and stores, built with nothing but Rust.
//!
//! raft's published companion of this name needs protoc at build time under one codec and carries binaries for two
//! systems under the other; neither builds on FreeBSD. This crate takes its place through `[patch.crates-io]` and offers
//! the part of its interface that raft itself uses: prost's structs with accessors ([`eraftpb`]), helpers for
//! configuration changes, and the `protobuf` crate's `Message` trait, by which raft bounds some of its functions.
//!
//! What must hold: field and enum numbers are raft's wire contract and never move.

mod confchange;
mod confstate;
pub mod eraftpb;
mod message;
pub mod prelude;

pub use confchange::{ConfChangeI, new_conf_change_single};
pub use confstate::conf_state_eq;
