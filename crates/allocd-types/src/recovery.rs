//! Recovery: what has to be found out after a restore from a backup before leases are handed out and freed as ever.
//!
//! A backup knows nothing of what happened after it was taken: a value that it has as free may be in use, and a lease that it has
//! may be gone. So a restored cluster begins in recovery, and stays there until somebody has vouched for every host.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::index::UnitIndex;
use crate::kind::InterfaceKind;
use crate::name::{HostName, NetworkName, PoolName};
use crate::pool::PoolRef;
use crate::time::Span;

/// How far a cluster has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryStatus {
    /// The timeline: 1 until a backup is restored, and one more with each.
    pub timeline: u32,
    /// What is still open; nothing if the cluster is not in recovery.
    pub open: Option<OpenRecovery>,
}

/// What is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRecovery {
    /// The hosts that nobody has vouched for, in the order of their names.
    pub hosts: Vec<UnconfirmedHost>,
    /// How long it lasts at least: values that were freed after the backup may rest that long.
    pub rests_for: Span,
    /// The pools that hand out already: new ones, and those that were told past what.
    pub open_pools: Vec<PoolRef>,
}

/// A host that nobody has vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnconfirmedHost {
    /// Its name.
    pub name: HostName,
    /// How many leases the cluster has for it.
    pub leases: u32,
}

/// The operator's word.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RecoveryConfirmation {
    /// Hosts on which nothing lives that the cluster does not have a lease for, and no lease is missing.
    pub hosts: BTreeSet<HostName>,
    /// Whether there may be hosts that the cluster does not know.
    pub others: OtherHosts,
}

/// Whether there are hosts with leases of a former timeline that the cluster does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OtherHosts {
    /// Nothing is said.
    Unsaid,
    /// There are none: recovery may end.
    None,
}

/// Past what a pool hands out: the former timeline never came that far.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SkipTo {
    /// Addresses of the subnet that has this one, from the one after it.
    Addresses {
        /// The network.
        network: NetworkName,
        /// The last address that may have been handed out.
        last: IpAddr,
    },
    /// Units of a kind on a host, from the one after this.
    Indices {
        /// The host.
        host: HostName,
        /// The kind.
        kind: InterfaceKind,
        /// The last unit that may have been handed out.
        last: UnitIndex,
    },
    /// MAC addresses, which have no order: a block that the cluster draws anew.
    Macs {
        /// The pool.
        pool: PoolName,
    },
}

impl RecoveryStatus {
    /// True while the cluster is in recovery.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }
}
