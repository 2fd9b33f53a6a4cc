//! Members that let no value rest: networks and pools are made without quarantine.

use allocd_state::command::Command;
use allocd_state::state::State;
use allocd_types::time::Span;

use super::super::message::{Ask, Outcome, Request};
use super::door::Door;

/// The door of such members.
pub(super) struct NoQuarantine;

impl Door for NoQuarantine {
    fn enter(&mut self, request: &mut Request, _: &State, _: bool) -> Option<Outcome> {
        if let Ask::Do(Command::CreateNetwork(spec)) = &mut request.ask {
            spec.quarantine = Span::ZERO;
        }
        if let Ask::Do(Command::CreatePool(spec)) = &mut request.ask {
            spec.quarantine = Span::ZERO;
        }
        None
    }

    fn leave(&mut self, _: &Request, outcome: Outcome) -> Outcome {
        outcome
    }
}
