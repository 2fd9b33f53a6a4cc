//! What the self-check of a cluster's state finds.

use crate::id::Digest;

/// What the self-check of one version of the state found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// The invariants that do not hold; none if all is well.
    pub findings: Vec<CheckFinding>,
    /// How many leases were checked.
    pub leases: u64,
    /// The digest of the allocation state.
    pub state_digest: Digest,
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFinding {
    /// The invariant, as a name that stays the same, such as `unique_address`.
    pub invariant: String,
    /// What breaks it, in words.
    pub message: String,
}
