//! The generated structs and their accessors, both from `proto/eraftpb.proto`.
#![allow(
    clippy::all,
    clippy::as_conversions,
    missing_docs,
    reason = "generated from the proto file by build.rs"
)]

include!(concat!(env!("OUT_DIR"), "/eraftpb.rs"));
include!(concat!(env!("OUT_DIR"), "/accessors.rs"));
