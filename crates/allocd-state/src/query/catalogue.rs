//! Lists: of every sort of resource, in the order of their names, a page at a time.

use std::ops::Bound;
use std::sync::Arc;

use allocd_types::decline::Decline;
use allocd_types::exclusion::ExclusionSpec;
use allocd_types::host::Host;
use allocd_types::id::LeaseId;
use allocd_types::network::NetworkSpec;
use allocd_types::pool::PoolSpec;
use allocd_types::reservation::ReservationSpec;

use crate::record::LeaseRecord;
use crate::state::State;

/// One page of leases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The leases, in the order of their ids.
    pub leases: Vec<Arc<LeaseRecord>>,
    /// After which lease the next page begins, if there is one.
    pub next_after: Option<LeaseId>,
}

impl State {
    /// All networks.
    pub fn networks(&self) -> impl Iterator<Item = &Arc<NetworkSpec>> {
        self.allocations.networks.values().map(|network| &network.spec)
    }

    /// All pools.
    pub fn pools(&self) -> impl Iterator<Item = &Arc<PoolSpec>> {
        self.allocations.pools.values().map(|pool| &pool.spec)
    }

    /// All declines, in the order of their values.
    pub fn declines(&self) -> impl Iterator<Item = &Arc<Decline>> {
        self.allocations.declines.values()
    }

    /// All hosts.
    pub fn hosts(&self) -> impl Iterator<Item = Host> {
        self.allocations.hosts.values().map(|host| host.told())
    }

    /// All reservations.
    pub fn reservations(&self) -> impl Iterator<Item = &Arc<ReservationSpec>> {
        self.allocations.reservations.values()
    }

    /// All exclusions.
    pub fn exclusions(&self) -> impl Iterator<Item = &Arc<ExclusionSpec>> {
        self.allocations.exclusions.values()
    }

    /// All leases, in the order of their ids.
    pub fn leases(&self) -> impl Iterator<Item = &Arc<LeaseRecord>> {
        self.allocations.leases.values()
    }

    /// A page of the leases that pass a filter, beginning after a lease.
    #[must_use]
    pub fn page(&self, after: Option<LeaseId>, size: usize, passes: impl Fn(&LeaseRecord) -> bool) -> Page {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rest = self.allocations.leases.range((start, Bound::Unbounded));
        let mut found = rest.map(|(_, record)| record).filter(|record| passes(record));
        let leases: Vec<Arc<LeaseRecord>> = found.by_ref().take(size).cloned().collect();
        let has_more = found.next().is_some();
        let next_after = leases.last().map(|record| record.id).filter(|_| has_more);
        Page { leases, next_after }
    }
}
