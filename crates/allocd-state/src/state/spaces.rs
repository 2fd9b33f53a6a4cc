//! The spaces of the state: where each is kept, what is excluded from it, and how a change of one is brought to the rest.

use std::sync::Arc;

use allocd_types::address::{AddressRange, Prefix, address_bits};
use allocd_types::exclusion::ExcludedValues;
use allocd_types::id::LeaseId;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::mac::Mac;
use allocd_types::name::{HostName, PoolName, VrfName};
use allocd_types::network::SubnetSpec;
use allocd_types::pool::{IndexScope, PoolValues};

use super::places::pair_number;
use super::{Allocations, State};
use crate::event::SpaceRef;
use crate::interval::IntervalSet;
use crate::space::ValueSpace;

impl State {
    /// The space behind a reference.
    #[must_use]
    pub fn space(&self, space: &SpaceRef) -> Option<&ValueSpace> {
        self.allocations.space(space)
    }
}

impl Allocations {
    /// The space behind a reference.
    pub(crate) fn space(&self, space: &SpaceRef) -> Option<&ValueSpace> {
        match space {
            SpaceRef::Mac(pool) => self.pools.get(pool).map(|pool| &*pool.space),
            SpaceRef::ForeignMac => Some(&*self.foreign_macs),
            SpaceRef::HostIndex(host, kind) => self.hosts.get(host)?.indices.get(kind).map(|space| &**space),
            SpaceRef::ClusterIndex(kind) => {
                self.pools.get(self.cluster_pool(*kind)?).map(|pool| &*pool.space)
            }
            SpaceRef::Subnet(network, first) => {
                self.networks.get(network)?.spaces.get(first).map(|space| &**space)
            }
        }
    }

    fn space_mut(&mut self, space: &SpaceRef) -> Option<&mut ValueSpace> {
        let shared = match space {
            SpaceRef::Mac(pool) => &mut self.pool_mut(pool)?.space,
            SpaceRef::ForeignMac => &mut self.foreign_macs,
            SpaceRef::HostIndex(host, kind) => self.host_mut(host)?.indices.get_mut(kind)?,
            SpaceRef::ClusterIndex(kind) => {
                let name = self.cluster_pool(*kind)?.clone();
                &mut self.pool_mut(&name)?.space
            }
            SpaceRef::Subnet(network, first) => self.network_mut(network)?.spaces.get_mut(first)?,
        };
        Some(Arc::make_mut(shared))
    }

    /// Changes a space, brings its deadline after it, and forgets the former leases that the change says are no longer
    /// remembered.
    pub(crate) fn edit<F, I>(&mut self, space: &SpaceRef, change: impl FnOnce(&mut ValueSpace) -> F)
    where
        F: IntoIterator<Item = LeaseId, IntoIter = I>,
        I: Iterator<Item = LeaseId>,
    {
        let Some(found) = self.space_mut(space) else { return };
        let before = found.next_rest_end();
        let forgotten: Vec<LeaseId> = change(found).into_iter().collect();
        let after = found.next_rest_end();
        if before != after {
            if let Some(before) = before {
                self.rest_deadlines.remove(&(before, space.clone()));
            }
            if let Some(after) = after {
                self.rest_deadlines.insert((after, space.clone()));
            }
        }
        for lease in forgotten {
            self.forget(lease);
        }
    }

    /// One value less remembers a former lease; the last one takes it along.
    fn forget(&mut self, lease: LeaseId) {
        let Some(former) = self.former.get_mut(&lease) else { return };
        former.remembered_by -= 1;
        if former.remembered_by > 0 {
            return;
        }
        let holder = former.record.holder.clone();
        self.former.remove(&lease);
        if let Some(host) = self.host_mut(&holder.host) {
            host.former_holders.remove(&holder, lease);
        }
    }

    /// All spaces there are.
    pub(crate) fn space_refs(&self) -> Vec<SpaceRef> {
        let macs = self.pools.values().filter_map(|pool| match &pool.spec.values {
            PoolValues::Mac { .. } => Some(SpaceRef::Mac(pool.spec.name.clone())),
            PoolValues::Index { .. } => None,
        });
        let kinds = self.index_pools.keys().filter(|kind| self.cluster_pool(**kind).is_some());
        let cluster = kinds.map(|kind| SpaceRef::ClusterIndex(*kind));
        let hosts = self.hosts.iter().flat_map(|(name, host)| {
            host.indices.keys().map(|kind| SpaceRef::HostIndex(name.clone(), *kind))
        });
        let subnets = self.networks.iter().flat_map(|(name, network)| {
            network.spaces.keys().map(|first| SpaceRef::Subnet(name.clone(), *first))
        });
        macs.chain([SpaceRef::ForeignMac]).chain(cluster).chain(hosts).chain(subnets).collect()
    }

    /// The pool that makes a kind's units unique in the cluster, if there is one.
    pub(super) fn cluster_pool(&self, kind: InterfaceKind) -> Option<&PoolName> {
        let name = self.index_pools.get(&kind)?;
        match &self.pools.get(name)?.spec.values {
            PoolValues::Index { scope: IndexScope::Cluster, .. } => Some(name),
            PoolValues::Index { scope: IndexScope::Host, .. } | PoolValues::Mac { .. } => None,
        }
    }

    /// The ranges of a kind's units: its pool's, or all of them.
    pub(crate) fn index_ranges(&self, kind: InterfaceKind) -> Vec<(u128, u128)> {
        let pool = self.index_pools.get(&kind).and_then(|name| self.pools.get(name));
        match pool.map(|pool| &pool.spec.values) {
            Some(PoolValues::Index { first, last, .. }) => vec![units(*first, *last)],
            Some(PoolValues::Mac { .. }) | None => vec![units(UnitIndex::FIRST, UnitIndex::LAST)],
        }
    }

    /// Everything that is excluded from a space: by what the values are, and by exclusions.
    pub(crate) fn excluded_from(&self, space: &SpaceRef) -> IntervalSet {
        self.excluded_within(space, 0, u128::MAX)
    }

    /// What of it lies between the two numbers, both included.
    pub(crate) fn excluded_within(&self, space: &SpaceRef, first: u128, last: u128) -> IntervalSet {
        let mut excluded = IntervalSet::default();
        let mut exclude = |low: u128, high: u128| {
            let (low, high) = (low.max(first), high.min(last));
            if low <= high {
                excluded.insert(low, high);
            }
        };
        if let SpaceRef::Subnet(network, start) = space
            && let Some(network) = self.networks.get(network)
            && let Some(subnet) = network.spec.subnets.iter().find(|subnet| subnet.prefix.first() == *start)
        {
            for number in never_hosts(subnet) {
                exclude(number, number);
            }
        }
        for exclusion in self.exclusions.values() {
            if let Some((low, high)) = self.part_of(&exclusion.values, space) {
                exclude(low, high);
            }
        }
        excluded
    }

    /// The part of an exclusion that lies in a space; of a pool of MACs, whole pairs, and beyond its blocks as well.
    pub(crate) fn part_of(&self, values: &ExcludedValues, space: &SpaceRef) -> Option<(u128, u128)> {
        match (values, space) {
            (ExcludedValues::Addresses { vrf, range }, SpaceRef::Subnet(network, first)) => {
                let network = self.networks.get(network).filter(|network| network.spec.vrf == *vrf)?;
                let subnet = network.spec.subnets.iter().find(|subnet| subnet.prefix.first() == *first)?;
                common(*range, subnet.prefix)
            }
            (ExcludedValues::Macs { first, last }, SpaceRef::Mac(pool)) => {
                self.has_block_within(pool, *first, *last).then(|| (pair_number(*first), pair_number(*last)))
            }
            (ExcludedValues::Macs { first, last }, SpaceRef::ForeignMac) => Some((bits(*first), bits(*last))),
            (ExcludedValues::Indices { host, kind, first, last }, SpaceRef::HostIndex(other, space_kind)) => {
                (host == other && kind == space_kind).then(|| units(*first, *last))
            }
            (ExcludedValues::Indices { kind, first, last, .. }, SpaceRef::ClusterIndex(space_kind)) => {
                (kind == space_kind).then(|| units(*first, *last))
            }
            (
                ExcludedValues::Addresses { .. }
                | ExcludedValues::Macs { .. }
                | ExcludedValues::Indices { .. },
                SpaceRef::Subnet(..)
                | SpaceRef::Mac(_)
                | SpaceRef::ForeignMac
                | SpaceRef::HostIndex(..)
                | SpaceRef::ClusterIndex(_),
            ) => None,
        }
    }

    /// The spaces that an exclusion may touch.
    pub(crate) fn touched_by(&self, values: &ExcludedValues) -> Vec<SpaceRef> {
        match values {
            ExcludedValues::Addresses { vrf, range } => self.subnets_within(vrf, *range),
            ExcludedValues::Macs { first, last } => self.mac_spaces_within(*first, *last),
            ExcludedValues::Indices { host, kind, .. } => {
                let (on_host, anywhere) =
                    (SpaceRef::HostIndex(host.clone(), *kind), SpaceRef::ClusterIndex(*kind));
                vec![on_host, anywhere]
            }
        }
    }

    fn subnets_within(&self, vrf: &VrfName, range: AddressRange) -> Vec<SpaceRef> {
        let before = self.subnet_of(vrf, range.first()).map(|(network, prefix)| (network.clone(), prefix));
        let inside = self
            .subnets
            .range((vrf.clone(), range.first())..=(vrf.clone(), range.last()))
            .map(|(_, (network, prefix))| (network.clone(), *prefix));
        let mut spaces: Vec<SpaceRef> = before
            .into_iter()
            .chain(inside)
            .map(|(network, prefix)| SpaceRef::Subnet(network, prefix.first()))
            .collect();
        spaces.dedup();
        spaces
    }

    fn mac_spaces_within(&self, first: Mac, last: Mac) -> Vec<SpaceRef> {
        let start = self.mac_blocks.get_prev(&first.bits()).map_or(first.bits(), |(start, _)| *start);
        let blocks = self.mac_blocks.range(start..=last.bits()).filter(|(_, (end, _))| *end >= first.bits());
        let mut spaces: Vec<SpaceRef> = blocks.map(|(_, (_, pool))| SpaceRef::Mac(pool.clone())).collect();
        spaces.sort();
        spaces.dedup();
        spaces.push(SpaceRef::ForeignMac);
        spaces
    }

    fn has_block_within(&self, pool: &PoolName, first: Mac, last: Mac) -> bool {
        match self.pools.get(pool).map(|pool| &pool.spec.values) {
            Some(PoolValues::Mac { blocks }) => {
                blocks.iter().any(|block| first <= block.last() && block.first() <= last)
            }
            Some(PoolValues::Index { .. }) | None => false,
        }
    }

    /// The empty spaces of a new host's units.
    pub(crate) fn new_index_spaces(&self, host: &HostName) -> imbl::OrdMap<InterfaceKind, Arc<ValueSpace>> {
        InterfaceKind::ALL
            .into_iter()
            .filter(|kind| kind.has_index())
            .map(|kind| {
                let excluded = self.excluded_from(&SpaceRef::HostIndex(host.clone(), kind));
                (kind, Arc::new(ValueSpace::new(self.index_ranges(kind), excluded)))
            })
            .collect()
    }
}

/// The ranges of a subnet's space.
pub(crate) fn subnet_ranges(subnet: &SubnetSpec) -> Vec<(u128, u128)> {
    subnet.pool_ranges().map(|range| (address_bits(range.first()), address_bits(range.last()))).collect()
}

/// The ranges of a pool's own space: aligned pairs of MACs, or units that are unique in the cluster.
pub(crate) fn pool_ranges(values: &PoolValues) -> Vec<(u128, u128)> {
    match values {
        PoolValues::Mac { blocks } => {
            blocks.iter().map(|block| (pair_number(block.first()), pair_number(block.last()))).collect()
        }
        PoolValues::Index { first, last, .. } => vec![units(*first, *last)],
    }
}

/// The addresses of a subnet that can belong to no host, by their numbers.
fn never_hosts(subnet: &SubnetSpec) -> impl Iterator<Item = u128> + '_ {
    let gateway = subnet.gateway.filter(|gateway| subnet.prefix.contains(*gateway));
    subnet.prefix.never_a_host().map(|(address, _)| address).chain(gateway).map(address_bits)
}

fn common(range: AddressRange, prefix: Prefix) -> Option<(u128, u128)> {
    let whole = prefix.range();
    if !whole.overlaps(range) {
        return None;
    }
    Some((address_bits(range.first().max(whole.first())), address_bits(range.last().min(whole.last()))))
}

fn units(first: UnitIndex, last: UnitIndex) -> (u128, u128) {
    (u128::from(first.get()), u128::from(last.get()))
}

fn bits(mac: Mac) -> u128 {
    u128::from(mac.bits())
}
