//! One more member: added, started, and let vote once it has caught up.

use allocd_types::cluster::{MemberChange, MemberVote};
use allocd_types::id::MemberId;

use super::super::order::{Look, Wanted};
use super::Sight;
use super::chore::Step;

/// How many ticks ago a member may have been heard of, to count as there.
const SILENT_TICKS_MAX: u64 = 10;

/// A member to be added.
#[derive(Debug, Clone)]
pub(super) struct Grow {
    /// Where it is to be reached: by that it is found again, whatever became of the answers.
    pub(super) address: String,
    /// Under which id, if the operator says one.
    pub(super) id: Option<MemberId>,
}

impl Grow {
    pub(super) fn next(&self, look: &Look, sight: &Sight) -> Step {
        let Some(id) = look.member_at(&self.address) else {
            let (member, address) = (self.id, self.address.clone());
            return Step::Ask(Wanted::Change(MemberChange::Add { member, address }));
        };
        if !sight.installed.contains(&id) {
            return Step::Install(id);
        }
        if sight.lost.contains(&id) {
            return Step::GiveUp;
        }
        match look.members[&id] {
            MemberVote::Voter => Step::Done,
            MemberVote::Learner => {
                let follows = look.progress.iter().find(|peer| peer.member.get() == id);
                let is_there = follows.is_some_and(|peer| {
                    let is_heard_of = peer.silent_ticks.is_some_and(|ticks| ticks <= SILENT_TICKS_MAX);
                    is_heard_of && !peer.gets_snapshot && peer.matched > 0
                });
                let promotion = Wanted::Change(MemberChange::Promote(MemberId::new(id)));
                if is_there { Step::Ask(promotion) } else { Step::WaitOrAsk(promotion) }
            }
        }
    }
}
