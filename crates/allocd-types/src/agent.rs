//! What a host's agent says: who speaks, what it takes up, what it has torn down, and everything that is there.
//!
//! *A value that may be in use is never freed by somebody else's word.* So an agent takes a lease up before its first step with
//! the lease's values, and says when nothing of it is left; the cluster believes nobody else but an operator who says so.

use crate::allocation::Pins;
use crate::holder::Holder;
use crate::id::{Generation, Incarnation, LeaseId};
use crate::kind::InterfaceKind;
use crate::label::Labels;
use crate::lease::Lease;
use crate::name::{HostName, InterfaceLabel, JailName, NetworkName};

/// Who speaks: one start of a host's agent. An older one than the last that registered is refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AgentRef {
    /// The host.
    pub host: HostName,
    /// Which start of its agent.
    pub incarnation: Incarnation,
}

/// A lease as an agent knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseAt {
    /// The lease.
    pub lease: LeaseId,
    /// The generation that the agent goes by; a stale one is refused.
    pub generation: Generation,
}

/// An agent speaks of one lease: it takes it up, or has nothing left of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AgentReport {
    /// Who speaks.
    pub agent: AgentRef,
    /// Of which lease.
    pub lease: LeaseAt,
}

/// A lease that lives on a host, as its agent was last told of it before the cluster was restored from a backup, which may know
/// nothing of it or something older.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Adoption {
    /// Who speaks.
    pub agent: AgentRef,
    /// Which lease, at the generation that the agent was told.
    pub lease: LeaseAt,
    /// The jail that has it.
    pub jail: JailName,
    /// Which of the jail's interfaces.
    pub interface: InterfaceLabel,
    /// On which network.
    pub network: NetworkName,
    /// For which kind of interface.
    pub kind: InterfaceKind,
    /// Everything that it has: nothing is chosen for it.
    pub values: Pins,
    /// Notes.
    pub labels: Labels,
}

impl Adoption {
    /// A lease with all that it has, as this agent was told of it.
    #[must_use]
    pub fn of(agent: AgentRef, lease: &Lease) -> Self {
        let addresses = lease.addresses.iter().map(|leased| leased.address).collect();
        Self {
            agent,
            lease: LeaseAt { lease: lease.id, generation: lease.generation },
            jail: lease.holder.jail.clone(),
            interface: lease.holder.interface.clone(),
            network: lease.network.clone(),
            kind: lease.kind,
            values: Pins { index: lease.index, macs: lease.macs, addresses },
            labels: lease.labels.clone(),
        }
    }

    /// Whose the lease is.
    #[must_use]
    pub fn holder(&self) -> Holder {
        let (host, jail, interface) = (&self.agent.host, &self.jail, &self.interface);
        Holder { host: host.clone(), jail: jail.clone(), interface: interface.clone() }
    }
}

/// Which leases something is left of on a host: marked interfaces, rendered files, running jails.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Inventory {
    /// Who speaks.
    pub agent: AgentRef,
    /// The leases, each once.
    pub leases: Vec<LeaseId>,
}

/// What a host should do, by its inventory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Reconciliation {
    /// Leases that are there and should be.
    pub keep: Vec<LeaseId>,
    /// Leases that should be there and are not.
    pub create: Vec<LeaseId>,
    /// Leases of which nothing should be there.
    pub destroy: Vec<LeaseId>,
    /// Of those to create: the host had them in use once and has lost them.
    pub suspect: Vec<LeaseId>,
    /// Leases of before a restore that are there: the host should say what they are.
    pub adopt: Vec<LeaseId>,
}

impl Reconciliation {
    /// How many leases it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keep.len() + self.create.len() + self.destroy.len() + self.adopt.len()
    }

    /// True if it names none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
