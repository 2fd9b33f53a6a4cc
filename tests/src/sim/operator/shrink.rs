//! A member less: it hands the lead over if it has it, is removed, and its machine is taken away; or left, to find out by itself.

use allocd_types::cluster::MemberChange;
use allocd_types::id::MemberId;

use super::super::order::{Look, Wanted};
use super::chore::Step;

/// A member to be removed.
#[derive(Debug, Clone)]
pub(super) struct Shrink {
    pub(super) member: u64,
}

impl Shrink {
    pub(super) fn next(&self, look: &Look) -> Step {
        if !look.members.contains_key(&self.member) {
            return Step::TakeAway(self.member);
        }
        if look.leader == Some(self.member) {
            let mut others: Vec<_> =
                look.progress.iter().filter(|peer| look.voters().any(|id| id == peer.member.get())).collect();
            others.sort_by_key(|peer| (peer.silent_ticks.unwrap_or(u64::MAX), peer.member));
            return match others.first() {
                Some(heir) => Step::Ask(Wanted::Transfer(heir.member)),
                None => Step::GiveUp,
            };
        }
        Step::Ask(Wanted::Change(MemberChange::Remove(MemberId::new(self.member))))
    }
}
