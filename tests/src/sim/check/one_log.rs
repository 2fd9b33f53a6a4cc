//! What one member has applied at an index, every member applies there, for ever.

use std::collections::BTreeMap;

use allocd_replica::log::Record;
use allocd_state::state::State;

use super::super::observation::Seen;
use super::list::Checker;

/// What was applied at each index, and by whom first.
#[derive(Default)]
pub(super) struct OneLog(BTreeMap<u64, (u64, Record)>);

impl Checker for OneLog {
    fn name(&self) -> &'static str {
        "one_log"
    }

    fn begin_anew(&mut self, _: &State) {
        *self = Self::default();
    }

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        let Seen::Applied { member, record } = seen else { return Ok(()) };
        let (first, applied) = self.0.entry(record.index).or_insert_with(|| (member, record.clone()));
        if applied == record {
            return Ok(());
        }
        Err(format!(
            "at index {} member {member} applies an entry of term {}, where member {first} applied another, of term {}",
            record.index, record.term, applied.term
        ))
    }
}
