//! One value and everything known about it: what `allocctl why` asks.

use std::fmt;
use std::net::IpAddr;

use crate::exclusion::ExclusionSpec;
use crate::id::LeaseId;
use crate::index::UnitIndex;
use crate::kind::InterfaceKind;
use crate::lease::Lease;
use crate::mac::Mac;
use crate::name::{HostName, VrfName};
use crate::pool::PoolRef;
use crate::reservation::ReservationSpec;
use crate::time::Span;

/// A value of some pool.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A unit of a kind on a host.
    Index(HostName, InterfaceKind, UnitIndex),
    /// A MAC address.
    Mac(Mac),
    /// An address in a VRF.
    Address(VrfName, IpAddr),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Index(host, kind, index) => format!("{kind}{index} on {host}"),
            Self::Mac(mac) => mac.to_string(),
            Self::Address(_, address) => address.to_string(),
        })
    }
}

/// The state of one value; a pool's values are always partitioned into these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueState {
    /// May be handed out.
    Free,
    /// Held by a lease.
    Leased,
    /// Set aside for a named holder.
    Reserved,
    /// Resting after its last lease.
    Quarantined,
    /// Never handed out.
    Excluded,
    /// In no pool.
    Foreign,
}

impl fmt::Display for ValueState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Free => "free",
            Self::Leased => "leased",
            Self::Reserved => "reserved",
            Self::Quarantined => "quarantined",
            Self::Excluded => "excluded",
            Self::Foreign => "in no pool",
        })
    }
}

/// Everything known about one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueReport {
    /// The value.
    pub value: Value,
    /// Its state.
    pub state: ValueState,
    /// The pool it belongs to, if any.
    pub pool: Option<PoolRef>,
    /// The lease that holds it, if any.
    pub lease: Option<Lease>,
    /// The lease that held it last, if that is remembered.
    pub last_lease: Option<LeaseId>,
    /// Who held it last, if that is remembered.
    pub last_holder: Option<crate::holder::Holder>,
    /// How long it still rests.
    pub rests_for: Option<Span>,
    /// Reservations of it.
    pub reservations: Vec<ReservationSpec>,
    /// Exclusions that cover it.
    pub exclusions: Vec<ExclusionSpec>,
    /// Why it can belong to no host, if it cannot: the subnet's gateway and the like.
    pub never_a_host: Option<crate::address::NotAHost>,
}
