//! The promise itself: no value has two holders at one moment of real time, as the holders see it.

use std::collections::BTreeMap;

use allocd_state::state::State;
use allocd_types::value::Value;

use super::super::observation::{Place, Seen, Use};
use super::list::Checker;

/// Which values are in use now.
#[derive(Default)]
pub(super) struct Holders {
    uses: BTreeMap<Place, Use>,
    by_value: BTreeMap<Value, Place>,
}

impl Holders {
    fn begin(&mut self, begun: &Use) -> Result<(), String> {
        let place = begun.place();
        self.end(&place);
        for value in &begun.values {
            if let Some(there) = self.by_value.get(value) {
                let (holder, other) = (&begun.holder, &self.uses[there].holder);
                return Err(format!(
                    "{value} is used by {holder} as lease {} and still by {other} as lease {}",
                    begun.lease, there.0
                ));
            }
        }
        self.by_value.extend(begun.values.iter().map(|value| (value.clone(), place.clone())));
        self.uses.insert(place, begun.clone());
        Ok(())
    }

    fn end(&mut self, place: &Place) {
        for value in self.uses.remove(place).into_iter().flat_map(|ended| ended.values) {
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
            Seen::Stops { lease, host } => {
                self.end(&(lease, host.clone()));
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
