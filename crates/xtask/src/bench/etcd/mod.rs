//! What a user would take instead: three members of Debian's etcd, with the part of its API that allocation needs.

mod members;
mod operations;
mod program;

pub(super) use members::Etcd;
pub(super) use operations::{Put, Range, Swap, keys_to_read};
pub(crate) use program::Program;
