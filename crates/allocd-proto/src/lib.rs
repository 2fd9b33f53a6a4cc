//! Generated messages of the API, their conversions to the vocabulary, and the one status codec.
//!
//! [`v1`] is the public API, [`peer`] what members say to each other, `storage` what they write down; storage's codec is
//! allocd-replica's. Everything between `v1` and the vocabulary is converted here and nowhere else.

mod generated;

pub use generated::FILE_DESCRIPTOR_SET;
pub use generated::allocd::*;
