//! What a host's agent says.

use allocd_proto::storage::v1;
use allocd_types::agent::{AgentRef, AgentReport, Inventory, LeaseAt, Reconciliation};
use allocd_types::id::{Incarnation, LeaseId};

use super::{CodecError, Stored, load_required};

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
        let Self { keep, create, destroy, suspect } = self;
        v1::Reconciliation {
            keep: numbers(keep),
            create: numbers(create),
            destroy: numbers(destroy),
            suspect: numbers(suspect),
        }
    }

    fn load(message: v1::Reconciliation) -> Result<Self, CodecError> {
        let v1::Reconciliation { keep, create, destroy, suspect } = message;
        Ok(Self {
            keep: leases(keep),
            create: leases(create),
            destroy: leases(destroy),
            suspect: leases(suspect),
        })
    }
}

fn numbers(leases: &[LeaseId]) -> Vec<u64> {
    leases.iter().map(|lease| lease.get()).collect()
}

fn leases(numbers: Vec<u64>) -> Vec<LeaseId> {
    numbers.into_iter().map(LeaseId::new).collect()
}
