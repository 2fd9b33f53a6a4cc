//! Several leases in one command, on a scratch copy of the state: the wishes see each other, and the copy becomes the state.

use allocd_types::allocation::AllocationSpec;
use allocd_types::grant::{BatchMode, Granted, Novelty};
use allocd_types::rejection::Rejection;

use super::choice::Origin;
use super::lease::{Grant, grant};
use crate::context::Context;
use crate::event::Event;
use crate::evolve::evolve;
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn allocate(
    state: &State,
    context: &mut Context,
    specs: &[AllocationSpec],
    mode: BatchMode,
) -> Result<Decision, Rejection> {
    let mut scratch = state.clone();
    let (mut results, mut events) = (Vec::new(), Vec::new());
    for (position, spec) in specs.iter().enumerate() {
        let result = match grant(&scratch, context, spec, Origin::Request) {
            Ok(Grant::New(record)) => {
                let lease = scratch.told(&record);
                let event = Event::LeaseGranted(record);
                evolve(&mut scratch, &event);
                events.push(event);
                Ok(Granted { lease, novelty: Novelty::New })
            }
            Ok(Grant::Existing(granted)) => Ok(*granted),
            Err(rejection) => Err(rejection),
        };
        match (mode, result) {
            (BatchMode::AllOrNothing, Err(rejection)) => {
                let position = u32::try_from(position).unwrap_or(u32::MAX);
                return Err(Rejection::InBatch { position, rejection: Box::new(rejection) });
            }
            (BatchMode::AllOrNothing | BatchMode::PartialOk, result) => results.push(result),
        }
    }
    Ok(Decision { response: Response::Batch(results), events, after: Some(scratch) })
}
