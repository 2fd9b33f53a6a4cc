//! The request memory, request by request: taken out and put back for a snapshot.

use allocd_types::id::{Caller, Digest, RequestId};
use allocd_types::time::ClusterTime;

use super::RequestMemory;
use super::outcome::Outcome;

/// One request as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
        // Everything else follows from the requests.
        let Self { next: _, outcomes: _, by_age, by_id: _, callers: _ } = self;
        by_age.values().map(|request| (**request).clone())
    }

    /// Puts a request back. False, and nothing is changed, if its number or id is known or its number is still to come.
    pub(crate) fn put_back(&mut self, request: RememberedRequest) -> bool {
        let is_known = self.by_age.contains_key(&request.number)
            || self.find(&request.caller, &request.request_id).is_some();
        if is_known || request.number >= self.next {
            return false;
        }
        self.put_in(request);
        true
    }
}
