//! The judgement: what was written down, shown to the simulator's checkers in an order that they can follow.
//!
//! An answer may come before the watch has told of the change that it is about. So what a revision changed is shown as soon as
//! anybody has heard of that revision, be it by a watch or by an answer; which is at most a moment after it was committed.

use std::collections::{BTreeMap, BTreeSet};

use allocd_state::event::Event;
use allocd_types::id::LeaseId;
use allocd_types::name::HostName;

use super::{Note, What};
use crate::sim::check::Checkers;
use crate::sim::message::Outcome;
use crate::sim::observation::{Final, Kept, Seen, Use};

/// What there was to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Operations that somebody asked for.
    pub asked: usize,
    /// Those that were applied or read.
    pub answered: usize,
    /// Leases that were granted.
    pub granted: usize,
    /// The last revision that was told.
    pub revision: u64,
}

/// The judge at work.
struct Judge {
    checkers: Checkers,
    /// What each revision changed.
    told: BTreeMap<u64, (u64, Vec<Event>)>,
    /// The last revision that was shown.
    shown: u64,
    /// When holders stop of themselves.
    due: BTreeMap<LeaseId, u64>,
    /// On which host each lease is used.
    hosts: BTreeMap<LeaseId, HostName>,
    summary: Summary,
}

/// Judges a record.
pub(super) fn judge(notes: Vec<Note>, end: &[Kept]) -> Summary {
    let told = told(&notes);
    let granted = told.values().flat_map(|(_, events)| events);
    let granted = granted.filter(|event| matches!(event, Event::LeaseGranted(_))).count();
    let revision = told.keys().next_back().copied().unwrap_or(0);
    let summary = Summary { asked: 0, answered: 0, granted, revision };
    let (due, hosts) = (BTreeMap::new(), BTreeMap::new());
    let mut judge = Judge { checkers: Checkers::from_without(), told, shown: 0, due, hosts, summary };
    let last = notes.last().map_or(0, |note| note.real);
    for Note { real, what } in notes {
        judge.stop_due(real);
        judge.show(real, what);
    }
    judge.checkers.finish(last, Final { states: &[], told: end });
    if let Some(violation) = judge.checkers.violation() {
        panic!("a promise was broken: {violation}");
    }
    for kept in end {
        judge.compare(kept);
    }
    judge.summary
}

/// What each revision changed, which everybody has to tell alike.
fn told(notes: &[Note]) -> BTreeMap<u64, (u64, Vec<Event>)> {
    let mut all: BTreeMap<u64, (u64, Vec<Event>)> = BTreeMap::new();
    for note in notes {
        let What::Told { member, revision, events } = &note.what else { continue };
        // A sign of life names a revision too, and the host that a revision made may be gone when it is told again.
        let is_of_lease = |event: &Event| !matches!(event, Event::HostCreated(_));
        let leases = |events: &[Event]| events.iter().filter(|event| is_of_lease(event)).cloned().collect();
        let (first, there) = all.entry(*revision).or_insert_with(|| (*member, events.clone()));
        let (old, new): (Vec<Event>, Vec<Event>) = (leases(there), leases(events));
        if there.is_empty() {
            there.clone_from(events);
        } else if !new.is_empty() {
            assert_eq!(old, new, "members {first} and {member} tell revision {revision} differently");
        }
    }
    all
}

impl Judge {
    fn show(&mut self, real: u64, what: What) {
        match what {
            What::Asked { operation, ask } => {
                self.summary.asked += 1;
                self.checkers.see(real, Seen::Asked { operation, ask: &ask });
            }
            What::Answered { operation, outcome } => {
                match &outcome {
                    Outcome::Applied { revision, .. }
                    | Outcome::Read { revision, .. }
                    | Outcome::ReadHost { revision, .. } => {
                        self.summary.answered += 1;
                        self.show_told(real, *revision);
                    }
                    Outcome::Unavailable { .. } => {}
                }
                self.checkers.see(real, Seen::Answered { operation, outcome: &outcome });
            }
            What::Uses(begun) => self.uses(real, &begun),
            What::Stops(lease) => self.stop(real, lease),
            What::Told { revision, .. } => self.show_told(real, revision),
            What::Standing { member, standing } => self.checkers.see(real, Seen::Role { member, standing }),
            What::Digest { member, index, digest } => {
                self.checkers.see(real, Seen::Digest { member, index, digest });
            }
        }
    }

    fn uses(&mut self, real: u64, begun: &Use) {
        self.hosts.insert(begun.lease, begun.holder.host.clone());
        match begun.due_at {
            Some(due_at) => self.due.insert(begun.lease, due_at),
            None => self.due.remove(&begun.lease),
        };
        self.checkers.see(real, Seen::Uses(begun));
    }

    /// Holders whose time is over stop at that time, by the deadline rule.
    fn stop_due(&mut self, real: u64) {
        let mut due: Vec<(u64, LeaseId)> =
            self.due.iter().filter(|(_, at)| **at <= real).map(|(lease, at)| (*at, *lease)).collect();
        due.sort_unstable();
        for (at, lease) in due {
            self.stop(at, lease);
        }
    }

    fn stop(&mut self, real: u64, lease: LeaseId) {
        self.due.remove(&lease);
        if let Some(host) = self.hosts.get(&lease) {
            self.checkers.see(real, Seen::Stops { lease, host });
        }
    }

    /// Shows what was changed up to a revision.
    fn show_told(&mut self, real: u64, revision: u64) {
        if revision <= self.shown {
            return;
        }
        let news = self.told.range(self.shown + 1..=revision);
        for (&revision, (member, events)) in news {
            self.checkers.see(real, Seen::Events { member: *member, revision, events });
        }
        self.shown = revision;
    }

    /// A member has the leases that were granted and not freed, and no others: nothing is missing in the record either.
    fn compare(&self, kept: &Kept) {
        let mut there = BTreeSet::new();
        for (_, events) in self.told.range(..=kept.revision).map(|(_, told)| told) {
            for event in events {
                if let Event::LeaseGranted(record) = event {
                    there.insert(record.id);
                }
                if let Event::LeaseFreed { lease, .. } = event {
                    there.remove(&lease.id);
                }
            }
        }
        assert_eq!(there, kept.leases, "what member {} has, and what was told up to there", kept.member);
    }
}
