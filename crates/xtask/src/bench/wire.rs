//! What the build makes of this crate's `proto/`: the echo's messages, and the part of etcd's API that is called.
//!
//! Nothing is written by hand here, so the house's lints do not apply inside.

#![allow(clippy::all, clippy::as_conversions, clippy::wildcard_enum_match_arm, clippy::too_many_lines)]
#![allow(missing_docs, unreachable_pub, unused_qualifications, dead_code, rustdoc::all)]

include!(concat!(env!("OUT_DIR"), "/packages.rs"));
