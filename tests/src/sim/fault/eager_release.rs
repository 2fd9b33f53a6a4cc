//! Members that free a lease when it is given back, and do not wait for its host.

use allocd_state::command::Command;
use allocd_state::state::State;
use allocd_types::allocation::Teardown;

use super::super::message::{Ask, Outcome, Request};
use super::door::Door;

/// The door of such members.
pub(super) struct EagerRelease;

impl Door for EagerRelease {
    fn enter(&mut self, request: &mut Request, _: &State, _: bool) -> Option<Outcome> {
        if let Ask::Do(Command::Release(spec)) = &mut request.ask {
            spec.teardown = Teardown::Stated;
        }
        None
    }

    fn leave(&mut self, _: &Request, outcome: Outcome) -> Outcome {
        outcome
    }
}
