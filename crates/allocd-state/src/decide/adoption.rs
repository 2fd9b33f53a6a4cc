//! Taking over what lives on a host since before a restore, whatever the backup has of it.
//!
//! The host's agent names a lease with everything that it has, at the generation at which it was told. That is later than what the
//! backup has, or as late, and then it is so; only another host that had the lease later still has more of a say. Where its values
//! are another lease's in the backup, that lease has ended in the lost hours; this is believed once that lease's own host has
//! told that it has nothing of it, or is declared off. Until then the agent is told who is in the way, and asks again.

use std::collections::BTreeSet;
use std::sync::Arc;

use allocd_types::agent::{Adoption, Reconciliation};
use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish, LeaseRef};
use allocd_types::grant::{Granted, Novelty};
use allocd_types::host::HostState;
use allocd_types::id::{Generation, LeaseId};
use allocd_types::lease::LeaseState;
use allocd_types::rejection::{Rejection, Subject};

use super::agent::speaking;
use super::choice::{Claim, Origin};
use super::lease::composed;
use super::release::{freeing, rest_deadlines};
use super::{recovery, unchanged};
use crate::context::Context;
use crate::event::{Event, FreedCause};
use crate::evolve::evolve;
use crate::record::{LeaseRecord, Lifetime};
use crate::recovery::Recovery;
use crate::response::{Decision, Response};
use crate::state::{HostEntry, Place, State};

pub(super) fn adopt(
    state: &State,
    context: &mut Context,
    adoption: &Adoption,
) -> Result<Decision, Rejection> {
    let host = speaking(state, &adoption.agent)?;
    if host.state == HostState::Fenced {
        return Err(Rejection::HostFenced { host: host.spec.name.clone() });
    }
    let known = state.lease(adoption.lease.lease);
    let is_as_named = |record: &&Arc<LeaseRecord>| is_as_named(record, adoption);
    let Some(recovery) = &state.allocations.recovery else {
        // Said again after the end, it is a fact.
        let record = known.filter(is_as_named).ok_or(Rejection::NotRecovering)?;
        return Ok(unchanged(told(state, record)));
    };
    let is_confirmed = |record: &&Arc<LeaseRecord>| !state.allocations.is_unconfirmed(record);
    if let Some(record) = known.filter(is_confirmed).filter(is_as_named) {
        return Ok(unchanged(told(state, record)));
    }
    check_newest(state, recovery, adoption, known)?;
    let mut work = state.clone();
    let mut events = Vec::new();
    for record in superseded(state, recovery, host, adoption) {
        let event = freeing(&work, &record, FreedCause::Superseded);
        evolve(&mut work, &event);
        events.push(event);
    }
    let lease = Arc::new(living(&work, context, adoption)?);
    let rest = rest_deadlines(state, known.unwrap_or(&lease));
    let event = Event::LeaseAdopted { lease: Arc::clone(&lease), former: adoption.lease.generation, rest };
    evolve(&mut work, &event);
    events.push(event);
    Ok(Decision { response: told(&work, &lease), events, after: Some(work) })
}

/// What a host's inventory means in recovery: what it should say more of, and whether its word is complete.
pub(super) fn events(
    state: &State,
    host: &HostEntry,
    there: &BTreeSet<LeaseId>,
    found: &mut Reconciliation,
) -> Vec<Event> {
    let all = &state.allocations;
    let Some(recovery) = &all.recovery else { return Vec::new() };
    let is_of_before = |lease: &LeaseId| match state.lease(*lease) {
        Some(record) => all.is_unconfirmed(record),
        // A number that this timeline has given, or taken over, it has also taken back.
        None => *lease < recovery.first_lease && !recovery.adopted.contains_key(lease),
    };
    found.adopt.extend(there.iter().filter(|lease| is_of_before(lease)));
    let name = &host.spec.name;
    let unconfirmed = || state.leases_on(name).filter(|record| all.is_unconfirmed(record));
    let missed: Vec<LeaseId> =
        unconfirmed().map(|record| record.id).filter(|lease| !there.contains(lease)).collect();
    let was_missed = unconfirmed().filter(|record| recovery.absent.contains(&record.id)).count();
    let is_told = missed.len() == was_missed && missed.iter().all(|lease| recovery.absent.contains(lease));
    let mut events = Vec::new();
    if !is_told {
        events.push(Event::LeasesMissed { host: name.clone(), leases: missed });
    }
    if found.adopt.is_empty() {
        events.extend(recovery::vouched_for(state, name));
    }
    events
}

/// True if the lease is exactly what lives.
fn is_as_named(record: &LeaseRecord, adoption: &Adoption) -> bool {
    let addresses: BTreeSet<_> = record.addresses.iter().collect();
    record.holder == adoption.holder()
        && record.network == adoption.network
        && record.kind == adoption.kind
        && record.index == adoption.values.index
        && record.macs == adoption.values.macs
        && addresses == adoption.values.addresses.iter().collect()
}

/// Checks that nothing later is known of the lease.
fn check_newest(
    state: &State,
    recovery: &Recovery,
    adoption: &Adoption,
    known: Option<&Arc<LeaseRecord>>,
) -> Result<(), Rejection> {
    let (lease, given) = (adoption.lease.lease, adoption.lease.generation);
    let is_later = |adopted: &Generation| given > *adopted;
    let adopted = recovery.adopted.get(&lease);
    let is_newest = given.timeline < state.allocations.timeline
        && match (known, adopted) {
            // What this timeline has done with it is later than anything.
            (None, Some(_)) => false,
            (None, None) => lease < recovery.first_lease,
            (Some(_), Some(adopted)) => is_later(adopted),
            (Some(record), None) => given >= record.generation,
        };
    match known {
        _ if is_newest => Ok(()),
        Some(record) => Err(Rejection::Fenced { lease, given, current: record.generation }),
        None => Err(Rejection::NotFound(Subject::Lease(LeaseRef::Id(lease)))),
    }
}

/// The leases of the backup that have ended, since this one lives with what was theirs.
fn superseded(
    state: &State,
    recovery: &Recovery,
    host: &HostEntry,
    adoption: &Adoption,
) -> Vec<Arc<LeaseRecord>> {
    let holder = adoption.holder();
    let by_value = places(state, adoption).into_iter().filter_map(|place| {
        let lease = state.space(&place.space)?.lease_of(place.number)?;
        state.lease(lease)
    });
    let by_holder = state.lease_on(host, &holder).into_iter().chain(state.incoming_on(host, &holder));
    let mut found: Vec<Arc<LeaseRecord>> = by_value.chain(by_holder).cloned().collect();
    found.sort_by_key(|record| record.id);
    found.dedup_by_key(|record| record.id);
    let has_ended = |record: &LeaseRecord| {
        let is_off = state.host_state(&record.holder.host) == Some(HostState::Fenced);
        recovery.absent.contains(&record.id) || record.holder == holder || is_off
    };
    found.retain(|record| {
        let is_other = record.id != adoption.lease.lease;
        is_other && state.allocations.is_unconfirmed(record) && has_ended(record)
    });
    found
}

fn places(state: &State, adoption: &Adoption) -> Vec<Place> {
    let (all, values) = (&state.allocations, &adoption.values);
    let index = values.index.map(|index| all.index_place(&adoption.agent.host, adoption.kind, index));
    let addresses = values.addresses.iter();
    let addresses = addresses.filter_map(|address| all.address_place(&adoption.network, *address));
    index.into_iter().chain(all.mac_places(values.macs)).chain(addresses).collect()
}

/// The lease as it lives.
fn living(state: &State, context: &mut Context, adoption: &Adoption) -> Result<LeaseRecord, Rejection> {
    let known = state.lease(adoption.lease.lease);
    let is_unchanged = |record: &&Arc<LeaseRecord>| {
        record.generation == adoption.lease.generation && is_as_named(record, adoption)
    };
    let mut lease = match known.filter(is_unchanged) {
        Some(record) => vouched_for(record),
        None => composed_anew(state, context, adoption)?,
    };
    lease.generation = Generation { timeline: state.allocations.timeline, revision: state.revision.next() };
    lease.is_delivered = true;
    lease.lifetime = known
        .and_then(|record| record.lifetime)
        .map(|Lifetime { ttl, .. }| Lifetime { ttl, ends_at: state.now.after(ttl) });
    lease.share_names(&state.allocations);
    Ok(lease)
}

/// The lease is as the backup has it: what was asked of its host is asked still, such as to bind it anew.
fn vouched_for(record: &LeaseRecord) -> LeaseRecord {
    let is_taken_up = !record.is_delivered && record.state == LeaseState::Granted;
    let state = if is_taken_up { LeaseState::Bound } else { record.state };
    LeaseRecord { state, ..record.clone() }
}

/// The lease with all that its host names, whatever the backup has for it.
fn composed_anew(
    state: &State,
    context: &mut Context,
    adoption: &Adoption,
) -> Result<LeaseRecord, Rejection> {
    let Some(network) = state.network(&adoption.network) else {
        return Err(Rejection::NotFound(Subject::Network(adoption.network.clone())));
    };
    // What it has is not in its own way.
    let mut without = state.clone();
    if let Some(record) = state.lease(adoption.lease.lease) {
        evolve(&mut without, &freeing(state, record, FreedCause::Superseded));
    }
    let spec = AllocationSpec {
        holder: adoption.holder(),
        network: adoption.network.clone(),
        kind: adoption.kind,
        ipv4: FamilyWish::Unwanted,
        ipv6: FamilyWish::Unwanted,
        pins: adoption.values.clone(),
        ttl: None,
        existing: ExistingLease::Refuse,
        labels: adoption.labels.clone(),
    };
    if let Some(other) = without.lease_of(&spec.holder) {
        let (holder, lease) = (spec.holder.clone(), other.id);
        return Err(Rejection::HolderHasLease { holder, lease, differences: Vec::new() });
    }
    let claim = Claim::new(&without, &spec, network, Origin::Import);
    let record = composed(context, &claim)?;
    recovery::check_grant(&without, &spec, &record)?;
    Ok(LeaseRecord { id: adoption.lease.lease, state: LeaseState::Bound, ..record })
}

fn told(state: &State, record: &LeaseRecord) -> Response {
    Response::Lease(Granted { lease: state.told(record), novelty: Novelty::Existing })
}
