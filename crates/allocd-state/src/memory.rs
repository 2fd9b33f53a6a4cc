//! The request memory: what became of each request, so that a repeated one is answered and not done again.
//!
//! It is bounded for each caller, in total and by age, and evicts deterministically, the oldest first: it is replicated like the
//! state, with a digest of its own. Requests are counted, and so are their outcomes, for a batch has many.

pub mod outcome;
mod remembered;

pub use remembered::RememberedRequest;

use allocd_types::id::{Caller, Digest, RequestId};
use allocd_types::limits::{
    OUTCOMES_REMEMBERED_MAX, OUTCOMES_REMEMBERED_PER_CALLER_MAX, REQUESTS_REMEMBERED_MAX,
    REQUESTS_REMEMBERED_PER_CALLER_MAX, REQUESTS_REMEMBERED_SECONDS,
};
use allocd_types::rejection::Rejection;
use allocd_types::time::{ClusterTime, Span};
use imbl::OrdMap;

use crate::command::Request;
use crate::digest::digest_of;
use crate::response::Response;
use crate::state::State;
use outcome::Outcome;

/// What became of recent requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RequestMemory {
    next: u64,
    /// How many outcomes all requests have.
    outcomes: usize,
    by_age: OrdMap<u64, (ClusterTime, Caller)>,
    callers: OrdMap<Caller, CallerMemory>,
}

/// The requests of one caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct CallerMemory {
    /// How many outcomes its requests have.
    outcomes: usize,
    by_id: OrdMap<RequestId, Remembered>,
    by_age: OrdMap<u64, RequestId>,
}

/// What is kept of one request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Remembered {
    number: u64,
    payload: Digest,
    outcome: Outcome,
}

impl RequestMemory {
    /// The answer to a request that was answered before, or nothing if it is new.
    #[must_use]
    pub fn recall(&self, state: &State, request: &Request) -> Option<Result<Response, Rejection>> {
        let remembered = self.callers.get(&request.caller)?.by_id.get(&request.request_id)?;
        if remembered.payload != digest_of(&request.command) {
            return Some(Err(Rejection::RequestIdReused { request_id: request.request_id.clone() }));
        }
        Some(remembered.outcome.answer(state))
    }

    /// Remembers what became of a request, and forgets the oldest beyond the bounds.
    pub fn remember(&mut self, now: ClusterTime, request: &Request, outcome: &Result<Response, Rejection>) {
        let number = self.next;
        self.next += 1;
        let payload = digest_of(&request.command);
        let remembered = Remembered { number, payload, outcome: Outcome::of(outcome) };
        let outcomes = remembered.outcome.count();
        self.outcomes += outcomes;
        let caller = self.callers.entry(request.caller.clone()).or_default();
        caller.outcomes += outcomes;
        caller.by_id.insert(request.request_id.clone(), remembered);
        caller.by_age.insert(number, request.request_id.clone());
        self.by_age.insert(number, (now, request.caller.clone()));
        self.evict(now, &request.caller);
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
        while let Some((oldest, (at, _))) = self.by_age.get_min() {
            let is_within_bounds =
                self.by_age.len() <= REQUESTS_REMEMBERED_MAX && self.outcomes <= OUTCOMES_REMEMBERED_MAX;
            if is_within_bounds && at.after(age) >= now {
                break;
            }
            let oldest = *oldest;
            self.forget(oldest);
        }
    }

    fn forget(&mut self, number: u64) {
        let Some((_, caller)) = self.by_age.remove(&number) else { return };
        let Some(memory) = self.callers.get_mut(&caller) else { return };
        if let Some(request_id) = memory.by_age.remove(&number)
            && let Some(remembered) = memory.by_id.remove(&request_id)
        {
            let outcomes = remembered.outcome.count();
            memory.outcomes -= outcomes;
            self.outcomes -= outcomes;
        }
        if memory.by_age.is_empty() {
            self.callers.remove(&caller);
        }
    }
}

impl CallerMemory {
    fn oldest_beyond_bounds(&self) -> Option<u64> {
        let is_within_bounds = self.by_age.len() <= REQUESTS_REMEMBERED_PER_CALLER_MAX
            && self.outcomes <= OUTCOMES_REMEMBERED_PER_CALLER_MAX;
        if is_within_bounds { None } else { self.by_age.get_min().map(|(number, _)| *number) }
    }
}
