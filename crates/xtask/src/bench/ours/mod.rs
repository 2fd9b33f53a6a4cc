//! Our side: a cluster of three allocd processes, what it needs before it can allocate, and what it is asked for.

mod cluster;
mod furniture;
mod operations;

pub(super) use cluster::Ours;
pub(super) use furniture::Pool;
pub(super) use operations::{Allocate, Batch, Get, LEASES_PER_BATCH, Last, Turn, holders_to_read};
