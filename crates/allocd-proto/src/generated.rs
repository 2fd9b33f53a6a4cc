//! What the build makes of `proto/`, one module for each package, and the descriptors of all of it.
//!
//! Nothing is written by hand here, so the house's lints do not apply inside.

#![allow(clippy::all, clippy::as_conversions, clippy::wildcard_enum_match_arm, clippy::too_many_lines)]
#![allow(missing_docs, unreachable_pub, unused_qualifications, rustdoc::all)]

include!(concat!(env!("OUT_DIR"), "/packages.rs"));

/// The encoded `google.protobuf.FileDescriptorSet` of all packages, for gRPC server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
