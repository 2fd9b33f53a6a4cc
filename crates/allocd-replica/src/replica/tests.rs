//! Scripts: members in memory, driven by hand. Each tells a story, step by step; time passes by ticks alone.

mod chaos;
mod cluster;
mod deadlines;
mod elections;
mod members;
mod proposals;
mod reads;
mod restarts;
mod restores;
mod snapshots;
mod transfers;
mod upgrades;

use crate::config::SnapshotLimits;

/// Snapshots often, and little of the log kept.
const OFTEN: SnapshotLimits = SnapshotLimits { entries: 20, bytes: u64::MAX, entries_kept: 5 };

/// The names of the hosts that a state has.
fn hosts(state: &super::State) -> Vec<String> {
    state.hosts().map(|host| host.spec.name.as_str().to_owned()).collect()
}

/// So many names for hosts.
fn names(prefix: &str, count: usize) -> impl Iterator<Item = String> {
    (0..count).map(move |number| format!("{prefix}{number}"))
}
