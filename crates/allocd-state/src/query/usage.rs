//! How full each pool is.

use allocd_types::pool::PoolRef;
use allocd_types::usage::{Thresholds, Usage};

use crate::event::SpaceRef;
use crate::state::State;

impl State {
    /// The use of every pool: MAC pools, subnets, and units of hosts that have any in use.
    #[must_use]
    pub fn usages(&self) -> Vec<Usage> {
        let spaces = self.allocations.space_refs().into_iter();
        spaces.filter_map(|space| self.usage(&space)).collect()
    }

    /// The use of the pool behind a space. A host's units are left out while none was ever held.
    fn usage(&self, reference: &SpaceRef) -> Option<Usage> {
        let pool = self.allocations.pool_ref(reference)?;
        let space = self.space(reference)?;
        if matches!(reference, SpaceRef::HostIndex(..)) && space.is_unused() {
            return None;
        }
        let counts = space.counts();
        let level = self.thresholds(&pool).level(counts.used_percent());
        let next_free_in = space.next_free_at().map(|end| self.now.until(end));
        Some(Usage { pool, counts, level, next_free_in })
    }

    fn thresholds(&self, pool: &PoolRef) -> Thresholds {
        let index_pool = |kind| self.allocations.index_pools.get(kind).and_then(|name| self.pool(name));
        match pool {
            PoolRef::Mac(name) => self.pool(name).map(|pool| pool.thresholds),
            PoolRef::HostIndex(_, kind) | PoolRef::ClusterIndex(kind) => {
                index_pool(kind).map(|pool| pool.thresholds)
            }
            PoolRef::Subnet(network, _) | PoolRef::Family(network, _) => {
                self.network(network).map(|network| network.thresholds)
            }
        }
        .unwrap_or_default()
    }
}
