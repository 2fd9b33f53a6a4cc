//! Whoever leads has the votes of a majority of those that vote, and what is applied is on the disks of one. Neither those that
//! learn nor those that were removed count.
//!
//! A change of members may be applied together with what comes before and behind it, so a majority of those before the last
//! change does as well: it has a member in common with every majority of those after it.

use std::collections::{BTreeMap, BTreeSet};

use allocd_replica::Role;
use allocd_state::state::State;

use super::super::observation::Seen;
use super::list::Checker;

/// Who votes, and who has voted.
#[derive(Default)]
pub(super) struct Majorities {
    /// Who votes as of each entry that changed that.
    voters: BTreeMap<u64, BTreeSet<u64>>,
    /// As of which entry each member knows who votes.
    known: BTreeMap<u64, u64>,
    /// Whose votes reached whom in which term.
    votes: BTreeMap<(u64, u64), BTreeSet<u64>>,
}

impl Majorities {
    /// Whether these are a majority of those that vote as of an entry, or as of the change before.
    fn are_enough(&self, those: &BTreeSet<u64>, index: u64) -> bool {
        let mut known = self.voters.range(..=index).rev().take(2).map(|(_, voters)| voters);
        known.any(|voters| those.intersection(voters).count() > voters.len() / 2)
    }
}

impl Checker for Majorities {
    fn name(&self) -> &'static str {
        "majorities"
    }

    fn begin_anew(&mut self, _: &State) {
        *self = Self::default();
    }

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        match seen {
            Seen::Members { member, index, voters, .. } => {
                self.known.insert(member, index);
                self.voters.insert(index, voters.clone());
                Ok(())
            }
            Seen::Vote { from, to, term } => {
                self.votes.entry((to, term)).or_default().insert(from);
                Ok(())
            }
            Seen::Role { member, standing } if standing.role == Role::Leader => {
                let mut by = self.votes.get(&(member, standing.term)).cloned().unwrap_or_default();
                by.insert(member);
                let index = self.known.get(&member).copied().unwrap_or_default();
                if self.are_enough(&by, index) {
                    return Ok(());
                }
                Err(format!("member {member} leads in term {} by the votes of {by:?} alone", standing.term))
            }
            Seen::Committed { index, by } if !self.are_enough(by, index - 1) => {
                Err(format!("entry {index} is applied and only on the disks of {by:?}"))
            }
            Seen::Committed { .. }
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
