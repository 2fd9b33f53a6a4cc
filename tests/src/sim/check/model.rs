//! A naive model of who has which lease, by revision: a list of what happened to each holder, and nothing clever.

use std::collections::{BTreeMap, BTreeSet};

use allocd_state::event::Event;
use allocd_state::record::LeaseRecord;
use allocd_state::state::State;
use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;

/// The model.
#[derive(Default)]
pub(super) struct Model {
    revision: u64,
    holders: BTreeMap<Holder, Vec<(u64, Option<LeaseId>)>>,
    leases: BTreeMap<LeaseId, LeaseRecord>,
    /// When each lease ended.
    ended: BTreeMap<LeaseId, u64>,
    /// The holders' values now, to find out whether one is granted twice.
    held: BTreeSet<allocd_types::value::Value>,
}

impl Model {
    /// A model that begins with what is there.
    pub(super) fn since(base: &State) -> Self {
        let revision = base.revision().get();
        let mut model = Self { revision, ..Self::default() };
        for record in base.leases() {
            model.held.extend(super::super::values::of_record(record));
            model.holders.insert(record.holder.clone(), vec![(revision, Some(record.id))]);
            model.leases.insert(record.id, (**record).clone());
        }
        model
    }

    /// Takes what a revision changed, the first time that it is told.
    pub(super) fn take(&mut self, revision: u64, events: &[Event]) -> Result<(), String> {
        if revision <= self.revision {
            return Ok(());
        }
        self.revision = revision;
        for event in events {
            if let Event::LeaseGranted(record) = event {
                self.grant(revision, record)?;
            }
            if let Event::LeaseFreed { lease, .. } = event {
                for value in super::super::values::of_record(lease) {
                    self.held.remove(&value);
                }
                self.holders.entry(lease.holder.clone()).or_default().push((revision, None));
                self.ended.insert(lease.id, revision);
            }
        }
        Ok(())
    }

    fn grant(&mut self, revision: u64, record: &LeaseRecord) -> Result<(), String> {
        for value in super::super::values::of_record(record) {
            if !self.held.insert(value.clone()) {
                return Err(format!("{value} was granted at {revision} while another lease has it"));
            }
        }
        self.holders.entry(record.holder.clone()).or_default().push((revision, Some(record.id)));
        self.leases.insert(record.id, record.clone());
        Ok(())
    }

    /// The last revision there is.
    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    /// A lease, whether it has ended or not.
    pub(super) fn lease(&self, lease: LeaseId) -> Option<&LeaseRecord> {
        self.leases.get(&lease)
    }

    /// True if a lease is there as of a revision.
    pub(super) fn is_there(&self, lease: LeaseId, revision: u64) -> bool {
        let begun =
            self.leases.get(&lease).is_some_and(|record| record.generation.revision.get() <= revision);
        begun && self.ended.get(&lease).is_none_or(|ended| *ended > revision)
    }

    /// The lease of a holder as of a revision.
    pub(super) fn lease_of(&self, holder: &Holder, revision: u64) -> Option<LeaseId> {
        let changes = self.holders.get(holder)?;
        changes.iter().rev().find(|(at, _)| *at <= revision)?.1
    }
}
