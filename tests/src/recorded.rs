//! What real processes did, written down as it is seen from without: who asked for what, what was answered, which values are in
//! use, what members tell and say about themselves. In the end the simulator's checkers judge it (`recorded/judge.rs`).
//!
//! Whoever calls writes down, in the order in which it happens; one clock stamps everything.

mod judge;
#[cfg(test)]
mod tests;
mod watched;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use allocd_client::deadline::{HolderTime, UseUntil};
use allocd_replica::{Role, Standing};
use allocd_state::event::Event;
use allocd_types::cluster::{ClusterStatus, MemberRole, MemberStatus};
use allocd_types::id::{Digest, LeaseId};
use allocd_types::lease::Lease;

use crate::sim::message::{Ask, Outcome};
use crate::sim::observation::{Kept, Use};
use crate::sim::values::of_lease;

pub use watched::Watching;

/// One thing that was seen, and when, in milliseconds since the beginning.
#[derive(Debug)]
struct Note {
    real: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    Asked { operation: u64, ask: Ask },
    Answered { operation: u64, outcome: Outcome },
    Uses(Use),
    Stops(LeaseId),
    Told { member: u64, revision: u64, events: Vec<Event> },
    Standing { member: u64, standing: Standing },
    Digest { member: u64, index: u64, digest: Digest },
}

/// A record in the making; a clone is the same.
#[derive(Debug, Clone)]
pub struct Record {
    begun: Instant,
    notes: Arc<Mutex<Vec<Note>>>,
}

impl Default for Record {
    fn default() -> Self {
        Self { begun: Instant::now(), notes: Arc::default() }
    }
}

impl Record {
    /// The time of all holders: they share this process.
    #[must_use]
    pub fn now(&self) -> HolderTime {
        HolderTime(self.begun.elapsed())
    }

    /// Somebody asks, for the first time, for something.
    pub fn asked(&self, operation: u64, ask: Ask) {
        self.note(What::Asked { operation, ask });
    }

    /// It was answered.
    pub fn answered(&self, operation: u64, outcome: Outcome) {
        self.note(What::Answered { operation, outcome });
    }

    /// A holder begins to use a lease's values, or goes on to. At the end of the time it has it stops, whatever else it does.
    pub fn uses(&self, lease: &Lease, until: UseUntil) {
        let due_at = match until {
            UseUntil::Moment(HolderTime(end)) => Some(millis(end)),
            UseUntil::Forever => None,
        };
        let (holder, values) = (lease.holder.clone(), of_lease(lease));
        self.note(What::Uses(Use { holder, lease: lease.id, values, due_at }));
    }

    /// A holder has stopped using a lease's values.
    pub fn stops(&self, lease: LeaseId) {
        self.note(What::Stops(lease));
    }

    /// What members say about themselves.
    pub fn says(&self, status: &ClusterStatus) {
        for told in status.members.iter().filter_map(|member| member.answer.as_ref().ok()) {
            self.note_standing(told);
            let (member, index, digest) = (told.id.get(), told.applied_index, told.memory_digest);
            self.note(What::Digest { member, index, digest });
        }
    }

    /// A member tells what a revision changed.
    fn told(&self, member: u64, revision: u64, events: Vec<Event>) {
        self.note(What::Told { member, revision, events });
    }

    /// The last revision that anybody was told of by a watch.
    #[must_use]
    pub fn told_up_to(&self) -> u64 {
        let told = |note: &Note| match note.what {
            What::Told { revision, .. } => Some(revision),
            What::Asked { .. }
            | What::Answered { .. }
            | What::Uses(_)
            | What::Stops(_)
            | What::Standing { .. }
            | What::Digest { .. } => None,
        };
        self.lock().iter().filter_map(told).max().unwrap_or(0)
    }

    /// Judges what was seen, together with what each member has in the end, and says how much that was; panics if a promise was
    /// broken.
    pub fn judge(self, end: &[Kept]) -> judge::Summary {
        let notes = std::mem::take(&mut *self.lock());
        let summary = judge::judge(notes, end);
        println!("{summary:?}");
        summary
    }

    fn note_standing(&self, told: &MemberStatus) {
        let role = match told.role {
            MemberRole::Follower => Role::Follower,
            MemberRole::PreCandidate | MemberRole::Candidate => Role::Candidate,
            MemberRole::Leader => Role::Leader,
        };
        let standing = Standing { role, term: told.term, leader: told.leader };
        self.note(What::Standing { member: told.id.get(), standing });
    }

    fn note(&self, what: What) {
        // Stamped under the lock, so that the order is that of the stamps.
        let mut notes = self.lock();
        notes.push(Note { real: millis(self.begun.elapsed()), what });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Note>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a member has, as it lists it.
#[must_use]
pub fn kept(member: u64, revision: u64, leases: &[Lease]) -> Kept {
    let leases: BTreeSet<LeaseId> = leases.iter().map(|lease| lease.id).collect();
    Kept { member, revision, leases }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).expect("a test ends before that")
}
