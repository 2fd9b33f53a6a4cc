//! What is asked of the allocator about leases.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use crate::holder::Holder;
use crate::id::{Generation, LeaseId};
use crate::index::UnitIndex;
use crate::kind::InterfaceKind;
use crate::label::Labels;
use crate::mac::Macs;
use crate::name::NetworkName;
use crate::time::Span;

/// A wish for a lease.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AllocationSpec {
    /// For whom.
    pub holder: Holder,
    /// On which network.
    pub network: NetworkName,
    /// For which kind of interface.
    pub kind: InterfaceKind,
    /// Whether an IPv4 address is wanted.
    pub ipv4: FamilyWish,
    /// Whether an IPv6 address is wanted.
    pub ipv6: FamilyWish,
    /// Values that must be these and no others.
    pub pins: Pins,
    /// The lifetime, if the lease shall have one.
    pub ttl: Option<Span>,
    /// What to do when the holder has a lease already.
    pub existing: ExistingLease,
    /// Notes.
    pub labels: Labels,
}

/// Whether an address of a family is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FamilyWish {
    /// One, if the network has a subnet of the family.
    IfSubnets,
    /// One in any case.
    Required,
    /// None.
    Unwanted,
}

/// What to do when the holder has a lease already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExistingLease {
    /// Answer with it if it is compatible.
    Return,
    /// Refuse.
    Refuse,
}

/// Values a lease must have. MACs outside every pool may be pinned only by a reservation or an import.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pins {
    /// The unit.
    pub index: Option<UnitIndex>,
    /// The MACs.
    pub macs: Macs,
    /// The addresses.
    pub addresses: Vec<IpAddr>,
}

impl Pins {
    /// No pinned value.
    #[must_use]
    pub const fn none() -> Self {
        Self { index: None, macs: Macs::None, addresses: Vec::new() }
    }
}

/// Which lease: by its name or by its holder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LeaseRef {
    /// `leases/17`.
    Id(LeaseId),
    /// The holder's lease.
    Holder(Holder),
}

impl std::fmt::Display for LeaseRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => f.pad(&id.resource_name()),
            Self::Holder(holder) => std::fmt::Display::fmt(holder, f),
        }
    }
}

/// A wish to prolong a lease.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RenewalSpec {
    /// Which lease.
    pub lease: LeaseRef,
    /// The generation the holder knows; a stale one is refused.
    pub generation: Option<Generation>,
    /// The lifetime from now on; nothing said: as long as it was granted for.
    pub ttl: Option<Span>,
}

/// A wish to give a lease back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseSpec {
    /// Which lease.
    pub lease: LeaseRef,
    /// The generation the holder knows; a stale one is refused.
    pub generation: Option<Generation>,
    /// Whether a lease that is not there is fine.
    pub missing: MissingResource,
    /// Whose word it takes for values that may be in use.
    pub teardown: Teardown,
}

/// The request memory keeps digests of what was asked over an update of allocd: what says no more than it could before has the same
/// one.
impl Hash for ReleaseSpec {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self { lease, generation, missing, teardown } = self;
        (lease, generation, missing).hash(hasher);
        match teardown {
            Teardown::Awaited => {}
            Teardown::Stated => teardown.hash(hasher),
        }
    }
}

/// Whose word it takes that nothing of a lease is left on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Teardown {
    /// The host's own: its values stay until it has confirmed.
    Awaited,
    /// The operator's, who states that the jail is off.
    Stated,
}

/// What to do when the resource to delete is not there (AIP-135 `allow_missing`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissingResource {
    /// Answer that it is gone.
    Allow,
    /// Refuse.
    Refuse,
}
