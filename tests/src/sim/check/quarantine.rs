//! A value rests between two holders: by real time, from when the one had to be done with it to when the other is granted it.
//!
//! Cluster time runs at most half a percent fast, so of a quarantine at least 99 % of its real length must have passed.

use std::collections::BTreeMap;

use allocd_state::event::Event;
use allocd_state::record::LeaseRecord;
use allocd_state::state::State;
use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;
use allocd_types::value::Value;

use super::super::observation::{Place, Seen, Use};
use super::super::values::{of_record, quarantine_millis};
use super::list::Checker;

/// Who used what, until when.
#[derive(Default)]
pub(super) struct Quarantine {
    uses: BTreeMap<Place, Use>,
    /// What each lease had when something of it changed last.
    had: BTreeMap<LeaseId, Vec<Value>>,
    /// Who had a value last, and when that ended.
    ended: BTreeMap<Value, (Holder, u64)>,
    seen: u64,
}

impl Quarantine {
    fn stop(&mut self, real: u64, place: &Place) {
        let Some(Use { holder, values, due_at, .. }) = self.uses.remove(place) else { return };
        // One that is held up ends late; that is what quarantine is for.
        let end = due_at.map_or(real, |due_at| due_at.min(real));
        self.ended.extend(values.into_iter().map(|value| (value, (holder.clone(), end))));
    }

    fn granted(&mut self, real: u64, record: &LeaseRecord) -> Result<(), String> {
        let late: Vec<Place> = self
            .uses
            .values()
            .filter(|there| there.due_at.is_some_and(|due_at| due_at <= real))
            .map(Use::place)
            .collect();
        late.into_iter().for_each(|place| self.stop(real, &place));
        // What a lease had before it keeps without a rest, wherever it goes.
        let had = self.had.insert(record.id, of_record(record)).unwrap_or_default();
        for value in of_record(record).into_iter().filter(|value| !had.contains(value)) {
            let Some((holder, end)) = self.ended.get(&value) else { continue };
            let (rested, least) = (real - end, quarantine_millis(&value) * 99 / 100);
            if *holder != record.holder && rested < least {
                return Err(format!(
                    "{value} of {holder} rested {rested} ms and not {least} before {} was granted it",
                    record.holder
                ));
            }
        }
        Ok(())
    }
}

impl Quarantine {
    /// What went along with a lease was its new holder's last, whether that came to use it or not.
    fn moved(&mut self, from: &LeaseRecord, to: &LeaseRecord) {
        for value in of_record(to) {
            if let Some((holder, _)) = self.ended.get_mut(&value).filter(|(holder, _)| *holder == from.holder)
            {
                *holder = to.holder.clone();
            }
        }
    }
}

impl Checker for Quarantine {
    fn name(&self) -> &'static str {
        "quarantine"
    }

    /// Holders go on, whatever becomes of the cluster.
    fn begin_anew(&mut self, _: &State) {}

    fn see(&mut self, real: u64, seen: Seen<'_>) -> Result<(), String> {
        match seen {
            Seen::Uses(begun) => drop(self.uses.insert(begun.place(), begun.clone())),
            Seen::Stops { lease, host } => self.stop(real, &(lease, host.clone())),
            Seen::Events { revision, events, .. } if revision > self.seen => {
                self.seen = revision;
                for event in events {
                    if let Event::LeaseMoved { from, to, .. } = event {
                        self.moved(from, to);
                    }
                    if let Event::LeaseGranted(record)
                    | Event::LeaseMoved { to: record, .. }
                    | Event::LeaseDeclined { lease: record, .. }
                    | Event::LeaseAdopted { lease: record, .. } = event
                    {
                        self.granted(real, record)?;
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
