//! Several leases in one command: the wishes see each other, so each grant is made before the next wish is decided.

use allocd_types::allocation::AllocationSpec;
use allocd_types::grant::{BatchMode, Granted, Novelty};
use allocd_types::rejection::Rejection;

use super::choice::Origin;
use super::lease::{Grant, grant};
use crate::context::Context;
use crate::event::Event;
use crate::evolve::{GrantMade, evolve};
use crate::response::Response;
use crate::state::State;

/// Grants what is wished for, in the state itself. If the batch is refused, the state is as it was.
pub(super) fn allocate(
    state: &mut State,
    context: &mut Context,
    specs: &[AllocationSpec],
    mode: BatchMode,
) -> Result<(Response, Vec<Event>), Rejection> {
    let (mut results, mut events) = (Vec::with_capacity(specs.len()), Vec::with_capacity(specs.len()));
    let mut made = Vec::new();
    for (position, spec) in specs.iter().enumerate() {
        let result = match grant(state, context, spec, Origin::Request) {
            Ok(Grant::New(record)) => {
                let lease = state.told(&record);
                if mode == BatchMode::AllOrNothing {
                    made.push(GrantMade::to_come(&state.allocations, &record));
                }
                let event = Event::LeaseGranted(record);
                evolve(state, &event);
                events.push(event);
                Ok(Granted { lease, novelty: Novelty::New })
            }
            Ok(Grant::Existing(granted)) => Ok(*granted),
            Err(rejection) => Err(rejection),
        };
        match (mode, result) {
            (BatchMode::AllOrNothing, Err(rejection)) => {
                made.into_iter().rev().for_each(|made| made.take_back(&mut state.allocations));
                let position = u32::try_from(position).unwrap_or(u32::MAX);
                return Err(Rejection::InBatch { position, rejection: Box::new(rejection) });
            }
            (BatchMode::AllOrNothing | BatchMode::PartialOk, result) => results.push(result),
        }
    }
    Ok((Response::Batch(results), events))
}
