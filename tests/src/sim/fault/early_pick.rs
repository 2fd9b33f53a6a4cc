//! A leader that chooses the values of a lease from its own state before the log, and answers with what it chose.

use std::collections::BTreeMap;

use allocd_state::command::Command;
use allocd_state::context::Context;
use allocd_state::entropy::Entropy;
use allocd_state::response::Response;
use allocd_state::state::State;
use allocd_types::grant::Novelty;
use allocd_types::lease::Lease;
use allocd_types::time::WallTime;

use super::super::message::{Ask, Outcome, Request};
use super::door::Door;

/// The door of such a leader.
#[derive(Default)]
pub(super) struct EarlyPick {
    /// What was chosen for an attempt.
    picked: BTreeMap<(u64, u32), Lease>,
}

impl Door for EarlyPick {
    fn enter(&mut self, request: &mut Request, state: &State, leads: bool) -> Option<Outcome> {
        if let Ask::Do(command @ Command::Allocate(_)) = &request.ask
            && leads
        {
            let entropy = Entropy::new(request.operation, 0);
            let mut context = Context { labelled_at: WallTime::default(), entropy };
            if let Ok(Response::Lease(granted)) = state.validate(&mut context, command) {
                self.picked.insert((request.operation, request.attempt), granted.lease);
            }
        }
        None
    }

    fn leave(&mut self, request: &Request, mut outcome: Outcome) -> Outcome {
        let picked = self.picked.remove(&(request.operation, request.attempt));
        if let (Some(picked), Outcome::Applied { result, .. }) = (picked, &mut outcome)
            && let Ok(Response::Lease(granted)) = &mut **result
            && granted.novelty == Novelty::New
        {
            let Lease { index, macs, addresses, .. } = picked;
            (granted.lease.index, granted.lease.macs, granted.lease.addresses) = (index, macs, addresses);
        }
        outcome
    }
}
