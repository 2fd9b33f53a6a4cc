//! Requests of a host's agent, and moves, which two agents carry out.

use allocd_types::agent::{Adoption, AgentRef, AgentReport, Inventory, LeaseAt};
use allocd_types::allocation::Pins;
use allocd_types::id::{Incarnation, LeaseId, MoveId};
use allocd_types::kind::{InterfaceKind, MacNeed};
use allocd_types::label::Labels;
use allocd_types::limits::LEASES_PER_HOST_MAX;
use allocd_types::mac::Macs;
use allocd_types::migration::{CancelMoveSpec, MoveSpec};
use allocd_types::name::InterfaceLabel;
use allocd_types::violation::Violations;

use super::Mutation;
use crate::enumeration::said_or;
use crate::read::{Read, bounded, list, optional, required, text, text_or};
use crate::{label, lease, mac, v1};

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

impl TryFrom<v1::AdoptLeaseRequest> for Mutation<Adoption> {
    type Error = Violations;

    fn try_from(request: v1::AdoptLeaseRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let host = text(&request.host, "host", &mut wrong);
        let incarnation = Incarnation::new(request.incarnation);
        let lease = lease::id(&request.name, "name", &mut wrong);
        let generation = required(request.generation, "generation", &mut wrong);
        let jail = text(&request.jail, "jail", &mut wrong);
        let interface = text_or(&request.interface, InterfaceLabel::unsaid(), "interface", &mut wrong);
        let network = text(&request.network, "network", &mut wrong);
        let kind = said_or::<v1::InterfaceKind>(request.kind, InterfaceKind::Epair, "kind", &mut wrong);
        let values = request.values.unwrap_or_default().read("values", &mut wrong);
        if let (Some(kind), Some(values)) = (kind, &values) {
            check_complete(kind, values, &mut wrong);
        }
        let labels = Labels::check("labels", request.labels, &mut wrong);
        let at = lease.zip(generation).map(|(lease, generation)| LeaseAt { lease, generation });
        let whose = host.zip(jail).zip(interface);
        let wish = at.zip(whose).zip(network.zip(kind).zip(values));
        let wish = wish.map(|((lease, ((host, jail), interface)), ((network, kind), values))| Adoption {
            agent: AgentRef { host, incarnation },
            lease,
            jail,
            interface,
            network,
            kind,
            values,
            labels,
        });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

/// Notes what an interface of this kind lacks or has too much of.
fn check_complete(kind: InterfaceKind, values: &Pins, wrong: &mut Violations) {
    mac::check_fit(kind, values.macs, "values", wrong);
    if values.macs == Macs::None && kind.mac_need() != MacNeed::None {
        wrong.add("values.mac_a", format!("is missing: an interface of kind {kind} has a MAC address"));
    }
    match (values.index, kind.has_index()) {
        (None, true) => wrong.add("values.index", format!("is missing: interfaces of kind {kind} have one")),
        (Some(_), false) => wrong.add("values.index", format!("interfaces of kind {kind} have no index")),
        (None, false) | (Some(_), true) => {}
    }
}

impl From<Mutation<Adoption>> for v1::AdoptLeaseRequest {
    fn from(mutation: Mutation<Adoption>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let Adoption { agent, lease: LeaseAt { lease, generation }, jail, interface, .. } = mutation.wish;
        Self {
            request_id,
            validate_only,
            host: agent.host.to_string(),
            incarnation: agent.incarnation.get(),
            name: lease.resource_name(),
            generation: Some(generation.into()),
            jail: jail.to_string(),
            interface: interface.to_string(),
            network: mutation.wish.network.to_string(),
            kind: v1::InterfaceKind::from(mutation.wish.kind).into(),
            values: Some(mutation.wish.values.into()),
            labels: label::map(&mutation.wish.labels),
        }
    }
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
