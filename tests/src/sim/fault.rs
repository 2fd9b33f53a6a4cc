//! Deliberate faults, by which the simulator shows that it can see: one list, and where each is put in.
//!
//! A fault sits in a seam that exists anyway: a member's store, its clock, or its door, which is all that clients see of it. No
//! product code knows of any. Faults of snapshots and of restores from backup go here once those exist: "a snapshot installed
//! without its request memory" at the seam where it is installed, "a restored cluster that grants before recovery" at the door.

pub mod disk;
pub mod door;
mod early_pick;
mod list;
mod no_quarantine;
mod old_answers;
mod stale_reads;
mod volatile_memory;

pub use list::Fault;
