//! The operator's chores. Each looks at the cluster as it is and says the next step towards what it wants, so it does not matter
//! which answer was lost, or what somebody else has done meanwhile.

use super::super::order::{Look, Wanted};
use super::Sight;
use super::grow::Grow;
use super::hand_over::HandOver;
use super::mistake::Mistake;
use super::shrink::Shrink;

/// One chore.
#[derive(Debug, Clone)]
pub(super) enum Chore {
    /// One more member.
    Grow(Grow),
    /// A member less.
    Shrink(Shrink),
    /// The lead to another.
    HandOver(HandOver),
    /// A removed member is started.
    Mistake(Mistake),
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask the leader for something.
    Ask(Wanted),
    /// Wait a while and look again; or be impatient, and ask for it all the same.
    WaitOrAsk(Wanted),
    /// Set up the machine of a new member.
    Install(u64),
    /// Switch the machine of a former member off for good.
    TakeAway(u64),
    /// Start a former member.
    StartAgain(u64),
    /// Nothing: it is done.
    Done,
    /// Nothing: it cannot be done.
    GiveUp,
}

impl Chore {
    /// The next step, as things are.
    pub(super) fn next(&mut self, look: &Look, sight: &Sight) -> Step {
        match self {
            Self::Grow(grow) => grow.next(look, sight),
            Self::Shrink(shrink) => shrink.next(look),
            Self::HandOver(hand_over) => hand_over.next(look, sight),
            Self::Mistake(mistake) => mistake.next(),
        }
    }
}
