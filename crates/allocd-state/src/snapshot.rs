//! A machine's whole content as records, and a machine from records.
//!
//! A clone of a machine is a fixed version that costs nothing to take; `Machine::records` tells it record by record
//! while commits go on, and [`MachineBuilder`] takes them one by one. Only what nothing else tells is told: specifications,
//! leases, what is remembered of values that were given back, and the request memory. Every index, count and deadline is
//! derived again by the code that keeps it.
//!
//! What must hold: a machine from another one's records is equal to it and goes on alike. Each struct is taken apart field by
//! field, so that a new field does not compile until it is told or said to be derived. Records may come from a damaged disk or
//! from another member: whatever they say, the builder answers with a sound machine or an error.

mod restore;
mod take;

pub use restore::MachineBuilder;

use std::sync::Arc;

use allocd_types::decline::Decline;
use allocd_types::exclusion::ExclusionSpec;
use allocd_types::host::{HostSpec, HostState, HostUuid, OsRelease};
use allocd_types::id::{Incarnation, LeaseId, Revision};
use allocd_types::network::NetworkSpec;
use allocd_types::pool::PoolSpec;
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::ClusterTime;

use crate::check::Flaw;
use crate::event::RestingValue;
use crate::memory::RememberedRequest;
use crate::record::LeaseRecord;
use crate::recovery::Recovery;
use crate::space::{Memory, Rest};

/// A part of a machine's content. They come in the order of the variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotRecord {
    /// What there is once.
    Head(Head),
    /// A pool.
    Pool(Arc<PoolSpec>),
    /// A host.
    Host(HostRecord),
    /// A network.
    Network(Arc<NetworkSpec>),
    /// An exclusion.
    Exclusion(Arc<ExclusionSpec>),
    /// A reservation.
    Reservation(Arc<ReservationSpec>),
    /// A lease.
    Lease(Arc<LeaseRecord>),
    /// A lease that ended and is remembered.
    FormerLease(FormerLeaseRecord),
    /// A value that was given back and is remembered.
    Value(ValueRecord),
    /// A value that was declined.
    Decline(Arc<Decline>),
    /// A request that was answered and is remembered.
    Request(RememberedRequest),
    /// The end: without it something is missing.
    End(End),
}

/// What there is once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Cluster time.
    pub now: ClusterTime,
    /// The counter of changes.
    pub revision: Revision,
    /// Which timeline of the cluster this is.
    pub timeline: u32,
    /// What is still to be found out after a restore.
    pub recovery: Option<Recovery>,
    /// The id that the next lease gets.
    pub next_lease: LeaseId,
    /// The number that the next remembered request gets.
    pub next_request: u64,
}

/// A host as it is kept, without what its leases tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRecord {
    /// What the operator said.
    pub spec: Arc<HostSpec>,
    /// Whether it gets leases.
    pub state: HostState,
    /// Which agent start is speaking.
    pub incarnation: Incarnation,
    /// The machine's identity, once its agent registered.
    pub uuid: Option<HostUuid>,
    /// What it runs, once its agent said so.
    pub release: Option<OsRelease>,
    /// The leases that it had in use once and has lost, and since when.
    pub suspects: Vec<(LeaseId, ClusterTime)>,
}

/// A lease that ended and is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerLeaseRecord {
    /// The lease as it was.
    pub lease: Arc<LeaseRecord>,
    /// Whether it is the one that its holder gets its old values from.
    pub is_last_of_holder: bool,
}

/// A value that was given back and is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueRecord {
    /// The value.
    pub value: RestingValue,
    /// What is remembered of it.
    pub memory: Memory,
    /// How far it has come.
    pub rest: Rest,
}

/// The end of a machine's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// How many records came before.
    pub records: u64,
}

impl SnapshotRecord {
    /// The sort of record, in words.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Head(_) => "head",
            Self::Pool(_) => "pool",
            Self::Host(_) => "host",
            Self::Network(_) => "network",
            Self::Exclusion(_) => "exclusion",
            Self::Reservation(_) => "reservation",
            Self::Lease(_) => "lease",
            Self::FormerLease(_) => "former lease",
            Self::Value(_) => "value",
            Self::Decline(_) => "decline",
            Self::Request(_) => "request",
            Self::End(_) => "end",
        }
    }

    /// Its place in the order of the sorts: what others build on comes first.
    const fn rank(&self) -> u8 {
        match self {
            Self::Head(_) => 0,
            Self::Pool(_) => 1,
            Self::Host(_) => 2,
            Self::Network(_) => 3,
            Self::Exclusion(_) => 4,
            Self::Reservation(_) => 5,
            Self::Lease(_) => 6,
            Self::FormerLease(_) => 7,
            Self::Value(_) => 8,
            Self::Decline(_) => 9,
            Self::Request(_) => 10,
            Self::End(_) => 11,
        }
    }
}

/// Why records are no machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// A record comes where it cannot come.
    #[error("a record of sort {kind} comes out of order")]
    OutOfOrder {
        /// Its sort.
        kind: &'static str,
    },
    /// A record does not fit those before it: it is there twice, or what it belongs to is missing.
    #[error("{kind} {subject} does not fit the records before it")]
    Misfit {
        /// Its sort.
        kind: &'static str,
        /// Which one.
        subject: String,
    },
    /// The records end too early, or some are missing.
    #[error("it has {found} records, and its end is missing or tells of {told}")]
    Incomplete {
        /// How many there are.
        found: u64,
        /// How many there should be.
        told: u64,
    },
    /// The machine would break an invariant.
    #[error("it would break an invariant: {}: {}", .0.subject, .0.message)]
    Broken(Flaw),
}
