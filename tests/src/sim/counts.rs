//! What happened how often in a run, so that an idle run cannot pass for a hard one.

use serde::Serialize;

/// What happened how often.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Operations that were answered.
    pub operations: u64,
    /// Elections that were won.
    pub elections: u64,
    /// Members that lost their power.
    pub crashes: u64,
    /// Times that ways were closed.
    pub partitions: u64,
    /// Snapshots that came from a peer and took the place of a log.
    pub snapshots: u64,
    /// Snapshots that a member took of itself.
    pub snapshots_taken: u64,
    /// Snapshots that were sent and did not arrive, as far as the sender was told.
    pub snapshots_failed: u64,
    /// Changes of members that were applied.
    pub membership_changes: u64,
    /// Clusters that began with a backup.
    pub restores: u64,
    /// Of these, recoveries that came to their end.
    pub recoveries: u64,
}
