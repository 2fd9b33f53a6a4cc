//! Generated messages of the API, their conversions to the vocabulary, and the one status codec.
//!
//! [`v1`] is the public API, [`peer`] what members say to each other, `storage` what they write down; storage's codec is
//! allocd-replica's. Everything between `v1` and the vocabulary is converted here and nowhere else:
//!
//! ```text
//! request message ──[request]──► Mutation | Query ──► … ──► Answer ──[answer]──► response message
//!                  └─ Violations ─► Problem ──[status]──► tonic::Status
//! ```
//!
//! Reading collects everything that is wrong, with the path of each field; writing cannot fail.

pub mod answer;
pub mod read;
pub mod request;
pub mod status;

mod allocation;
#[cfg(test)]
mod arbitrary;
mod audit;
mod change;
mod check;
mod cluster;
mod contact;
mod decline;
mod digest;
mod enumeration;
mod exclusion;
mod generated;
mod holder;
mod host;
mod import;
mod index;
mod label;
mod lease;
mod lookup;
mod mac;
mod migration;
mod network;
mod pool;
mod pool_ref;
mod problem;
mod recovery;
mod reservation;
mod span;
mod usage;
mod value;

pub use generated::FILE_DESCRIPTOR_SET;
pub use generated::allocd::*;
