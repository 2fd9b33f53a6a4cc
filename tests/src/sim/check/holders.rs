//! The promise itself: no value has two holders at one moment of real time, as the holders see it.

use std::collections::BTreeMap;

use allocd_state::state::State;
use allocd_types::id::LeaseId;
use allocd_types::value::Value;

use super::super::observation::{Seen, Use};
use super::list::Checker;

/// Which values are in use now.
#[derive(Default)]
pub(super) struct Holders {
    uses: BTreeMap<LeaseId, Use>,
    by_value: BTreeMap<Value, LeaseId>,
}

impl Holders {
    fn begin(&mut self, begun: &Use) -> Result<(), String> {
        self.end(begun.lease);
        for value in &begun.values {
            if let Some(lease) = self.by_value.get(value) {
                let (holder, other) = (&begun.holder, &self.uses[lease].holder);
                return Err(format!(
                    "{value} is used by {holder} as lease {} and still by {other} as lease {lease}",
                    begun.lease
                ));
            }
        }
        self.by_value.extend(begun.values.iter().map(|value| (value.clone(), begun.lease)));
        self.uses.insert(begun.lease, begun.clone());
        Ok(())
    }

    fn end(&mut self, lease: LeaseId) {
        for value in self.uses.remove(&lease).into_iter().flat_map(|ended| ended.values) {
            self.by_value.remove(&value);
        }
    }
}

impl Checker for Holders {
    fn name(&self) -> &'static str {
        "holders"
    }

    /// Holders go on, whatever becomes of the cluster.
    fn begin_anew(&mut self, _: &State) {}

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        match seen {
            Seen::Uses(begun) => self.begin(begun),
            Seen::Stops { lease } => {
                self.end(lease);
                Ok(())
            }
            Seen::Members { .. }
            | Seen::Vote { .. }
            | Seen::Committed { .. }
            | Seen::Role { .. }
            | Seen::Applied { .. }
            | Seen::Digest { .. }
            | Seen::Installed { .. }
            | Seen::Events { .. }
            | Seen::State { .. }
            | Seen::Asked { .. }
            | Seen::Answered { .. } => Ok(()),
        }
    }
}
