//! A member's door: what is done with a request before it reaches the replica, and with an answer before it leaves.

use allocd_state::state::State;

use super::super::message::{Outcome, Request};

/// What stands between clients and a replica. It goes with the member's process: a crash takes what it knows.
pub trait Door {
    /// Takes a request in, perhaps changed; or answers it here and now. `state` is what the member has applied.
    fn enter(&mut self, request: &mut Request, state: &State, leads: bool) -> Option<Outcome>;

    /// Lets an answer out, perhaps changed.
    fn leave(&mut self, request: &Request, outcome: Outcome) -> Outcome;
}

/// The door as it should be: it does nothing.
pub struct Honest;

impl Door for Honest {
    fn enter(&mut self, _: &mut Request, _: &State, _: bool) -> Option<Outcome> {
        None
    }

    fn leave(&mut self, _: &Request, outcome: Outcome) -> Outcome {
        outcome
    }
}
