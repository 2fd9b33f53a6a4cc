//! Members that believe every start of an agent, and not only the newest.

use allocd_state::command::Command;
use allocd_state::state::State;

use super::super::message::{Ask, Outcome, Request};
use super::door::Door;

/// The door of such members.
pub(super) struct StaleAgents;

impl Door for StaleAgents {
    fn enter(&mut self, request: &mut Request, state: &State, _: bool) -> Option<Outcome> {
        if let Ask::Do(Command::ReconcileHost(inventory)) = &mut request.ask
            && let Some(host) = state.host(&inventory.agent.host)
        {
            inventory.agent.incarnation = host.incarnation;
        }
        None
    }

    fn leave(&mut self, _: &Request, outcome: Outcome) -> Outcome {
        outcome
    }
}
