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
mod far;
mod flat;
mod image;
mod logs;
mod members;
#[cfg(target_os = "linux")]
mod namespaces;
mod overload;
#[cfg(target_os = "linux")]
mod partitions;
mod power;
mod refusals;
mod relay;
mod restores;
mod scene;
mod slow;
mod snapshots;
mod stops;
mod storm;
mod strangers;
mod syncs;
mod upgrades;
mod watchers;
mod watches;
mod wishes;
