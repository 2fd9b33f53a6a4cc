//! Members that remember requests each for itself, in memory: the log sees an id of its own for every request.

use std::collections::BTreeMap;

use allocd_state::state::State;
use allocd_types::id::{Caller, RequestId};

use super::super::message::{Ask, Outcome, Request};
use super::door::Door;

/// The door of such a member.
pub(super) struct VolatileMemory {
    prefix: String,
    count: u64,
    /// Under which id a request was given to the log.
    given: BTreeMap<RequestId, (Caller, RequestId)>,
    answered: BTreeMap<(Caller, RequestId), Outcome>,
}

impl VolatileMemory {
    /// The door of one start of a member.
    #[must_use]
    pub(super) fn new(member: u64, start: u64) -> Self {
        let prefix = format!("m{member}-{start}");
        Self { prefix, count: 0, given: BTreeMap::new(), answered: BTreeMap::new() }
    }
}

impl Door for VolatileMemory {
    fn enter(&mut self, request: &mut Request, _: &State, _: bool) -> Option<Outcome> {
        if matches!(request.ask, Ask::Read(_) | Ask::ReadHost(_)) {
            return None;
        }
        let key = (request.caller.clone(), request.request_id.clone());
        if let Some(outcome) = self.answered.get(&key) {
            return Some(outcome.clone());
        }
        self.count += 1;
        request.request_id =
            RequestId::new(&format!("{}-{}", self.prefix, self.count)).expect("short and printable");
        self.given.insert(request.request_id.clone(), key);
        None
    }

    fn leave(&mut self, request: &Request, outcome: Outcome) -> Outcome {
        if matches!(outcome, Outcome::Applied { .. })
            && let Some(key) = self.given.get(&request.request_id)
        {
            self.answered.insert(key.clone(), outcome.clone());
        }
        outcome
    }
}
