//! A holder is done before its lease ends: the cluster frees nothing that somebody may still use by the deadline rule.
//!
//! A holder that is held up goes on using values past its time; that is what quarantine is for, and not judged here.

use std::collections::BTreeMap;

use allocd_state::event::Event;
use allocd_state::record::LeaseRecord;
use allocd_state::state::State;

use super::super::observation::{Place, Seen, Use};
use super::list::Checker;

/// Who uses what, by lease.
#[derive(Default)]
pub(super) struct Lifetimes {
    uses: BTreeMap<Place, Use>,
    seen: u64,
}

impl Lifetimes {
    /// A lease ended, or went to another host.
    fn freed(&self, real: u64, record: &LeaseRecord) -> Result<(), String> {
        let lease = record.id;
        let place = (lease, record.holder.host.clone());
        let Some(there) = self.uses.get(&place) else { return Ok(()) };
        match there.due_at {
            Some(due_at) if due_at <= real => Ok(()),
            Some(due_at) => Err(format!(
                "lease {lease} ended while {} may use it for {} ms more",
                there.holder,
                due_at - real
            )),
            None => Err(format!("lease {lease} ended while {} may use it for ever", there.holder)),
        }
    }
}

impl Checker for Lifetimes {
    fn name(&self) -> &'static str {
        "lifetime"
    }

    /// Holders go on, whatever becomes of the cluster.
    fn begin_anew(&mut self, _: &State) {}

    fn see(&mut self, real: u64, seen: Seen<'_>) -> Result<(), String> {
        match seen {
            Seen::Uses(begun) => drop(self.uses.insert(begun.place(), begun.clone())),
            Seen::Stops { lease, host } => drop(self.uses.remove(&(lease, host.clone()))),
            // Told again after a start, an end is old news.
            Seen::Events { revision, events, .. } if revision > self.seen => {
                self.seen = revision;
                for event in events {
                    if let Event::LeaseFreed { lease: record, .. } | Event::LeaseMoved { from: record, .. } =
                        event
                    {
                        self.freed(real, record)?;
                    }
                }
            }
            Seen::Events { .. }
            | Seen::Members { .. }
            | Seen::Vote { .. }
            | Seen::Committed { .. }
            | Seen::Role { .. }
            | Seen::Applied { .. }
            | Seen::Digest { .. }
            | Seen::Installed { .. }
            | Seen::State { .. }
            | Seen::Asked { .. }
            | Seen::Answered { .. } => {}
        }
        Ok(())
    }
}
