//! The replicated machine: applies the log's entries, one command after the other, alike on every member.

use std::hash::Hash;

use allocd_types::id::Digest;
use allocd_types::rejection::Rejection;

use crate::command::{Command, Entry, Request};
use crate::context::Context;
use crate::decide::carry_out;
use crate::digest::digest_of;
use crate::entropy::Entropy;
use crate::event::Event;
use crate::memory::RequestMemory;
use crate::response::{Applied, Response};
use crate::state::State;

/// The state and the request memory, and how an entry changes them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Machine {
    state: State,
    memory: RequestMemory,
}

impl Machine {
    /// An empty cluster's machine.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The allocation state.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The request memory.
    #[must_use]
    pub const fn memory(&self) -> &RequestMemory {
        &self.memory
    }

    /// Both parts of it.
    pub(crate) const fn parts(&self) -> (&State, &RequestMemory) {
        let Self { state, memory } = self;
        (state, memory)
    }

    /// Both parts of it, for another machine.
    pub(crate) fn into_parts(self) -> (State, RequestMemory) {
        let Self { state, memory } = self;
        (state, memory)
    }

    /// The machine of both parts.
    pub(crate) const fn of_parts(state: State, memory: RequestMemory) -> Self {
        Self { state, memory }
    }

    /// The SHA-256 of everything the log decides, cluster time and the request memory included.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(self)
    }

    /// Applies an entry: each command alone and in order.
    pub fn apply(&mut self, entry: &Entry) -> Vec<Applied> {
        self.state.now = self.state.now.max(entry.stamped_at);
        let numbered = entry.commands.iter().zip(0_u64..);
        numbered.map(|(request, position)| self.apply_request(entry, position, request)).collect()
    }

    fn apply_request(&mut self, entry: &Entry, position: u64, request: &Request) -> Applied {
        // A tick is the cluster's own: it has no client that could give up on it or ask again, and whatever a client calls
        // itself and its requests, it falls.
        let is_tick = matches!(request.command, Command::Tick);
        if !is_tick && let Some(outcome) = self.memory.recall(&self.state, request) {
            return self.applied(outcome, Vec::new());
        }
        if !is_tick && self.state.now > request.expires_at {
            let rejection = Rejection::Expired { request_id: request.request_id.clone() };
            return self.applied(Err(rejection), Vec::new());
        }
        let entropy = Entropy::new(entry.entropy, position);
        let mut context = Context { labelled_at: entry.labelled_at, entropy };
        let (outcome, events) = match carry_out(&mut self.state, &mut context, &request.command) {
            Ok((response, events)) => (Ok(response), events),
            Err(rejection) => (Err(rejection), Vec::new()),
        };
        if !events.is_empty() {
            self.state.revision = self.state.revision.next();
        }
        if !is_tick {
            self.memory.remember(self.state.now, request, &outcome);
        }
        self.applied(outcome, events)
    }

    fn applied(&self, outcome: Result<Response, Rejection>, events: Vec<Event>) -> Applied {
        Applied { revision: self.state.revision, outcome, events }
    }
}

impl State {
    /// What a command would do, without doing it (`validate_only`): the answer for this version of the state.
    ///
    /// # Errors
    /// The rejection, if the state says no.
    pub fn validate(&self, context: &mut Context, command: &Command) -> Result<Response, Rejection> {
        carry_out(&mut self.clone(), context, command).map(|(response, _)| response)
    }
}

#[cfg(test)]
mod tests;
