//! A mistake: a member that was removed is started again on the disk that it has kept. It has to find out, and to do no harm.

use super::chore::Step;

/// The member that is started.
#[derive(Debug, Clone)]
pub(super) struct Mistake {
    pub(super) member: u64,
    pub(super) is_made: bool,
}

impl Mistake {
    pub(super) const fn next(&mut self) -> Step {
        if std::mem::replace(&mut self.is_made, true) {
            return Step::Done;
        }
        Step::StartAgain(self.member)
    }
}
