//! A request is applied once, however often it is sent, and however often it arrives.
//!
//! Every wish of the simulator's clients carries its operation's number as a label, which ends up in what it made.

use std::collections::BTreeMap;

use allocd_state::event::Event;
use allocd_state::state::State;
use allocd_types::label::Labels;

use super::super::observation::Seen;
use super::super::wish::OPERATION_LABEL;
use super::list::Checker;

/// At which revision each operation took effect.
#[derive(Default)]
pub(super) struct Once {
    done_at: BTreeMap<String, u64>,
    seen: u64,
}

impl Once {
    fn made(&mut self, revision: u64, labels: &Labels) -> Result<(), String> {
        let Some(operation) = labels.get(OPERATION_LABEL) else { return Ok(()) };
        match self.done_at.insert(operation.to_owned(), revision) {
            Some(before) => Err(format!("operation {operation} took effect at {before} and at {revision}")),
            None => Ok(()),
        }
    }
}

impl Checker for Once {
    fn name(&self) -> &'static str {
        "once"
    }

    fn begin_anew(&mut self, _: &State) {
        *self = Self::default();
    }

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        let Seen::Events { revision, events, .. } = seen else { return Ok(()) };
        if revision <= self.seen {
            return Ok(());
        }
        self.seen = revision;
        for event in events {
            if let Event::LeaseGranted(record) = event {
                self.made(revision, &record.labels)?;
            }
            if let Event::HostCreated(spec) = event {
                self.made(revision, &spec.labels)?;
            }
        }
        Ok(())
    }
}
