//! What changed: the only input of `evolve`, and what a watch tells.

use std::sync::Arc;

use allocd_types::exclusion::ExclusionSpec;
use allocd_types::host::{HostSpec, HostUuid};
use allocd_types::id::{Incarnation, LeaseId};
use allocd_types::kind::InterfaceKind;
use allocd_types::name::{ExclusionName, HostName, NetworkName, PoolName, ReservationName};
use allocd_types::network::NetworkSpec;
use allocd_types::pool::PoolSpec;
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::ClusterTime;

use crate::record::{LeaseRecord, Lifetime, RestDeadlines};

/// One change of the allocation state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A network was made.
    NetworkCreated(NetworkSpec),
    /// A network was changed to this.
    NetworkUpdated(NetworkSpec),
    /// A network was deleted.
    NetworkDeleted(NetworkName),
    /// A pool was made.
    PoolCreated(PoolSpec),
    /// A pool was changed to this.
    PoolUpdated(PoolSpec),
    /// A pool was deleted.
    PoolDeleted(PoolName),
    /// A host was made.
    HostCreated(HostSpec),
    /// An agent of the host has started.
    HostRegistered {
        /// The host.
        host: HostName,
        /// The machine's identity.
        uuid: HostUuid,
        /// Which start it is.
        incarnation: Incarnation,
    },
    /// A host was deleted.
    HostDeleted(HostName),
    /// Values were set aside.
    ReservationCreated(ReservationSpec),
    /// Reserved values were given free.
    ReservationDeleted(ReservationName),
    /// Values were taken out of every pool.
    ExclusionCreated(ExclusionSpec),
    /// Excluded values were put back.
    ExclusionDeleted(ExclusionName),
    /// A lease was granted.
    LeaseGranted(Arc<LeaseRecord>),
    /// A lease was prolonged.
    LeaseRenewed {
        /// The lease.
        lease: LeaseId,
        /// Its new lifetime.
        lifetime: Lifetime,
    },
    /// A lease ended; its values rest.
    LeaseFreed {
        /// The lease as it was.
        lease: Arc<LeaseRecord>,
        /// Why.
        cause: FreedCause,
        /// Until when its values rest.
        rest: RestDeadlines,
    },
    /// A value has rested long enough.
    ValueRested(RestingValue),
    /// The operator has vouched for hosts.
    HostsConfirmed(Vec<HostName>),
    /// Spaces hand out although the cluster is in recovery.
    SpacesOpened(Vec<SpaceRef>),
    /// Recovery has ended. Lifetimes of the former timeline begin anew.
    RecoveryEnded {
        /// From when they count.
        at: ClusterTime,
    },
}

/// Why a lease ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FreedCause {
    /// It was given back.
    Released,
    /// Its lifetime ended.
    Expired,
}

/// Where values of one kind are unique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpaceRef {
    /// The MACs of a pool, by aligned pairs.
    Mac(PoolName),
    /// The MACs of no pool, one by one.
    ForeignMac,
    /// The units of a kind on a host.
    HostIndex(HostName, InterfaceKind),
    /// The units of a kind in the cluster.
    ClusterIndex(InterfaceKind),
    /// The addresses of a subnet, by its network and its first address.
    Subnet(NetworkName, std::net::IpAddr),
}

/// A value that rests, by its number in its space.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RestingValue {
    /// The space.
    pub space: SpaceRef,
    /// The unit, the pair's number, the MAC's bits or the address's bits.
    pub number: u128,
}
