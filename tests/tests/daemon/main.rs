//! The daemon as real processes: what it refuses, how it stops, what survives a kill, and what clients see of all that.
//!
//! Nothing here looks into a process: everything is asked over gRPC, read from its log, or told by its exit code.

mod answers;
mod calls;
mod cluster;
mod crashes;
mod crowd;
mod dev;
mod disks;
mod logs;
mod members;
mod overload;
mod refusals;
mod restores;
mod snapshots;
mod stops;
mod storm;
mod strangers;
mod watches;
mod wishes;
