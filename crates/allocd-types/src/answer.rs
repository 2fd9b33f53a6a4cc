//! Answers as a whole: what was found or done, at which revision and cluster time.

use crate::change::Change;
use crate::exclusion::ExclusionSpec;
use crate::id::{LeaseId, Revision};
use crate::lease::Lease;
use crate::time::ClusterTime;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was found or done.
    pub value: T,
    /// The revision of the state that it is from.
    pub revision: Revision,
    /// The cluster time of that state, from which everything that remains is counted.
    pub now: ClusterTime,
}

impl<T> Answer<T> {
    /// Says the same of another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: change(self.value), revision: self.revision, now: self.now }
    }
}

/// An exclusion that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeExclusion {
    /// What is excluded.
    pub exclusion: ExclusionSpec,
    /// How many of its values are leased still and will be excluded once they are given back.
    pub leased: u64,
}

/// A lease that was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// The lease, unless there was none.
    pub lease: Option<LeaseId>,
    /// Whether its host has still to confirm that nothing of it is left.
    pub is_awaited: bool,
}

/// What became of a lease whose teardown was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// It has ended; nothing if it had before.
    Ended(Option<LeaseId>),
    /// It has come to its new host.
    Moved(Box<Lease>),
}

/// Changes of one revision, or a sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The changes, in their order. One that this program does not know yet is nothing, so that positions still count.
    pub changes: Vec<Option<Change>>,
    /// Whether more of this revision follows.
    pub more: MoreOfRevision,
}

/// Whether more changes of the same revision follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoreOfRevision {
    /// Everything up to and including the revision has been told.
    Complete,
    /// More follows in the next message.
    Follows,
}
