//! The only writer: what each event does to the state. Total: an event that was decided always fits.

mod decline;
mod exclusion;
mod host;
mod lease;
mod migration;
mod network;
mod pool;
mod recovery;
mod reservation;
mod suspicion;
mod take_back;

pub(crate) use lease::enter;
pub(crate) use reservation::places as reserved_places;
pub(crate) use suspicion::enter_suspects;
pub(crate) use take_back::GrantMade;

use std::sync::Arc;

use crate::event::Event;
use crate::state::{Allocations, State};

/// Brings the state after an event.
pub fn evolve(state: &mut State, event: &Event) {
    let all: &mut Allocations = &mut state.allocations;
    match event {
        Event::NetworkCreated(spec) => network::created(all, spec),
        Event::NetworkUpdated { spec, at } => network::updated(all, spec, *at),
        Event::NetworkDeleted(name) => network::deleted(all, name),
        Event::PoolCreated(spec) => pool::created(all, spec),
        Event::PoolUpdated(spec) => pool::updated(all, spec),
        Event::PoolDeleted(name) => pool::deleted(all, name),
        Event::HostCreated(spec) => host::created(all, spec),
        Event::HostRegistered { registration, incarnation } => {
            host::registered(all, registration, *incarnation);
        }
        Event::HostStateChanged { host, state } => host::state_changed(all, host, *state),
        Event::HostReturned(name) => host::returned(all, name),
        Event::HostDeleted(name) => host::deleted(all, name),
        Event::ReservationCreated(spec) => reservation::created(all, spec),
        Event::ReservationDeleted(name) => reservation::deleted(all, name),
        Event::ExclusionCreated(spec) => exclusion::created(all, spec),
        Event::ExclusionDeleted(name) => exclusion::deleted(all, name),
        Event::LeaseGranted(record) => lease::hold(all, Arc::clone(record)),
        Event::LeaseRenewed { lease, lifetime } => lease::renewed(all, *lease, *lifetime),
        Event::LeaseBound { lease, rest } => lease::bound(all, *lease, *rest),
        Event::LeaseAdopted { lease, former, rest } => recovery::adopted(all, lease, *former, *rest),
        Event::LeaseReleasing(lease) => lease::releasing(all, *lease),
        Event::LeaseMoveBegun { lease, migration, generation } => {
            migration::begun(all, *lease, migration, *generation);
        }
        Event::LeaseMoveCancelled { lease, generation } => migration::cancelled(all, *lease, *generation),
        Event::LeaseMoved { from: _, to, rest } => migration::moved(all, to, *rest),
        Event::LeaseDeclined { lease, decline } => decline::declined(all, lease, decline),
        Event::DeclineNoted(decline) => decline::noted(all, decline),
        Event::DeclineCleared { value, rests_until } => decline::cleared(all, value, *rests_until),
        Event::LeaseSuspected { lease, since } => suspicion::begun(all, *lease, *since),
        Event::LeaseFound(lease) => suspicion::found(all, *lease),
        Event::LeaseFreed { lease, cause, rest } => lease::freed(all, lease.id, *cause, *rest),
        Event::ValueRested(value) => all.edit(&value.space, |space| space.end_rest(value.number)),
        Event::HostsConfirmed(hosts) => recovery::confirmed(all, hosts),
        Event::LeasesMissed { host, leases } => recovery::missed(all, host, leases),
        Event::RecoveryProlonged(until) => recovery::prolonged(all, *until),
        Event::SpacesOpened(spaces) => recovery::opened(all, spaces),
        Event::RecoveryEnded { at } => recovery::ended(all, *at),
    }
}
