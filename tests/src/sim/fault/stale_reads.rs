//! A leader that answers reads from what it has, without asking a majority whether it still leads.

use allocd_state::state::State;

use super::super::message::{Ask, Outcome, Request};
use super::door::Door;

/// The door of such a leader.
pub(super) struct StaleReads;

impl Door for StaleReads {
    fn enter(&mut self, request: &mut Request, state: &State, leads: bool) -> Option<Outcome> {
        match &request.ask {
            Ask::Read(holder) if leads => Some(Outcome::of_state(state, holder)),
            Ask::ReadHost(host) if leads => Some(Outcome::of_host(state, host)),
            Ask::Read(_) | Ask::ReadHost(_) | Ask::Do(_) => None,
        }
    }

    fn leave(&mut self, _: &Request, outcome: Outcome) -> Outcome {
        outcome
    }
}
