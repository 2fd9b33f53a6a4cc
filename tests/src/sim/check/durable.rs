//! Acknowledged means durable: what had been applied when a client was told of anything is what every member applies there, and
//! what it was told has happened is in every member's state in the end, unless an event that came later ended it.

use std::collections::{BTreeMap, BTreeSet};

use allocd_replica::log::Record;
use allocd_state::event::Event;
use allocd_state::response::Response;
use allocd_state::state::State;
use allocd_types::id::LeaseId;

use super::super::message::Outcome;
use super::super::observation::{Final, Kept, Seen};
use super::list::Checker;

/// What was acknowledged.
#[derive(Default)]
pub(super) struct Durable {
    /// The latest revision that anybody was told of.
    revision: u64,
    /// The leases that somebody was told of, by the operation.
    leases: BTreeMap<LeaseId, u64>,
    freed: BTreeSet<LeaseId>,
    /// What was applied first at each index.
    applied: BTreeMap<u64, Record>,
    /// How far it had been applied when somebody was told of anything.
    acknowledged: u64,
}

impl Checker for Durable {
    fn name(&self) -> &'static str {
        "durable"
    }

    fn begin_anew(&mut self, _: &State) {
        *self = Self::default();
    }

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        if let Seen::Events { events, .. } = seen {
            for event in events {
                if let Event::LeaseFreed { lease, .. } = event {
                    self.freed.insert(lease.id);
                }
            }
        }
        if let Seen::Applied { member, record } = seen {
            let first = self.applied.entry(record.index).or_insert_with(|| record.clone());
            if first != record && record.index <= self.acknowledged {
                return Err(format!(
                    "member {member} has another entry at index {} than what was acknowledged",
                    record.index
                ));
            }
        }
        if let Seen::Answered { operation, outcome: Outcome::Applied { revision, result } } = seen {
            self.revision = self.revision.max(*revision);
            self.acknowledged = self.applied.last_key_value().map_or(0, |(index, _)| *index);
            if let Ok(Response::Lease(granted)) = &**result {
                self.leases.entry(granted.lease.id).or_insert(operation);
            }
        }
        Ok(())
    }

    fn finish(&mut self, end: Final<'_>) -> Result<(), String> {
        for (member, state) in end.states {
            self.has_all(*member, state.revision().get(), |lease| state.lease(lease).is_some())?;
        }
        for Kept { member, revision, leases } in end.told {
            self.has_all(*member, *revision, |lease| leases.contains(&lease))?;
        }
        Ok(())
    }
}

impl Durable {
    fn has_all(&self, member: u64, revision: u64, has: impl Fn(LeaseId) -> bool) -> Result<(), String> {
        if revision < self.revision {
            return Err(format!(
                "member {member} ended at {revision}, and {} was acknowledged",
                self.revision
            ));
        }
        let kept = |lease: LeaseId| self.freed.contains(&lease) || has(lease);
        if let Some((lease, operation)) = self.leases.iter().find(|(lease, _)| !kept(**lease)) {
            return Err(format!(
                "lease {lease}, acknowledged to operation {operation}, is not on member {member}"
            ));
        }
        Ok(())
    }
}
