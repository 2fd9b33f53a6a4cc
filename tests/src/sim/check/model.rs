//! A naive model of who has which lease, by revision: a list of what happened to each holder, and nothing clever.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use allocd_state::event::Event;
use allocd_state::record::LeaseRecord;
use allocd_state::state::State;
use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;
use allocd_types::name::HostName;

/// The model.
#[derive(Default)]
pub(super) struct Model {
    revision: u64,
    holders: BTreeMap<Holder, Vec<(u64, Option<LeaseId>)>>,
    /// Each lease as it was from a revision on.
    leases: BTreeMap<LeaseId, Vec<(u64, LeaseRecord)>>,
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
            model.leases.insert(record.id, vec![(0, (**record).clone())]);
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
            if let Event::LeaseMoveBegun { lease, migration, generation } = event {
                self.change(revision, *lease, |record| {
                    record.migration = Some(Arc::clone(migration));
                    record.generation = *generation;
                });
            }
            if let Event::LeaseMoveCancelled { lease, generation } = event {
                self.change(revision, *lease, |record| {
                    record.migration = None;
                    record.generation = *generation;
                });
            }
            if let Event::LeaseMoved { from, to, .. } = event {
                self.holders.entry(from.holder.clone()).or_default().push((revision, None));
                self.holders.entry(to.holder.clone()).or_default().push((revision, Some(to.id)));
                self.exchange(revision, to)?;
            }
            if let Event::LeaseDeclined { lease, .. } = event {
                self.exchange(revision, lease)?;
            }
            if let Event::LeaseAdopted { lease, .. } = event {
                self.adopt(revision, lease)?;
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
        self.leases.insert(record.id, vec![(revision, record.clone())]);
        Ok(())
    }

    /// A lease of before is as it lives, on whichever host that is.
    fn adopt(&mut self, revision: u64, record: &LeaseRecord) -> Result<(), String> {
        let Some(before) = self.lease(record.id, revision).map(|before| before.holder.clone()) else {
            return self.grant(revision, record);
        };
        self.holders.entry(before).or_default().push((revision, None));
        self.holders.entry(record.holder.clone()).or_default().push((revision, Some(record.id)));
        self.exchange(revision, record)
    }

    /// A lease has other values from now on.
    fn exchange(&mut self, revision: u64, new: &LeaseRecord) -> Result<(), String> {
        let old = self.lease(new.id, revision).map(super::super::values::of_record).unwrap_or_default();
        let values = super::super::values::of_record(new);
        old.iter().filter(|value| !values.contains(value)).for_each(|value| {
            self.held.remove(value);
        });
        for value in values.into_iter().filter(|value| !old.contains(value)) {
            if !self.held.insert(value.clone()) {
                return Err(format!("{value} was given to lease {} while another has it", new.id));
            }
        }
        self.leases.entry(new.id).or_default().push((revision, new.clone()));
        Ok(())
    }

    fn change(&mut self, revision: u64, lease: LeaseId, change: impl FnOnce(&mut LeaseRecord)) {
        let Some(mut record) = self.lease(lease, revision).cloned() else { return };
        change(&mut record);
        self.leases.entry(lease).or_default().push((revision, record));
    }

    /// The last revision there is.
    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    /// A lease as of a revision, whether it has ended or not.
    pub(super) fn lease(&self, lease: LeaseId, revision: u64) -> Option<&LeaseRecord> {
        let versions = self.leases.get(&lease)?;
        versions.iter().rev().find(|(at, _)| *at <= revision).map(|(_, record)| record)
    }

    /// True if the lease has a value that its host declined and may use still, as of a revision.
    pub(super) fn has_retired(&self, lease: LeaseId, revision: u64) -> bool {
        self.lease(lease, revision).is_some_and(|record| record.retired.is_some())
    }

    /// The leases of a host as of a revision.
    pub(super) fn leases_on(&self, host: &HostName, revision: u64) -> BTreeSet<LeaseId> {
        let holders = self.holders.keys().filter(|holder| holder.host == *host);
        holders.filter_map(|holder| self.lease_of(holder, revision)).collect()
    }

    /// True if a lease is there as of a revision.
    pub(super) fn is_there(&self, lease: LeaseId, revision: u64) -> bool {
        self.lease(lease, revision).is_some() && self.ended.get(&lease).is_none_or(|ended| *ended > revision)
    }

    /// The lease of a holder as of a revision.
    pub(super) fn lease_of(&self, holder: &Holder, revision: u64) -> Option<LeaseId> {
        let changes = self.holders.get(holder)?;
        changes.iter().rev().find(|(at, _)| *at <= revision)?.1
    }
}
