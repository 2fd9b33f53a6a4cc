//! Decisions about hosts.

use allocd_types::allocation::MissingResource;
use allocd_types::host::{Host, HostSpec, HostState, HostUuid};
use allocd_types::id::Incarnation;
use allocd_types::name::HostName;
use allocd_types::rejection::{Rejection, Subject};

use super::{changed, unchanged};
use crate::event::Event;
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn create(state: &State, spec: &HostSpec) -> Result<Decision, Rejection> {
    match state.host(&spec.name) {
        Some(host) if host.spec == *spec => return Ok(unchanged(Response::Host(host))),
        Some(_) => return Err(Rejection::Exists(Subject::Host(spec.name.clone()))),
        None => {}
    }
    if let Some(unknown) = spec.bridges.keys().find(|network| state.network(network).is_none()) {
        return Err(Rejection::NotFound(Subject::Network(unknown.clone())));
    }
    let host = Host {
        spec: spec.clone(),
        state: HostState::Active,
        incarnation: Incarnation::default(),
        uuid: None,
        leases: 0,
    };
    Ok(changed(Response::Host(host), Event::HostCreated(spec.clone())))
}

pub(super) fn register(state: &State, name: &HostName, uuid: &HostUuid) -> Result<Decision, Rejection> {
    let Some(host) = state.host(name) else {
        return Err(Rejection::NotFound(Subject::Host(name.clone())));
    };
    if let Some(other) = state.allocations.host_uuids.get(uuid).filter(|other| *other != name) {
        return Err(Rejection::HostUuidInUse { host: name.clone(), other: other.clone() });
    }
    let incarnation = host.incarnation.next();
    let event = Event::HostRegistered { host: name.clone(), uuid: uuid.clone(), incarnation };
    Ok(changed(Response::Host(Host { incarnation, uuid: Some(uuid.clone()), ..host }), event))
}

pub(super) fn delete(
    state: &State,
    name: &HostName,
    missing: MissingResource,
) -> Result<Decision, Rejection> {
    let subject = Subject::Host(name.clone());
    let Some(host) = state.allocations.hosts.get(name) else {
        return match missing {
            MissingResource::Allow => Ok(unchanged(Response::Done)),
            MissingResource::Refuse => Err(Rejection::NotFound(subject)),
        };
    };
    let leases = u64::try_from(host.holders.len()).unwrap_or(u64::MAX);
    if leases > 0 {
        return Err(Rejection::InUse { subject, users: leases, by: "leases".into() });
    }
    let reservations =
        state.allocations.reservations.values().filter(|reservation| reservation.holder.host == *name);
    let users: u64 = reservations.map(|_| 1).sum();
    if users > 0 {
        return Err(Rejection::InUse { subject, users, by: "reservations".into() });
    }
    let exclusions = state.allocations.exclusions.values().filter(|exclusion| {
        matches!(&exclusion.values, allocd_types::exclusion::ExcludedValues::Indices { host, .. } if host == name)
    });
    let users: u64 = exclusions.map(|_| 1).sum();
    if users > 0 {
        return Err(Rejection::InUse { subject, users, by: "exclusions".into() });
    }
    // A host made anew under the same name must not get units that still rest.
    let resting: usize = host.indices.values().map(|space| space.resting_count()).sum();
    if resting > 0 {
        let users = u64::try_from(resting).unwrap_or(u64::MAX);
        return Err(Rejection::InUse { subject, users, by: "resting indices".into() });
    }
    Ok(changed(Response::Done, Event::HostDeleted(name.clone())))
}
