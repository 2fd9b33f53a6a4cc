//! A deterministic no: what the replicated machine answers, alike on every member.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::address::{Family, NotAHost, Prefix};
use crate::allocation::LeaseRef;
use crate::decline::LeasePart;
use crate::holder::Holder;
use crate::host::HostState;
use crate::id::{Generation, Incarnation, LeaseId, MoveId, RequestId};
use crate::mac::MacBlock;
use crate::name::{ExclusionName, HostName, NetworkName, PoolName, ReservationName, VrfName};
use crate::pool::PoolRef;
use crate::time::Span;
use crate::usage::Counts;
use crate::value::Value;

/// Why the state says no. One variant for each decision a caller can take.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// The resource is not there.
    NotFound(Subject),
    /// A resource of that name is there, and it is another.
    Exists(Subject),
    /// The holder has a lease that is not what was asked for.
    HolderHasLease {
        /// The holder.
        holder: Holder,
        /// Its lease.
        lease: LeaseId,
        /// In what the two differ; empty if any lease at all was to be refused.
        differences: Vec<Difference>,
    },
    /// The pinned value is held.
    Taken {
        /// The value.
        value: Value,
        /// By which lease.
        lease: LeaseId,
        /// Of whom.
        holder: Holder,
    },
    /// The pinned value rests.
    Resting {
        /// The value.
        value: Value,
        /// For how long still.
        rests_for: Span,
    },
    /// The pinned value is set aside.
    Reserved {
        /// The value.
        value: Value,
        /// By which reservation.
        reservation: ReservationName,
        /// For whom.
        holder: Holder,
    },
    /// The pinned value is excluded.
    Excluded {
        /// The value.
        value: Value,
        /// By which exclusion.
        exclusion: ExclusionName,
    },
    /// The pinned address can belong to no host.
    NotAHost {
        /// The address.
        address: IpAddr,
        /// Why.
        why: NotAHost,
    },
    /// The pinned value is in no pool of the network.
    OutsidePool {
        /// The value.
        value: Value,
        /// The network.
        network: NetworkName,
    },
    /// The pinned value is of a sort that the kind of interface does not have.
    NotOfKind {
        /// The value.
        value: Value,
        /// The kind of interface.
        kind: crate::kind::InterfaceKind,
    },
    /// The network has no subnet of the wanted family.
    NoSubnet {
        /// The network.
        network: NetworkName,
        /// The family.
        family: Family,
    },
    /// Two prefixes of one VRF would overlap.
    SubnetOverlap {
        /// The new prefix.
        prefix: Prefix,
        /// The prefix that is there.
        other: Prefix,
        /// The network of that.
        network: NetworkName,
        /// The VRF of both.
        vrf: VrfName,
    },
    /// Two blocks of MACs would overlap.
    BlockOverlap {
        /// The new block.
        block: MacBlock,
        /// The block that is there.
        other: MacBlock,
        /// The pool of that.
        pool: PoolName,
    },
    /// The pool that a network's MACs should come from hands out something else.
    NoMacPool {
        /// The pool.
        pool: PoolName,
    },
    /// The resource is in use.
    InUse {
        /// The resource.
        subject: Subject,
        /// By how many leases, reservations and resting values.
        users: u64,
        /// The sort of the users, in words.
        by: Cow<'static, str>,
    },
    /// The asker's generation is stale.
    Fenced {
        /// The lease.
        lease: LeaseId,
        /// What the asker knows.
        given: Generation,
        /// What is.
        current: Generation,
    },
    /// A newer start of the host's agent has registered.
    StaleIncarnation {
        /// The host.
        host: HostName,
        /// What the asker knows.
        given: Incarnation,
        /// What is.
        current: Incarnation,
    },
    /// Another host has registered with this hostuuid.
    HostUuidInUse {
        /// The host that asked.
        host: HostName,
        /// The host that has it.
        other: HostName,
    },
    /// The host gets no leases.
    HostNotActive {
        /// The host.
        host: HostName,
        /// What it is.
        state: HostState,
    },
    /// The host was declared off: its word does not count.
    HostFenced {
        /// The host.
        host: HostName,
    },
    /// The host has to come back and tear down before it gets leases again.
    HostNotReturned {
        /// The host.
        host: HostName,
    },
    /// The lease is on another host than the one that speaks.
    OnOtherHost {
        /// The lease.
        lease: LeaseId,
        /// Who speaks.
        host: HostName,
        /// Where the lease is.
        holder: Holder,
    },
    /// The lease was given back, and its host has still to confirm that nothing of it is left.
    Releasing {
        /// The lease.
        lease: LeaseId,
        /// Whose it is.
        holder: Holder,
    },
    /// The lease is neither given back nor moving: there is nothing to confirm.
    NothingToConfirm {
        /// The lease.
        lease: LeaseId,
    },
    /// The lease has no such value.
    NotOfLease {
        /// The lease.
        lease: LeaseId,
        /// What it has not.
        part: LeasePart,
    },
    /// Nobody has declined the value, or that was cleared or forgotten.
    NotDeclined {
        /// The value.
        value: Value,
    },
    /// The lease moves already.
    Moving {
        /// The lease.
        lease: LeaseId,
        /// Where to.
        to: HostName,
        /// Which move it is.
        id: MoveId,
    },
    /// The lease does not move, or by another move.
    NotMoving {
        /// The lease.
        lease: LeaseId,
    },
    /// The lease is on that host.
    MovesToItself {
        /// The lease.
        lease: LeaseId,
        /// The host.
        host: HostName,
    },
    /// The request id was used for another request.
    RequestIdReused {
        /// The id.
        request_id: RequestId,
    },
    /// The repeated request's lease is no longer what it was.
    Superseded {
        /// The lease as the first answer named it.
        lease: LeaseId,
        /// Its generation then.
        generation: Generation,
    },
    /// A permanent lease has no lifetime to prolong.
    Permanent {
        /// The lease.
        lease: LeaseId,
    },
    /// The pool has no value left.
    Exhausted {
        /// The pool.
        pool: PoolRef,
        /// Its values by state.
        counts: Counts,
        /// How long until the next resting value comes free, if any rests.
        next_free_in: Option<Span>,
    },
    /// The host has as many leases as a host may have.
    LeasesPerHost {
        /// The host.
        host: HostName,
        /// The bound.
        leases_max: u32,
    },
    /// The request came to its turn after its deadline.
    Expired {
        /// The id.
        request_id: RequestId,
    },
    /// The cluster was restored from a backup and is in recovery.
    Recovering {
        /// How many hosts nobody has vouched for yet.
        hosts: u64,
        /// How long recovery lasts at least.
        rests_for: Span,
    },
    /// There is nothing to skip: the cluster is not in recovery.
    NotRecovering,
    /// One of a batch was refused, and so all of it.
    InBatch {
        /// Its position, from 0.
        position: u32,
        /// Why.
        rejection: Box<Rejection>,
    },
}

/// In what a holder's lease differs from the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Difference {
    /// The field.
    pub field: Cow<'static, str>,
    /// What the lease has.
    pub has: String,
    /// What was asked for.
    pub wanted: String,
}

/// A resource by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A network.
    Network(NetworkName),
    /// A pool.
    Pool(PoolName),
    /// A host.
    Host(HostName),
    /// A lease.
    Lease(LeaseRef),
    /// A reservation.
    Reservation(ReservationName),
    /// An exclusion.
    Exclusion(ExclusionName),
}

impl Subject {
    /// The sort of resource.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Network(_) => "network",
            Self::Pool(_) => "pool",
            Self::Host(_) => "host",
            Self::Lease(_) => "lease",
            Self::Reservation(_) => "reservation",
            Self::Exclusion(_) => "exclusion",
        }
    }

    /// The resource's name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Network(name) => name.to_string(),
            Self::Pool(name) => name.to_string(),
            Self::Host(name) => name.to_string(),
            Self::Lease(lease) => lease.to_string(),
            Self::Reservation(name) => name.to_string(),
            Self::Exclusion(name) => name.to_string(),
        }
    }
}
