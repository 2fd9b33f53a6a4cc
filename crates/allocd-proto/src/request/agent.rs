//! Requests of a host's agent, and moves, which two agents carry out.

use allocd_types::agent::{AgentRef, AgentReport, Inventory, LeaseAt};
use allocd_types::id::{Incarnation, LeaseId, MoveId};
use allocd_types::limits::LEASES_PER_HOST_MAX;
use allocd_types::migration::{CancelMoveSpec, MoveSpec};
use allocd_types::violation::Violations;

use super::Mutation;
use crate::read::{bounded, list, optional, required, text};
use crate::{lease, v1};

impl TryFrom<v1::ReconcileHostRequest> for Mutation<Inventory> {
    type Error = Violations;

    fn try_from(request: v1::ReconcileHostRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let host = text(&request.name, "name", &mut wrong);
        bounded(request.leases.len(), LEASES_PER_HOST_MAX, "leases", &mut wrong);
        let names = request.leases.iter().take(LEASES_PER_HOST_MAX);
        let leases = list(names, "leases", &mut wrong, |name, field, wrong| lease::id(name, field, wrong));
        let incarnation = Incarnation::new(request.incarnation);
        let wish = host
            .zip(leases)
            .map(|(host, leases)| Inventory { agent: AgentRef { host, incarnation }, leases });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<Inventory>> for v1::ReconcileHostRequest {
    fn from(mutation: Mutation<Inventory>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let Inventory { agent: AgentRef { host, incarnation }, leases } = mutation.wish;
        Self {
            request_id,
            validate_only,
            name: host.to_string(),
            incarnation: incarnation.get(),
            leases: leases.into_iter().map(LeaseId::resource_name).collect(),
        }
    }
}

/// Requests in which an agent speaks of one lease.
macro_rules! reports {
    ($($request:ident;)*) => {$(
        impl TryFrom<v1::$request> for Mutation<AgentReport> {
            type Error = Violations;

            fn try_from(request: v1::$request) -> Result<Self, Violations> {
                let mut wrong = Violations::default();
                let host = text(&request.host, "host", &mut wrong);
                let incarnation = Incarnation::new(request.incarnation);
                let lease = lease::id(&request.name, "name", &mut wrong);
                let generation = required(request.generation, "generation", &mut wrong);
                let wish = host.zip(lease).zip(generation);
                let wish = wish.map(|((host, lease), generation)| AgentReport {
                    agent: AgentRef { host, incarnation },
                    lease: LeaseAt { lease, generation },
                });
                Self::finish(&request.request_id, request.validate_only, wish, wrong)
            }
        }

        impl From<Mutation<AgentReport>> for v1::$request {
            fn from(mutation: Mutation<AgentReport>) -> Self {
                let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
                let AgentReport { agent, lease: LeaseAt { lease, generation } } = mutation.wish;
                Self {
                    request_id,
                    validate_only,
                    host: agent.host.to_string(),
                    incarnation: agent.incarnation.get(),
                    name: lease.resource_name(),
                    generation: Some(generation.into()),
                }
            }
        }
    )*};
}

reports! {
    BindLeaseRequest;
    ConfirmTeardownRequest;
}

impl TryFrom<v1::MoveLeaseRequest> for Mutation<MoveSpec> {
    type Error = Violations;

    fn try_from(request: v1::MoveLeaseRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let lease = lease::reference(&request.name, request.holder, &mut wrong);
        let generation = optional(request.generation, "generation", &mut wrong);
        let to = text(&request.to, "to", &mut wrong);
        let wish = lease.zip(generation).zip(to);
        let wish = wish.map(|((lease, generation), to)| MoveSpec { lease, generation, to });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<MoveSpec>> for v1::MoveLeaseRequest {
    fn from(mutation: Mutation<MoveSpec>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let MoveSpec { lease, generation, to } = mutation.wish;
        let (name, holder) = lease::reference_fields(lease);
        let generation = generation.map(Into::into);
        Self { request_id, validate_only, name, holder, generation, to: to.to_string() }
    }
}

impl TryFrom<v1::CancelMoveRequest> for Mutation<CancelMoveSpec> {
    type Error = Violations;

    fn try_from(request: v1::CancelMoveRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let lease = lease::reference(&request.name, request.holder, &mut wrong);
        let id = request.move_id.map(MoveId::new);
        let wish = lease.map(|lease| CancelMoveSpec { lease, id });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<CancelMoveSpec>> for v1::CancelMoveRequest {
    fn from(mutation: Mutation<CancelMoveSpec>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let CancelMoveSpec { lease, id } = mutation.wish;
        let (name, holder) = lease::reference_fields(lease);
        Self { request_id, validate_only, name, holder, move_id: id.map(MoveId::get) }
    }
}
