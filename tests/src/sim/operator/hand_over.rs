//! The lead to another member, as before a maintenance.

use allocd_types::id::MemberId;

use super::super::order::{Look, Wanted};
use super::Sight;
use super::chore::Step;

/// Who is to lead.
#[derive(Debug, Clone)]
pub(super) struct HandOver {
    pub(super) to: u64,
}

impl HandOver {
    pub(super) fn next(&self, look: &Look, sight: &Sight) -> Step {
        if sight.is_peaceful || sight.lost.contains(&self.to) || !look.voters().any(|id| id == self.to) {
            return Step::GiveUp;
        }
        if look.leader == Some(self.to) {
            Step::Done
        } else {
            Step::Ask(Wanted::Transfer(MemberId::new(self.to)))
        }
    }
}
