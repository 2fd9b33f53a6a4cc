//! The request memory: what became of each request, so that a repeated one is answered and not done again.
//!
//! It is bounded for each caller, in total and by age, and evicts deterministically, the oldest first: it is replicated like the
//! state, with a digest of its own. Requests are counted, and so are their outcomes, for a batch has many.

pub mod outcome;
mod remembered;

pub use remembered::RememberedRequest;

use std::sync::Arc;

use allocd_types::id::{Caller, Digest, RequestId};
use allocd_types::limits::{
    OUTCOMES_REMEMBERED_MAX, OUTCOMES_REMEMBERED_PER_CALLER_MAX, REQUESTS_REMEMBERED_MAX,
    REQUESTS_REMEMBERED_PER_CALLER_MAX, REQUESTS_REMEMBERED_SECONDS,
};
use allocd_types::rejection::Rejection;
use allocd_types::time::{ClusterTime, Span};
use imbl::{OrdMap, OrdSet};

use crate::command::Request;
use crate::digest::digest_of;
use crate::name_index::{NameIndex, number_of};
use crate::response::Response;
use crate::state::State;
use outcome::Outcome;

/// What became of recent requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RequestMemory {
    next: u64,
    /// How many outcomes all requests have.
    outcomes: usize,
    by_age: OrdMap<u64, Arc<RememberedRequest>>,
    /// The requests' numbers, by their callers and ids.
    by_id: NameIndex<u64>,
    callers: OrdMap<Caller, CallerMemory>,
}

/// How much is remembered of one caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct CallerMemory {
    /// How many outcomes its requests have.
    outcomes: usize,
    by_age: OrdSet<u64>,
}

impl RequestMemory {
    /// The answer to a request that was answered before, or nothing if it is new.
    #[must_use]
    pub fn recall(&self, state: &State, request: &Request) -> Option<Result<Response, Rejection>> {
        let remembered = self.find(&request.caller, &request.request_id)?;
        if remembered.payload != digest_of(&request.command) {
            return Some(Err(Rejection::RequestIdReused { request_id: request.request_id.clone() }));
        }
        Some(remembered.outcome.answer(state))
    }

    /// Remembers what became of a request, and forgets the oldest beyond the bounds.
    pub fn remember(&mut self, now: ClusterTime, request: &Request, outcome: &Result<Response, Rejection>) {
        let number = self.next;
        self.next += 1;
        self.put_in(RememberedRequest {
            number,
            answered_at: now,
            caller: request.caller.clone(),
            request_id: request.request_id.clone(),
            payload: digest_of(&request.command),
            outcome: Outcome::of(outcome),
        });
        self.evict(now, &request.caller);
    }

    fn find(&self, caller: &Caller, request_id: &RequestId) -> Option<&RememberedRequest> {
        let numbers = self.by_id.candidates(number_of(caller.as_str(), request_id.as_str()));
        let requests = numbers.filter_map(|number| self.by_age.get(&number));
        let mut found =
            requests.filter(|request| request.request_id == *request_id && request.caller == *caller);
        found.next().map(|request| &**request)
    }

    fn put_in(&mut self, request: RememberedRequest) {
        let outcomes = request.outcome.count();
        self.outcomes += outcomes;
        match self.callers.get_mut(&request.caller) {
            Some(caller) => {
                caller.outcomes += outcomes;
                caller.by_age.insert(request.number);
            }
            None => {
                let caller = CallerMemory { outcomes, by_age: OrdSet::unit(request.number) };
                self.callers.insert(request.caller.clone(), caller);
            }
        }
        self.by_id.insert(number_of(request.caller.as_str(), request.request_id.as_str()), request.number);
        self.by_age.insert(request.number, Arc::new(request));
    }

    /// How many requests are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_age.len()
    }

    /// True if none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_age.is_empty()
    }

    /// The SHA-256 of the memory: equal on members that have applied the same entries.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(self)
    }

    fn evict(&mut self, now: ClusterTime, caller: &Caller) {
        while let Some(oldest) = self.callers.get(caller).and_then(CallerMemory::oldest_beyond_bounds) {
            self.forget(oldest);
        }
        let age = Span::from_seconds(REQUESTS_REMEMBERED_SECONDS);
        while let Some((oldest, request)) = self.by_age.get_min() {
            let is_within_bounds =
                self.by_age.len() <= REQUESTS_REMEMBERED_MAX && self.outcomes <= OUTCOMES_REMEMBERED_MAX;
            if is_within_bounds && request.answered_at.after(age) >= now {
                break;
            }
            let oldest = *oldest;
            self.forget(oldest);
        }
    }

    fn forget(&mut self, number: u64) {
        let Some(request) = self.by_age.remove(&number) else { return };
        self.by_id.remove(number_of(request.caller.as_str(), request.request_id.as_str()), number);
        let outcomes = request.outcome.count();
        self.outcomes -= outcomes;
        let Some(memory) = self.callers.get_mut(&request.caller) else { return };
        memory.outcomes -= outcomes;
        memory.by_age.remove(&number);
        if memory.by_age.is_empty() {
            self.callers.remove(&request.caller);
        }
    }
}

impl CallerMemory {
    fn oldest_beyond_bounds(&self) -> Option<u64> {
        let is_within_bounds = self.by_age.len() <= REQUESTS_REMEMBERED_PER_CALLER_MAX
            && self.outcomes <= OUTCOMES_REMEMBERED_PER_CALLER_MAX;
        if is_within_bounds { None } else { self.by_age.get_min().copied() }
    }
}
