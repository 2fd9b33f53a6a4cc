//! When this member stands for election: between once and twice the election ticks without a leader, by our own seed.
//!
//! raft draws the timeout itself, from a generator that no seed repeats, whenever it changes term or role. So ours is put
//! in its place after each step, and drawn anew on the same occasions, and after an election that came to nothing.

use crate::effects::Role;
use crate::random::Random;

/// Draws election timeouts.
#[derive(Debug)]
pub(crate) struct ElectionTimer {
    random: Random,
    ticks: usize,
    drawn: usize,
    drawn_for: (u64, Role),
}

impl ElectionTimer {
    pub(crate) fn new(mut random: Random, ticks: usize) -> Self {
        let drawn = ticks + random.below(ticks);
        Self { random, ticks, drawn, drawn_for: (0, Role::Follower) }
    }

    /// The timeout for this term and role.
    pub(crate) fn timeout(&mut self, term: u64, role: Role) -> usize {
        if self.drawn_for != (term, role) {
            self.drawn_for = (term, role);
            self.redraw();
        }
        self.drawn
    }

    /// Draws another timeout, so that two members that collided part.
    pub(crate) fn redraw(&mut self) {
        self.drawn = self.ticks + self.random.below(self.ticks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_stays_until_term_or_role_change() {
        let mut timer = ElectionTimer::new(Random::seeded(7), 1_000);
        let first = timer.timeout(1, Role::Follower);
        assert_eq!(timer.timeout(1, Role::Follower), first);
        assert_ne!(timer.timeout(1, Role::Candidate), first);
    }

    #[test]
    fn timeouts_lie_between_once_and_twice_the_ticks() {
        let mut timer = ElectionTimer::new(Random::seeded(7), 10);
        for term in 1..1_000 {
            assert!((10..20).contains(&timer.timeout(term, Role::Follower)));
        }
    }
}
