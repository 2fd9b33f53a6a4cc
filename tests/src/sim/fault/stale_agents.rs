//! Members that believe every start of an agent, and not only the newest.

use allocd_state::command::Command;
use allocd_state::state::State;
use allocd_types::agent::AgentRef;

use super::super::message::{Ask, Outcome, Request};
use super::door::Door;

/// The door of such members.
pub(super) struct StaleAgents;

impl Door for StaleAgents {
    fn enter(&mut self, request: &mut Request, state: &State, _: bool) -> Option<Outcome> {
        if let Ask::Do(command) = &mut request.ask
            && let Some(agent) = speaker(command)
            && let Some(host) = state.host(&agent.host)
        {
            agent.incarnation = host.incarnation;
        }
        None
    }

    fn leave(&mut self, _: &Request, outcome: Outcome) -> Outcome {
        outcome
    }
}

/// The agent that says this, if an agent does.
fn speaker(command: &mut Command) -> Option<&mut AgentRef> {
    if let Command::ReconcileHost(inventory) = command {
        return Some(&mut inventory.agent);
    }
    if let Command::BindLease(report) | Command::ConfirmTeardown(report) = command {
        return Some(&mut report.agent);
    }
    None
}
