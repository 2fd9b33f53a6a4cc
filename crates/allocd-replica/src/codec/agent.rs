//! What a host's agent says.

use allocd_proto::storage::v1;
use allocd_types::agent::{Adoption, AgentRef, AgentReport, Inventory, LeaseAt, Reconciliation};
use allocd_types::allocation::Pins;
use allocd_types::id::{Incarnation, LeaseId};
use allocd_types::name::InterfaceLabel;

use super::value::load_optional;
use super::{CodecError, Stored, load_all, load_required, store_all, valid};

impl Stored for AgentRef {
    type Message = v1::Agent;

    fn store(&self) -> v1::Agent {
        v1::Agent { host: self.host.store(), incarnation: self.incarnation.get() }
    }

    fn load(message: v1::Agent) -> Result<Self, CodecError> {
        let incarnation = Incarnation::new(message.incarnation);
        Ok(Self { host: Stored::load(message.host)?, incarnation })
    }
}

impl Stored for AgentReport {
    type Message = v1::AgentReport;

    fn store(&self) -> v1::AgentReport {
        let Self { agent, lease: LeaseAt { lease, generation } } = self;
        let (agent, generation) = (Some(agent.store()), Some(generation.store()));
        v1::AgentReport { agent, lease: lease.get(), generation }
    }

    fn load(message: v1::AgentReport) -> Result<Self, CodecError> {
        let generation = load_required("generation", message.generation)?;
        let lease = LeaseAt { lease: LeaseId::new(message.lease), generation };
        Ok(Self { agent: load_required("agent", message.agent)?, lease })
    }
}

impl Stored for Adoption {
    type Message = v1::Adoption;

    fn store(&self) -> v1::Adoption {
        let Self { agent, lease: LeaseAt { lease, generation }, jail, interface, .. } = self;
        let Pins { index, macs, addresses } = &self.values;
        v1::Adoption {
            agent: Some(agent.store()),
            lease: lease.get(),
            generation: Some(generation.store()),
            jail: jail.store(),
            interface: interface.to_string(),
            network: self.network.store(),
            kind: self.kind.store(),
            index: index.as_ref().map(Stored::store),
            macs: Some(macs.store()),
            addresses: store_all(addresses),
            labels: self.labels.store(),
        }
    }

    fn load(message: v1::Adoption) -> Result<Self, CodecError> {
        let generation = load_required("generation", message.generation)?;
        Ok(Self {
            agent: load_required("agent", message.agent)?,
            lease: LeaseAt { lease: LeaseId::new(message.lease), generation },
            jail: Stored::load(message.jail)?,
            interface: valid("interface", InterfaceLabel::new(&message.interface))?,
            network: Stored::load(message.network)?,
            kind: Stored::load(message.kind)?,
            values: Pins {
                index: load_optional(message.index)?,
                macs: load_required("MAC addresses", message.macs)?,
                addresses: load_all(message.addresses)?,
            },
            labels: Stored::load(message.labels)?,
        })
    }
}

impl Stored for Inventory {
    type Message = v1::Inventory;

    fn store(&self) -> v1::Inventory {
        v1::Inventory { agent: Some(self.agent.store()), leases: numbers(&self.leases) }
    }

    fn load(message: v1::Inventory) -> Result<Self, CodecError> {
        Ok(Self { agent: load_required("agent", message.agent)?, leases: leases(message.leases) })
    }
}

impl Stored for Reconciliation {
    type Message = v1::Reconciliation;

    fn store(&self) -> v1::Reconciliation {
        let Self { keep, create, destroy, suspect, adopt } = self;
        v1::Reconciliation {
            keep: numbers(keep),
            create: numbers(create),
            destroy: numbers(destroy),
            suspect: numbers(suspect),
            adopt: numbers(adopt),
        }
    }

    fn load(message: v1::Reconciliation) -> Result<Self, CodecError> {
        let v1::Reconciliation { keep, create, destroy, suspect, adopt } = message;
        Ok(Self {
            keep: leases(keep),
            create: leases(create),
            destroy: leases(destroy),
            suspect: leases(suspect),
            adopt: leases(adopt),
        })
    }
}

fn numbers(leases: &[LeaseId]) -> Vec<u64> {
    leases.iter().map(|lease| lease.get()).collect()
}

fn leases(numbers: Vec<u64>) -> Vec<LeaseId> {
    numbers.into_iter().map(LeaseId::new).collect()
}
