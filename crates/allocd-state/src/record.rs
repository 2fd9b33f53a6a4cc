//! Leases and hosts as the state keeps them: what was decided, without what can be derived.

use std::net::IpAddr;
use std::sync::Arc;

use allocd_types::holder::Holder;
use allocd_types::id::{Generation, LeaseId};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::LeaseState;
use allocd_types::mac::Macs;
use allocd_types::migration::Migration;
use allocd_types::name::{InterfaceLabel, NetworkName};
use allocd_types::time::{ClusterTime, Span, WallTime};
use allocd_types::value::Value;

use crate::event::SpaceRef;
use crate::state::Allocations;

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
    /// Whether its host's agent has taken it up, so that its values may be in use there.
    pub is_delivered: bool,
    /// The move that is under way.
    pub migration: Option<Arc<Migration>>,
    /// Declined values that its host may be using still: they are its own until the host binds it anew.
    pub retired: Option<Arc<Vec<Value>>>,
    /// Its fencing token.
    pub generation: Generation,
    /// How long it was granted for, if not for ever.
    pub lifetime: Option<Lifetime>,
    /// When it was granted, by a wall clock.
    pub granted_at: WallTime,
    /// Notes.
    pub labels: Labels,
}

impl LeaseRecord {
    /// True if it waits for its host to confirm that nothing of it is left.
    pub(crate) fn is_awaited(&self) -> bool {
        self.state == LeaseState::Releasing || self.migration.is_some()
    }

    /// Whose it will be once its move is over.
    pub(crate) fn next_holder(&self) -> Option<Holder> {
        let migration = self.migration.as_ref()?;
        Some(Holder { host: migration.to.clone(), ..self.holder.clone() })
    }

    /// Takes the names that the state has anyway from there, and gives back what its own ones and spare room take: a lease is
    /// kept for long, and there are many.
    pub(crate) fn share_names(&mut self, all: &Allocations) {
        let host = all.hosts.get(&self.holder.host).map(|host| &host.spec.name);
        // A host's name may be said in another case, and is told as it was said.
        if let Some(name) = host.filter(|name| name.as_str() == self.holder.host.as_str()) {
            self.holder.host = name.clone();
        }
        if let Some(network) = all.networks.get(&self.network) {
            self.network = network.spec.name.clone();
        }
        let unsaid = InterfaceLabel::unsaid();
        if self.holder.interface == unsaid {
            self.holder.interface = unsaid;
        }
        self.addresses.shrink_to_fit();
    }
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

impl RestDeadlines {
    /// The deadline of a space's values.
    pub(crate) const fn of(&self, space: &SpaceRef) -> ClusterTime {
        match space {
            SpaceRef::HostIndex(..) | SpaceRef::ClusterIndex(_) => self.index,
            SpaceRef::Mac(_) | SpaceRef::ForeignMac => self.macs,
            SpaceRef::Subnet(..) => self.addresses,
        }
    }
}
