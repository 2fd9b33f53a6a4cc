//! How full a pool is: its values by state, and when that is worth a word.

use std::fmt;

use crate::limits::{USAGE_CRITICAL_PERCENT_DEFAULT, USAGE_WARNING_PERCENT_DEFAULT};
use crate::time::Span;
use crate::violation::Violations;

/// A pool's values by state. They always sum up to the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Counts {
    /// May be handed out now.
    pub free: u128,
    /// Held by a lease.
    pub leased: u128,
    /// Set aside for a named holder that has no lease on it yet.
    pub reserved: u128,
    /// Resting after their last lease.
    pub quarantined: u128,
    /// Never handed out: by an exclusion, or by what the value is.
    pub excluded: u128,
}

impl Counts {
    /// How many values the pool has.
    #[must_use]
    pub fn total(&self) -> u128 {
        self.free
            .saturating_add(self.leased)
            .saturating_add(self.reserved)
            .saturating_add(self.quarantined)
            .saturating_add(self.excluded)
    }

    /// The share of those that could ever be handed out which cannot be now, in percent, rounded down.
    #[must_use]
    pub fn used_percent(&self) -> u8 {
        let usable = self.total() - self.excluded;
        let used = usable - self.free;
        if usable == 0 {
            return 100;
        }
        // A /0 of IPv6 would overflow the multiplication; then the division goes first.
        let percent =
            used.checked_mul(100).map_or_else(|| used / (usable / 100).max(1), |scaled| scaled / usable);
        u8::try_from(percent.min(100)).expect("at most one hundred")
    }

    /// The sums of two pools' values, state by state.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            free: self.free.saturating_add(other.free),
            leased: self.leased.saturating_add(other.leased),
            reserved: self.reserved.saturating_add(other.reserved),
            quarantined: self.quarantined.saturating_add(other.quarantined),
            excluded: self.excluded.saturating_add(other.excluded),
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} leased, {} reserved, {} quarantined, {} excluded, {} free",
            self.leased, self.reserved, self.quarantined, self.excluded, self.free
        )
    }
}

/// From which share of use, in percent, a pool is worth a warning and worth an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Thresholds {
    /// A warning from here.
    pub warning_percent: u8,
    /// An alarm from here.
    pub critical_percent: u8,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            warning_percent: USAGE_WARNING_PERCENT_DEFAULT,
            critical_percent: USAGE_CRITICAL_PERCENT_DEFAULT,
        }
    }
}

impl Thresholds {
    /// Checks that both are shares and in order.
    pub fn check(self, field: &str, violations: &mut Violations) {
        if self.critical_percent > 100 || self.warning_percent > self.critical_percent {
            violations.add(
                field,
                "the warning's percentage comes at or before the alarm's, and that is at most 100",
            );
        }
    }

    /// What a share of use means.
    #[must_use]
    pub const fn level(self, used_percent: u8) -> UsageLevel {
        if used_percent >= self.critical_percent {
            UsageLevel::Critical
        } else if used_percent >= self.warning_percent {
            UsageLevel::Warning
        } else {
            UsageLevel::Normal
        }
    }
}

/// What a pool's use means to its operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsageLevel {
    /// Nothing to do.
    Normal,
    /// Plan for more.
    Warning,
    /// Act now.
    Critical,
}

impl fmt::Display for UsageLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Normal => "normal",
            Self::Warning => "warning",
            Self::Critical => "critical",
        })
    }
}

/// How full a pool is, as it is told to people and monitors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Which pool.
    pub pool: crate::pool::PoolRef,
    /// Its values by state.
    pub counts: Counts,
    /// What that means.
    pub level: UsageLevel,
    /// How long until the next resting value comes free, if any rests.
    pub next_free_in: Option<Span>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_use_leaves_excluded_values_out() {
        let counts = Counts { free: 10, leased: 70, reserved: 10, quarantined: 10, excluded: 900 };
        assert_eq!(counts.used_percent(), 90);
        assert_eq!(Counts { excluded: 5, ..Counts::default() }.used_percent(), 100);
        let huge = Counts { free: u128::MAX - 10, leased: 10, ..Counts::default() };
        assert_eq!(huge.used_percent(), 0);
    }

    #[test]
    fn levels_follow_the_thresholds() {
        let thresholds = Thresholds::default();
        assert_eq!(thresholds.level(79), UsageLevel::Normal);
        assert_eq!(thresholds.level(80), UsageLevel::Warning);
        assert_eq!(thresholds.level(95), UsageLevel::Critical);
    }
}
