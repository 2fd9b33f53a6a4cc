//! Members change one at a time, and every member has the same ones as of the same entry.
//!
//! No majority of the members before a change can be without one of those after it, no id comes back, and none is lower
//! than one that was there before.

use std::collections::{BTreeMap, BTreeSet};

use allocd_state::state::State;

use super::super::observation::Seen;
use super::list::Checker;

/// Who belonged to the cluster as of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Known {
    voters: BTreeSet<u64>,
    learners: BTreeSet<u64>,
}

/// The members as of each entry that changed them, and who told first.
#[derive(Default)]
pub(super) struct Members {
    known: BTreeMap<u64, (u64, Known)>,
    gone: BTreeSet<u64>,
}

impl Known {
    fn ids(&self) -> BTreeSet<u64> {
        self.voters.union(&self.learners).copied().collect()
    }
}

impl Members {
    fn told(&mut self, member: u64, index: u64, told: Known) -> Result<(), String> {
        if let Some((first, there)) = self.known.get(&index) {
            let is_same = *there == told;
            let what =
                || format!("members {first} and {member} differ as of {index}: {there:?} and {told:?}");
            return if is_same { Ok(()) } else { Err(what()) };
        }
        if let Some((last, (_, before))) = self.known.last_key_value() {
            if index < *last {
                return Err(format!(
                    "member {member} has members as of {index}, which nobody had before {last}"
                ));
            }
            let (old, new) = (before.ids(), told.ids());
            let what = |why: &str| Err(format!("as of {index}, {before:?} become {told:?}: {why}"));
            let changed: BTreeSet<_> = old
                .symmetric_difference(&new)
                .chain(before.voters.symmetric_difference(&told.voters))
                .collect();
            if changed.len() > 1 {
                return what("more than one changes");
            }
            let all = before.voters.union(&told.voters).count();
            let needed = before.voters.len() / 2 + 1 + told.voters.len() / 2 + 1;
            if needed <= all {
                return what("a majority of the former has none of the new ones");
            }
            let newcomers: BTreeSet<u64> = new.difference(&old).copied().collect();
            let highest = self.gone.last().max(old.last()).copied().unwrap_or(0);
            if newcomers.first().is_some_and(|id| *id <= highest) {
                return what("an id is used again");
            }
            if !told.voters.is_subset(&old) {
                return what("one votes that has not learned");
            }
            self.gone.extend(old.difference(&new));
        }
        self.known.insert(index, (member, told));
        Ok(())
    }
}

impl Checker for Members {
    fn name(&self) -> &'static str {
        "members"
    }

    fn begin_anew(&mut self, _: &State) {
        *self = Self::default();
    }

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        match seen {
            Seen::Members { member, index, voters, learners } => {
                self.told(member, index, Known { voters: voters.clone(), learners: learners.clone() })
            }
            Seen::Vote { .. }
            | Seen::Committed { .. }
            | Seen::Role { .. }
            | Seen::Applied { .. }
            | Seen::Digest { .. }
            | Seen::Installed { .. }
            | Seen::Events { .. }
            | Seen::State { .. }
            | Seen::Asked { .. }
            | Seen::Answered { .. }
            | Seen::Uses(_)
            | Seen::Stops { .. } => Ok(()),
        }
    }
}
