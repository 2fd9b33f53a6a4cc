//! What falls due: leases whose lifetime has ended, and values that have rested long enough. A bounded portion at a time.

use std::sync::Arc;

use allocd_types::limits::DEADLINES_PER_TICK_MAX;

use super::renewal::rest_deadlines;
use crate::event::{Event, FreedCause, RestingValue};
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn due(state: &State) -> Decision {
    let all = &state.allocations;
    let expired =
        all.lease_deadlines.iter().take_while(|(at, _)| *at <= state.now).filter_map(|(_, lease)| {
            let record = all.leases.get(lease)?;
            Some(Event::LeaseFreed {
                lease: Arc::clone(record),
                cause: FreedCause::Expired,
                rest: rest_deadlines(state, record),
            })
        });
    let rested = all.rest_deadlines.iter().take_while(|(at, _)| *at <= state.now).flat_map(|(_, space)| {
        let numbers = all.space(space).into_iter().flat_map(|found| found.due(state.now));
        numbers.map(|number| Event::ValueRested(RestingValue { space: space.clone(), number }))
    });
    let events = expired.chain(rested).take(DEADLINES_PER_TICK_MAX).collect();
    Decision { response: Response::Done, events, after: None }
}
