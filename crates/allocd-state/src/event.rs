//! What changed: the only input of `evolve`, and what a watch tells.

use std::sync::Arc;

use allocd_types::decline::Decline;
use allocd_types::exclusion::ExclusionSpec;
use allocd_types::host::{HostRegistration, HostSpec, HostState};
use allocd_types::id::{Generation, Incarnation, LeaseId};
use allocd_types::kind::InterfaceKind;
use allocd_types::migration::Migration;
use allocd_types::name::{ExclusionName, HostName, NetworkName, PoolName, ReservationName};
use allocd_types::network::NetworkSpec;
use allocd_types::pool::PoolSpec;
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::ClusterTime;
use allocd_types::value::Value;

use crate::record::{LeaseRecord, Lifetime, RestDeadlines};

/// One change of the allocation state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A network was made.
    NetworkCreated(NetworkSpec),
    /// A network was changed.
    NetworkUpdated {
        /// What it is now.
        spec: NetworkSpec,
        /// When: if it frees suspects from now on, they count from then.
        at: ClusterTime,
    },
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
        /// What it said.
        registration: HostRegistration,
        /// Which start it is.
        incarnation: Incarnation,
    },
    /// A host gets leases again, gets no more, or was declared off.
    HostStateChanged {
        /// The host.
        host: HostName,
        /// What it is now.
        state: HostState,
    },
    /// A host that was declared off has come back with nothing left of what it had.
    HostReturned(HostName),
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
    /// A lease's host has taken it up, and has nothing left of what was declined before.
    LeaseBound {
        /// The lease.
        lease: LeaseId,
        /// Until when what was declined rests at least.
        rest: RestDeadlines,
    },
    /// A lease of before a restore lives on a host, and is the cluster's again as it is there.
    LeaseAdopted {
        /// The lease as it is.
        lease: Arc<LeaseRecord>,
        /// The generation at which its host had it.
        former: Generation,
        /// Until when that rests which the backup has for it and its host has not.
        rest: RestDeadlines,
    },
    /// A lease was given back; its host has still to confirm.
    LeaseReleasing(LeaseId),
    /// A lease is to move.
    LeaseMoveBegun {
        /// The lease.
        lease: LeaseId,
        /// Where to.
        migration: Arc<Migration>,
        /// Its new fencing token.
        generation: Generation,
    },
    /// A lease stays where it is after all. Whether its host has something left of it, the host says by binding it again.
    LeaseMoveCancelled {
        /// The lease.
        lease: LeaseId,
        /// Its new fencing token.
        generation: Generation,
    },
    /// A lease has come to another host.
    LeaseMoved {
        /// The lease as it was.
        from: Arc<LeaseRecord>,
        /// The lease as it is.
        to: Arc<LeaseRecord>,
        /// Until when its former unit rests, and what was declined and its former host may have been using.
        rest: RestDeadlines,
    },
    /// A value of a lease was in use by somebody else, and was exchanged.
    LeaseDeclined {
        /// The lease as it is.
        lease: Arc<LeaseRecord>,
        /// What was declined.
        decline: Arc<Decline>,
    },
    /// A value of a lease is in use by somebody else, and the lease has it still.
    DeclineNoted(Arc<Decline>),
    /// A declined value may be handed out again.
    DeclineCleared {
        /// The value.
        value: Value,
        /// Until when it rests at most: it may have been in use until just now.
        rests_until: ClusterTime,
    },
    /// A lease's host had it in use once and has lost it.
    LeaseSuspected {
        /// The lease.
        lease: LeaseId,
        /// Since when.
        since: ClusterTime,
    },
    /// A lease that was lost is in use again.
    LeaseFound(LeaseId),
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
    /// A host has told all that is on it, and these of its leases of before a restore are not.
    LeasesMissed {
        /// The host.
        host: HostName,
        /// The leases.
        leases: Vec<LeaseId>,
    },
    /// Recovery ends no sooner than then: what a host had that nobody knows of has to rest.
    RecoveryProlonged(ClusterTime),
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
    /// It was given back, and its host has confirmed that nothing of it is left.
    Confirmed,
    /// It was given back by an operator, who stated that nothing of it is left.
    Stated,
    /// It was given back, and its host was declared off.
    Fenced,
    /// Its lifetime ended.
    Expired,
    /// It had ended before the cluster was restored: its host has nothing of it, and its values live in another lease.
    Superseded,
    /// Its host had lost it for as long as its network keeps suspects.
    Suspect,
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
