//! Deliberate faults, by which the simulator shows that it can see: one list, and where each is put in.
//!
//! A fault sits in a seam that exists anyway: a member's store, its clock, what carries its snapshots to others, its door, which is
//! all that clients see of it, or a host and its agent. No product code knows of any.

pub mod agent;
pub mod disk;
pub mod door;
mod eager_release;
mod early_pick;
mod frees_found;
mod list;
mod members;
mod no_quarantine;
mod old_answers;
pub mod snapshot;
mod stale_agents;
mod stale_reads;
mod volatile_memory;

pub use list::Fault;
