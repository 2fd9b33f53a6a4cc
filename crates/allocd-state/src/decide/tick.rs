//! What falls due: leases whose lifetime has ended, suspects that have been lost for as long as their network keeps them, and values
//! that have rested long enough. A bounded portion at a time.

use allocd_types::limits::DEADLINES_PER_TICK_MAX;

use allocd_types::lease::LeaseState;

use super::migration;
use super::release::freeing;
use crate::event::{Event, FreedCause, RestingValue};
use crate::record::LeaseRecord;
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn due(state: &State) -> Decision {
    let all = &state.allocations;
    let expired =
        all.lease_deadlines.iter().take_while(|(at, _)| *at <= state.now).filter_map(|(_, lease)| {
            let record = all.leases.get(lease)?;
            Some(freeing(state, record, FreedCause::Expired))
        });
    let rested = all.rest_deadlines.iter().take_while(|(at, _)| *at <= state.now).flat_map(|(_, space)| {
        let numbers = all.space(space).into_iter().flat_map(|found| found.due(state.now));
        numbers.map(|number| Event::ValueRested(RestingValue { space: space.clone(), number }))
    });
    let events =
        expired.chain(settled(state)).chain(lost(state)).chain(rested).take(DEADLINES_PER_TICK_MAX).collect();
    Decision { response: Response::Done, events, after: None }
}

/// What waits for the word of a host that was declared off is done without it: given back, or come to its new host.
fn settled(state: &State) -> impl Iterator<Item = Event> {
    let all = &state.allocations;
    let hosts = all.unsettled.iter().filter(|_| all.has_unsettled()).filter_map(|host| all.hosts.get(host));
    let waiting = hosts.flat_map(|host| host.awaited.iter()).filter_map(|lease| all.leases.get(lease));
    let living = waiting.filter(|record| is_in_time(state, record));
    living.filter_map(|record| match record.state {
        LeaseState::Releasing => Some(freeing(state, record, FreedCause::Fenced)),
        LeaseState::Granted | LeaseState::Bound => Some(migration::completed(state, record)?.1),
    })
}

/// What its host has lost, and its network keeps no longer. Found again, or given back, it is suspect no more.
fn lost(state: &State) -> impl Iterator<Item = Event> {
    let all = &state.allocations;
    let due = all.suspects_to_free().take_while(|(at, _)| *at <= state.now);
    let living =
        due.filter_map(|(_, lease)| all.leases.get(&lease)).filter(|record| is_in_time(state, record));
    living.map(|record| freeing(state, record, FreedCause::Suspect))
}

/// False of what ends by itself just now: it has ended already.
fn is_in_time(state: &State, record: &LeaseRecord) -> bool {
    record.lifetime.is_none_or(|lifetime| lifetime.ends_at > state.now)
}
