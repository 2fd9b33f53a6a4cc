//! The leader's hand on cluster time.
//!
//! Cluster time is replicated and never falls. A leader advances it by its own monotonic clock from the value it inherited,
//! so wall clocks have no say, and a cluster without a leader does not age (design §4.2). What is stamped is a proposal:
//! the machine takes the later of it and what it has.

use allocd_types::time::{ClusterTime, Span};

/// Milliseconds of the caller's monotonic clock, since whenever it began to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Monotonic(pub u64);

/// Reads cluster time off a leader's monotonic clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeaderClock {
    at: Monotonic,
    reads: ClusterTime,
}

impl LeaderClock {
    /// Begins to count from an inherited value.
    pub(crate) const fn inherit(now: Monotonic, inherited: ClusterTime) -> Self {
        Self { at: now, reads: inherited }
    }

    /// Goes on from a later value, if the log turns out to hold one: the last leader's entries may be applied after the
    /// next has begun.
    pub(crate) fn catch_up(&mut self, now: Monotonic, applied: ClusterTime) {
        if applied > self.read(now) {
            *self = Self::inherit(now, applied);
        }
    }

    pub(crate) const fn read(self, now: Monotonic) -> ClusterTime {
        self.reads.after(Span::from_millis(now.0.saturating_sub(self.at.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_advances_by_the_monotonic_clock_from_what_it_inherited() {
        let clock = LeaderClock::inherit(Monotonic(1_000), ClusterTime::from_millis(50));
        assert_eq!(clock.read(Monotonic(1_000)), ClusterTime::from_millis(50));
        assert_eq!(clock.read(Monotonic(1_030)), ClusterTime::from_millis(80));
        assert_eq!(clock.read(Monotonic(0)), ClusterTime::from_millis(50));
    }

    #[test]
    fn it_catches_up_and_never_goes_back() {
        let mut clock = LeaderClock::inherit(Monotonic(0), ClusterTime::from_millis(50));
        clock.catch_up(Monotonic(10), ClusterTime::from_millis(40));
        assert_eq!(clock.read(Monotonic(10)), ClusterTime::from_millis(60));
        clock.catch_up(Monotonic(10), ClusterTime::from_millis(90));
        assert_eq!(clock.read(Monotonic(15)), ClusterTime::from_millis(95));
    }
}
