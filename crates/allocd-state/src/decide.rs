//! What is to be said and done about each command. What decides reads the state and gives back events; only a batch is done wish by
//! wish.

mod address;
mod adoption;
pub(crate) mod agent;
mod batch;
mod choice;
mod decline;
mod exclusion;
mod host;
mod import;
mod lease;
mod link;
mod migration;
mod network;
mod pinned;
mod pool;
mod recovery;
mod release;
mod renewal;
mod reservation;
mod seen;
mod tick;

pub(crate) use exclusion::leased_within;
pub(crate) use pinned::{covering, never_a_host};

use allocd_types::rejection::Rejection;

use crate::command::Command;
use crate::context::Context;
use crate::event::Event;
use crate::evolve::evolve;
use crate::response::{Decision, Response};
use crate::state::State;

/// Decides a command and does what was decided: gives back the answer, and what was changed.
///
/// # Errors
/// The rejection, if the state says no. A rejection changes nothing.
pub(crate) fn carry_out(
    state: &mut State,
    context: &mut Context,
    command: &Command,
) -> Result<(Response, Vec<Event>), Rejection> {
    recovery::check_allowed(state, command)?;
    let decided = match command {
        Command::Tick => Ok(tick::due(state)),
        Command::CreateNetwork(spec) => network::create(state, context, spec),
        Command::UpdateNetwork(spec) => network::update(state, spec),
        Command::DeleteNetwork(name, missing) => network::delete(state, name, *missing),
        Command::CreatePool(spec) => pool::create(state, context, spec),
        Command::UpdatePool(spec) => pool::update(state, spec),
        Command::DeletePool(name, missing) => pool::delete(state, name, *missing),
        Command::CreateHost(spec) => host::create(state, spec),
        Command::RegisterHost(registration) => host::register(state, registration),
        Command::ActivateHost(name) => host::activate(state, name),
        Command::DrainHost(name) => host::drain(state, name),
        Command::FenceHost(spec) => host::fence(state, spec),
        Command::ReconcileHost(inventory) => agent::reconcile(state, inventory),
        Command::BindLease(report) => agent::bind(state, report),
        Command::ConfirmTeardown(report) => agent::confirm(state, report),
        Command::AdoptLease(adoption) => adoption::adopt(state, context, adoption),
        Command::MoveLease(spec) => migration::begin(state, context, spec),
        Command::CancelMove(spec) => migration::cancel(state, spec),
        Command::DeclineLease(spec) => decline::decline(state, context, spec),
        Command::ClearDecline(value) => decline::clear(state, value),
        Command::DeleteHost(name, missing) => host::delete(state, name, *missing),
        Command::CreateReservation(spec) => reservation::create(state, spec),
        Command::DeleteReservation(name, missing) => reservation::delete(state, name, *missing),
        Command::CreateExclusion(spec) => exclusion::create(state, spec),
        Command::DeleteExclusion(name, missing) => exclusion::delete(state, name, *missing),
        Command::Allocate(spec) => lease::allocate(state, context, spec),
        // Its wishes see each other: each is done before the next is decided.
        Command::BatchAllocate(specs, mode) => return batch::allocate(state, context, specs, *mode),
        Command::Renew(spec) => renewal::renew(state, spec),
        Command::Release(spec) => release::release(state, spec),
        Command::Import(spec) => Ok(import::import(state, context, spec)),
        Command::ConfirmRecovery(confirmation) => recovery::confirm(state, confirmation),
        Command::SkipTo(skip) => recovery::skip(state, context, skip),
    };
    let Decision { response, events, after } = decided?;
    match after {
        Some(after) => *state = after,
        None => events.iter().for_each(|event| evolve(state, event)),
    }
    Ok((response, events))
}

/// A yes that changes nothing.
const fn unchanged(response: Response) -> Decision {
    Decision { response, events: Vec::new(), after: None }
}

/// A yes with one change.
fn changed(response: Response, event: Event) -> Decision {
    Decision { response, events: vec![event], after: None }
}
