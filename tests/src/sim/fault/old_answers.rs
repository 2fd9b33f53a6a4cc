//! A member that answers a repeated request with the words of the first answer, whatever has become of the lease since.

use std::collections::BTreeMap;

use allocd_state::state::State;
use allocd_types::id::{Caller, RequestId};

use super::super::message::{Outcome, Request};
use super::door::Door;

/// The door of such a member.
#[derive(Default)]
pub(super) struct OldAnswers {
    answered: BTreeMap<(Caller, RequestId), Outcome>,
}

impl Door for OldAnswers {
    fn enter(&mut self, request: &mut Request, _: &State, _: bool) -> Option<Outcome> {
        self.answered.get(&key(request)).cloned()
    }

    fn leave(&mut self, request: &Request, outcome: Outcome) -> Outcome {
        if matches!(outcome, Outcome::Applied { .. }) {
            self.answered.insert(key(request), outcome.clone());
        }
        outcome
    }
}

fn key(request: &Request) -> (Caller, RequestId) {
    (request.caller.clone(), request.request_id.clone())
}
