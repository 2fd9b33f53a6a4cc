//! Leases and hosts as the state keeps them: what was decided, without what can be derived.

use std::net::IpAddr;

use allocd_types::holder::Holder;
use allocd_types::id::{Generation, LeaseId};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::LeaseState;
use allocd_types::mac::Macs;
use allocd_types::name::NetworkName;
use allocd_types::time::{ClusterTime, Span, WallTime};

/// A lease as the state keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LeaseRecord {
    /// Its identity.
    pub id: LeaseId,
    /// Whose it is.
    pub holder: Holder,
    /// On which network.
    pub network: NetworkName,
    /// For which kind of interface.
    pub kind: InterfaceKind,
    /// The unit, if the kind has one.
    pub index: Option<UnitIndex>,
    /// The MACs.
    pub macs: Macs,
    /// The addresses, in the order of the network's subnets.
    pub addresses: Vec<IpAddr>,
    /// Where it is in its life.
    pub state: LeaseState,
    /// Its fencing token.
    pub generation: Generation,
    /// How long it was granted for, if not for ever.
    pub lifetime: Option<Lifetime>,
    /// When it was granted, by a wall clock.
    pub granted_at: WallTime,
    /// Notes.
    pub labels: Labels,
}

/// The lifetime of a lease that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lifetime {
    /// How long each grant or renewal lasts.
    pub ttl: Span,
    /// When it ends, unless it is renewed.
    pub ends_at: ClusterTime,
}

/// Until when the values of a freed lease rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RestDeadlines {
    /// The unit.
    pub index: ClusterTime,
    /// The MACs.
    pub macs: ClusterTime,
    /// The addresses.
    pub addresses: ClusterTime,
}
