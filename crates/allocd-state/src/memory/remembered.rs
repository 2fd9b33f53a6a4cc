//! The request memory, request by request: taken out and put back for a snapshot.

use allocd_types::id::{Caller, Digest, RequestId};
use allocd_types::time::ClusterTime;

use super::outcome::Outcome;
use super::{CallerMemory, Remembered, RequestMemory};

/// One request as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedRequest {
    /// Its place in the order in which requests are forgotten.
    pub number: u64,
    /// When it was answered.
    pub answered_at: ClusterTime,
    /// Who asked.
    pub caller: Caller,
    /// Its id.
    pub request_id: RequestId,
    /// The digest of what was asked.
    pub payload: Digest,
    /// What became of it.
    pub outcome: Outcome,
}

impl RequestMemory {
    /// A memory of nothing that goes on with this number.
    pub(crate) fn beginning_at(next: u64) -> Self {
        Self { next, ..Self::default() }
    }

    /// The number that the next request gets.
    pub(crate) const fn next_number(&self) -> u64 {
        self.next
    }

    /// Everything that is remembered, the oldest first.
    pub(crate) fn requests(&self) -> impl Iterator<Item = RememberedRequest> + '_ {
        let Self { next: _, outcomes: _, by_age, callers } = self;
        by_age.iter().map(|(number, (answered_at, caller))| {
            let memory = callers.get(caller).expect("the caller of a remembered request is known");
            let CallerMemory { outcomes: _, by_id, by_age } = memory;
            let request_id = by_age.get(number).expect("a caller's requests are known by their numbers");
            let remembered = by_id.get(request_id).expect("a caller's requests are known by their ids");
            let Remembered { number, payload, outcome } = remembered;
            RememberedRequest {
                number: *number,
                answered_at: *answered_at,
                caller: caller.clone(),
                request_id: request_id.clone(),
                payload: *payload,
                outcome: outcome.clone(),
            }
        })
    }

    /// Puts a request back. False, and nothing is changed, if its number or id is known or its number is still to come.
    pub(crate) fn put_back(&mut self, request: RememberedRequest) -> bool {
        let RememberedRequest { number, answered_at, caller, request_id, payload, outcome } = request;
        let has_id = |memory: &CallerMemory| memory.by_id.contains_key(&request_id);
        let is_known = self.by_age.contains_key(&number) || self.callers.get(&caller).is_some_and(has_id);
        if is_known || number >= self.next {
            return false;
        }
        let outcomes = outcome.count();
        self.outcomes += outcomes;
        self.by_age.insert(number, (answered_at, caller.clone()));
        let memory = self.callers.entry(caller).or_default();
        memory.outcomes += outcomes;
        memory.by_age.insert(number, request_id.clone());
        memory.by_id.insert(request_id, Remembered { number, payload, outcome });
        true
    }
}
