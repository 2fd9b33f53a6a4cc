//! Everything a cluster knows about its values and who holds them.
//!
//! The state is read by anybody and written by `evolve` alone. All maps share structure between versions: a clone is a fixed
//! version, taken in constant time, that queries, pages and snapshots read while commits go on. A change copies what it touches
//! if a version holds it still, so whatever is large lies behind an `Arc` of its own: a map's node has many neighbours.

mod holders;
mod places;
mod spaces;

pub(crate) use holders::Holders;
pub(crate) use places::{Place, pair_of};
pub(crate) use spaces::{pool_ranges, subnet_ranges};

use std::net::IpAddr;
use std::sync::Arc;

use allocd_types::address::Prefix;
use allocd_types::decline::Decline;
use allocd_types::exclusion::ExclusionSpec;
use allocd_types::holder::Holder;
use allocd_types::host::{Host, HostSpec, HostState, HostUuid, OsRelease};
use allocd_types::id::{Digest, Incarnation, LeaseId, Revision};
use allocd_types::kind::InterfaceKind;
use allocd_types::name::{ExclusionName, HostName, NetworkName, PoolName, ReservationName, VrfName};
use allocd_types::network::NetworkSpec;
use allocd_types::pool::PoolSpec;
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::ClusterTime;
use allocd_types::value::Value;
use imbl::{OrdMap, OrdSet};

use crate::digest::digest_of;
use crate::event::SpaceRef;
use crate::record::LeaseRecord;
use crate::recovery::Recovery;
use crate::space::ValueSpace;

/// Everything a cluster knows about its values and who holds them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// Cluster time. It has a digest of its own: it moves without events.
    pub(crate) now: ClusterTime,
    pub(crate) revision: Revision,
    pub(crate) allocations: Allocations,
}

/// What events alone decide: replaying them rebuilds it byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Allocations {
    /// Which timeline of the cluster this is: a restored backup starts the next one.
    pub(crate) timeline: u32,
    /// What is still to be found out after a restore.
    pub(crate) recovery: Option<Recovery>,
    pub(crate) next_lease: LeaseId,
    pub(crate) networks: OrdMap<NetworkName, Arc<NetworkEntry>>,
    /// The subnets by VRF and first address.
    pub(crate) subnets: OrdMap<(VrfName, IpAddr), (NetworkName, Prefix)>,
    pub(crate) pools: OrdMap<PoolName, Arc<PoolEntry>>,
    /// The blocks of MAC pools: first address → last address and pool.
    pub(crate) mac_blocks: OrdMap<u64, (u64, PoolName)>,
    pub(crate) index_pools: OrdMap<InterfaceKind, PoolName>,
    pub(crate) foreign_macs: Arc<ValueSpace>,
    pub(crate) hosts: OrdMap<HostName, Arc<HostEntry>>,
    pub(crate) host_uuids: OrdMap<HostUuid, HostName>,
    pub(crate) leases: OrdMap<LeaseId, Arc<LeaseRecord>>,
    /// Leases that ended, while any of their values remembers them.
    pub(crate) former: OrdMap<LeaseId, FormerLease>,
    pub(crate) reservations: OrdMap<ReservationName, Arc<ReservationSpec>>,
    pub(crate) reserved_for: OrdMap<Holder, ReservationName>,
    pub(crate) exclusions: OrdMap<ExclusionName, Arc<ExclusionSpec>>,
    pub(crate) lease_deadlines: OrdSet<(ClusterTime, LeaseId)>,
    /// The suspects whose networks free them, by when.
    pub(crate) suspect_deadlines: OrdSet<(ClusterTime, LeaseId)>,
    /// For each space in which something rests, when the first of it is due.
    pub(crate) rest_deadlines: OrdSet<(ClusterTime, SpaceRef)>,
    /// The fenced hosts that leases wait for: nobody will confirm, so the next tick does.
    pub(crate) unsettled: OrdSet<HostName>,
    pub(crate) declines: OrdMap<Value, Arc<Decline>>,
    /// The same by when they were reported.
    pub(crate) declines_by_age: OrdSet<(ClusterTime, Value)>,
}

/// A network and the spaces of its subnets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct NetworkEntry {
    pub(crate) spec: Arc<NetworkSpec>,
    /// By the subnets' first addresses.
    pub(crate) spaces: OrdMap<IpAddr, Arc<ValueSpace>>,
    pub(crate) leases: u64,
}

/// A pool; its space is empty if it only configures the spaces of hosts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PoolEntry {
    pub(crate) spec: Arc<PoolSpec>,
    pub(crate) space: Arc<ValueSpace>,
}

/// A host, the holders on it, and the spaces of its units.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct HostEntry {
    pub(crate) spec: Arc<HostSpec>,
    pub(crate) state: HostState,
    pub(crate) incarnation: Incarnation,
    pub(crate) uuid: Option<HostUuid>,
    pub(crate) release: Option<OsRelease>,
    pub(crate) holders: Holders,
    /// The leases that are moving here, by the holders that they will have.
    pub(crate) incoming: Holders,
    /// The leases that wait for this host to confirm that nothing of them is left.
    pub(crate) awaited: OrdSet<LeaseId>,
    /// The leases that it had in use once and has lost, and since when.
    pub(crate) suspects: OrdMap<LeaseId, ClusterTime>,
    /// The last lease of holders that have none now, while its values remember it.
    pub(crate) former_holders: Holders,
    pub(crate) indices: OrdMap<InterfaceKind, Arc<ValueSpace>>,
}

/// A lease that ended, and how many of its values remember it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FormerLease {
    pub(crate) record: Arc<LeaseRecord>,
    pub(crate) remembered_by: u32,
}

impl Default for State {
    fn default() -> Self {
        Self {
            now: ClusterTime::default(),
            revision: Revision::default(),
            allocations: Allocations { timeline: 1, next_lease: LeaseId::new(1), ..Allocations::default() },
        }
    }
}

impl State {
    /// Cluster time.
    #[must_use]
    pub const fn now(&self) -> ClusterTime {
        self.now
    }

    /// The counter of changes.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// The SHA-256 of the allocation state: equal on members that have applied the same entries.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(&self.allocations)
    }

    /// The same state, told at a later time: what remains of lifetimes and rests is counted from then.
    #[must_use]
    pub fn told_at(&self, now: ClusterTime) -> Self {
        Self { now: self.now.max(now), ..self.clone() }
    }

    /// True if some lease ends by itself.
    #[must_use]
    pub fn has_lifetimes(&self) -> bool {
        !self.allocations.lease_deadlines.is_empty()
    }

    /// When something next falls due, if anything will.
    #[must_use]
    pub fn next_deadline(&self) -> Option<ClusterTime> {
        let lease = self.allocations.lease_deadlines.get_min().map(|(at, _)| *at);
        let rest = self.allocations.rest_deadlines.get_min().map(|(at, _)| *at);
        let unsettled = self.allocations.has_unsettled().then_some(self.now);
        let suspect = self.allocations.suspects_to_free().next().map(|(at, _)| at);
        lease.into_iter().chain(rest).chain(unsettled).chain(suspect).min()
    }

    /// A lease as it is kept.
    #[must_use]
    pub fn lease(&self, id: LeaseId) -> Option<&Arc<LeaseRecord>> {
        self.allocations.leases.get(&id)
    }

    /// The lease of a holder.
    #[must_use]
    pub fn lease_of(&self, holder: &Holder) -> Option<&Arc<LeaseRecord>> {
        self.lease_on(self.allocations.hosts.get(&holder.host)?, holder)
    }

    /// The lease of a holder on its host.
    pub(crate) fn lease_on(&self, host: &HostEntry, holder: &Holder) -> Option<&Arc<LeaseRecord>> {
        let mut leases = host.holders.candidates(holder).filter_map(|lease| self.lease(lease));
        leases.find(|record| record.holder == *holder)
    }

    /// The lease that is moving to a holder.
    pub(crate) fn incoming_on(&self, host: &HostEntry, holder: &Holder) -> Option<&Arc<LeaseRecord>> {
        let mut leases = host.incoming.candidates(holder).filter_map(|lease| self.lease(lease));
        leases.find(|record| record.next_holder().as_ref() == Some(holder))
    }

    /// A network's specification.
    #[must_use]
    pub fn network(&self, name: &NetworkName) -> Option<&Arc<NetworkSpec>> {
        self.allocations.networks.get(name).map(|network| &network.spec)
    }

    /// A pool's specification.
    #[must_use]
    pub fn pool(&self, name: &PoolName) -> Option<&Arc<PoolSpec>> {
        self.allocations.pools.get(name).map(|pool| &pool.spec)
    }

    /// A host as it is told.
    #[must_use]
    pub fn host(&self, name: &HostName) -> Option<Host> {
        self.allocations.hosts.get(name).map(|host| host.told())
    }

    /// A reservation.
    #[must_use]
    pub fn reservation(&self, name: &ReservationName) -> Option<&Arc<ReservationSpec>> {
        self.allocations.reservations.get(name)
    }

    /// An exclusion.
    #[must_use]
    pub fn exclusion(&self, name: &ExclusionName) -> Option<&Arc<ExclusionSpec>> {
        self.allocations.exclusions.get(name)
    }

    /// How many leases there are.
    #[must_use]
    pub fn lease_count(&self) -> usize {
        self.allocations.leases.len()
    }
}

impl Allocations {
    /// True if a tick has leases of fenced hosts to see to. In recovery nothing is freed.
    pub(crate) fn has_unsettled(&self) -> bool {
        self.recovery.is_none() && !self.unsettled.is_empty()
    }

    /// The suspects that end by themselves and when, the first one first. In recovery nothing is freed.
    pub(crate) fn suspects_to_free(&self) -> impl Iterator<Item = (ClusterTime, LeaseId)> {
        self.suspect_deadlines.iter().copied().take_while(|_| self.recovery.is_none())
    }

    /// Since when a lease is suspect, if it is.
    pub(crate) fn suspect_since(&self, record: &LeaseRecord) -> Option<ClusterTime> {
        self.hosts.get(&record.holder.host)?.suspects.get(&record.id).copied()
    }

    /// When a lease that is suspect since then ends by itself, if its network says that it does.
    pub(crate) fn suspect_deadline(&self, record: &LeaseRecord, since: ClusterTime) -> Option<ClusterTime> {
        Some(since.after(self.networks.get(&record.network)?.spec.free_suspects_after?))
    }

    /// A network, to be changed.
    pub(crate) fn network_mut(&mut self, name: &NetworkName) -> Option<&mut NetworkEntry> {
        self.networks.get_mut(name).map(Arc::make_mut)
    }

    /// A pool, to be changed.
    pub(crate) fn pool_mut(&mut self, name: &PoolName) -> Option<&mut PoolEntry> {
        self.pools.get_mut(name).map(Arc::make_mut)
    }

    /// The last lease of a holder that has none now, while its values remember it.
    pub(crate) fn former_of(&self, holder: &Holder) -> Option<&Arc<LeaseRecord>> {
        if self.former.is_empty() {
            return None;
        }
        let host = self.hosts.get(&holder.host)?;
        let former = host.former_holders.candidates(holder).filter_map(|lease| self.former.get(&lease));
        former.map(|former| &former.record).find(|record| record.holder == *holder)
    }

    /// True if this former lease is the one that is told of its holder.
    pub(crate) fn is_last_of_holder(&self, former: &LeaseRecord) -> bool {
        let host = self.hosts.get(&former.holder.host);
        host.is_some_and(|host| host.former_holders.contains(&former.holder, former.id))
    }

    /// A host, to be changed.
    pub(crate) fn host_mut(&mut self, name: &HostName) -> Option<&mut HostEntry> {
        self.hosts.get_mut(name).map(Arc::make_mut)
    }
}

impl HostEntry {
    pub(crate) fn told(&self) -> Host {
        Host {
            spec: (*self.spec).clone(),
            state: self.state,
            incarnation: self.incarnation,
            uuid: self.uuid.clone(),
            release: self.release.clone(),
            leases: count(self.holders.len()),
            awaited: count(self.awaited.len()),
            suspects: count(self.suspects.len()),
        }
    }
}

/// A host has at most `LEASES_PER_HOST_MAX` leases.
fn count(leases: usize) -> u32 {
    u32::try_from(leases).unwrap_or(u32::MAX)
}
