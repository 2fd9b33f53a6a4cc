//! Decisions about hosts.

use allocd_types::allocation::MissingResource;
use allocd_types::host::{FenceSpec, Host, HostRegistration, HostSpec, HostState};
use allocd_types::id::Incarnation;
use allocd_types::name::HostName;
use allocd_types::rejection::{Rejection, Subject};

use super::{changed, recovery, seen, unchanged};
use crate::event::Event;
use crate::recovery::last_former_start;
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
        release: None,
        leases: 0,
        awaited: 0,
        suspects: 0,
    };
    Ok(changed(Response::Host(host), Event::HostCreated(spec.clone())))
}

pub(super) fn register(state: &State, registration: &HostRegistration) -> Result<Decision, Rejection> {
    let HostRegistration { host: name, uuid, release, seen: _ } = registration;
    let host = found(state, name)?;
    if let Some(other) = state.allocations.host_uuids.get(uuid).filter(|other| *other != name) {
        return Err(Rejection::HostUuidInUse { host: name.clone(), other: other.clone() });
    }
    let incarnation = host.incarnation.max(last_former_start(state.allocations.timeline)).next();
    let event = Event::HostRegistered { registration: registration.clone(), incarnation };
    let (uuid, release) = (Some(uuid.clone()), release.clone());
    let response = Response::Host(Host { incarnation, uuid, release, ..host });
    let events = [event].into_iter().chain(seen::events(state, registration)).collect();
    Ok(Decision { response, events, after: None })
}

pub(super) fn activate(state: &State, name: &HostName) -> Result<Decision, Rejection> {
    let host = found(state, name)?;
    match host.state {
        HostState::Active => Ok(unchanged(Response::Host(host))),
        HostState::Draining => Ok(turned(host, HostState::Active)),
        // Where no agent has ever spoken, none will say that nothing is left.
        HostState::Fenced if host.incarnation == Incarnation::default() => {
            let event = Event::HostReturned(host.spec.name.clone());
            Ok(changed(Response::Host(Host { state: HostState::Active, ..host }), event))
        }
        HostState::Fenced => Err(Rejection::HostNotReturned { host: name.clone() }),
    }
}

pub(super) fn drain(state: &State, name: &HostName) -> Result<Decision, Rejection> {
    let host = found(state, name)?;
    match host.state {
        HostState::Active => Ok(turned(host, HostState::Draining)),
        HostState::Draining => Ok(unchanged(Response::Host(host))),
        HostState::Fenced => Err(Rejection::HostFenced { host: name.clone() }),
    }
}

/// Who states that a host is off vouches for it in recovery.
pub(super) fn fence(state: &State, spec: &FenceSpec) -> Result<Decision, Rejection> {
    let host = found(state, &spec.host)?;
    if let Some(given) = spec.incarnation.filter(|given| *given != host.incarnation) {
        let (host, current) = (host.spec.name, host.incarnation);
        return Err(Rejection::StaleIncarnation { host, given, current });
    }
    if host.state == HostState::Fenced {
        return Ok(unchanged(Response::Host(host)));
    }
    let name = host.spec.name.clone();
    let mut decision = turned(host, HostState::Fenced);
    decision.events.extend(recovery::vouched_for(state, &name));
    Ok(decision)
}

fn found(state: &State, name: &HostName) -> Result<Host, Rejection> {
    state.host(name).ok_or_else(|| Rejection::NotFound(Subject::Host(name.clone())))
}

fn turned(host: Host, state: HostState) -> Decision {
    let event = Event::HostStateChanged { host: host.spec.name.clone(), state };
    changed(Response::Host(Host { state, ..host }), event)
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
    let incoming = u64::try_from(host.incoming.len()).unwrap_or(u64::MAX);
    if incoming > 0 {
        return Err(Rejection::InUse { subject, users: incoming, by: "leases on their way".into() });
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
