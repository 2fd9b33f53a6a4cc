//! A lease as it is told: a holder's right to a bundle of values, with what the network adds to them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::address::Prefix;
use crate::holder::Holder;
use crate::id::{Generation, LeaseId};
use crate::index::UnitIndex;
use crate::kind::InterfaceKind;
use crate::label::Labels;
use crate::mac::{Mac, Macs};
use crate::migration::Migration;
use crate::name::{InterfaceName, NetworkName, VrfName};
use crate::time::{Span, WallTime};

/// A lease with everything its holder needs to configure the interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
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
    /// The name of the host's end, or of the only one.
    pub ifname_a: Option<InterfaceName>,
    /// The name of the jail's end of a cable.
    pub ifname_b: Option<InterfaceName>,
    /// The MACs.
    pub macs: Macs,
    /// The MAC beside its only one, where the lease holds that too: a pool hands out pairs, and one that came from outside the
    /// pools is held alone. It is for what must not have the lease's own, such as a tap(4) whose guest has that.
    pub mac_beside: Option<Mac>,
    /// The addresses, in the order of the network's subnets.
    pub addresses: Vec<LeasedAddress>,
    /// The bridge on this host.
    pub bridge: InterfaceName,
    /// The VLAN, if the network has one.
    pub vlan: Option<u16>,
    /// The MTU, if the network has one.
    pub mtu: Option<u16>,
    /// The network's resolvers.
    pub resolvers: Vec<IpAddr>,
    /// Where it is in its life.
    pub state: LeaseState,
    /// Whether its values may be in use on its host: an agent has taken them up.
    pub is_delivered: bool,
    /// The move that is under way; the lease is where it was until its host has confirmed that nothing of it is left.
    pub migration: Option<Migration>,
    /// That its host had it in use once and has lost it, if it has.
    pub suspicion: Option<Suspicion>,
    /// True while the cluster is in recovery and the lease is of a former timeline: it may be gone, and somebody else may have its
    /// values. Nobody begins to use them.
    pub is_unconfirmed: bool,
    /// Its fencing token.
    pub generation: Generation,
    /// What is left of its lifetime, in cluster time; permanent if nothing is said.
    pub remaining: Option<Span>,
    /// When it was granted, by a wall clock, for people.
    pub granted_at: WallTime,
    /// Notes.
    pub labels: Labels,
}

impl Lease {
    /// All MACs that nobody else has while the lease lasts.
    pub fn held_macs(&self) -> impl Iterator<Item = Mac> {
        self.macs.iter().chain(self.mac_beside)
    }
}

/// One address of a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedAddress {
    /// The address.
    pub address: IpAddr,
    /// The subnet it is from; its length is the interface's prefix length.
    pub subnet: Prefix,
    /// The subnet's default router, if it has one.
    pub gateway: Option<IpAddr>,
    /// The scope in which it is unique.
    pub vrf: VrfName,
}

/// What is known of a lease that its host had in use once and has lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Suspicion {
    /// How long it has been lost, in cluster time.
    pub lost_for: Span,
    /// What is left until it ends by itself, in cluster time; nothing is said where suspects end only by an operator's word.
    pub ends_in: Option<Span>,
}

/// The life of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseState {
    /// Handed out; its host has not reported it in use.
    Granted,
    /// Its host has taken it up: its values may be in use.
    Bound,
    /// Given back; its host has still to confirm that nothing of it is left.
    Releasing,
}

/// The text names no state of a lease.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no state of a lease: granted, bound or releasing")]
pub struct LeaseStateError {
    /// What was given.
    pub text: String,
}

impl LeaseState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Granted, Self::Bound, Self::Releasing];
}

impl FromStr for LeaseState {
    type Err = LeaseStateError;

    fn from_str(text: &str) -> Result<Self, LeaseStateError> {
        Self::ALL
            .into_iter()
            .find(|state| state.to_string() == text)
            .ok_or_else(|| LeaseStateError { text: text.to_owned() })
    }
}

impl fmt::Display for LeaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Granted => "granted",
            Self::Bound => "bound",
            Self::Releasing => "releasing",
        })
    }
}
