//! When the holder of a lease with a lifetime must stop using its values: pure, in the holder's own time.
//!
//! The cluster says how much remains; the holder counts from the moment it *sent* the question, so that the way back cannot
//! make the lease longer, and by a clock that counts while the machine is suspended (`CLOCK_BOOTTIME` on Linux,
//! `CLOCK_MONOTONIC` on FreeBSD). Clocks may differ in rate by [`RATE_ERROR_PERCENT`]; the margin is for what happens between
//! looking at the clock and the last frame. Then the holder is done before the cluster's deadline, and quarantine comes after
//! that. Two assumptions are the operator's: rates within the bound, and pauses shorter than quarantine.

use std::fmt;
use std::time::Duration;

use allocd_types::time::Span;

/// By how many percent the rates of two clocks may differ.
pub const RATE_ERROR_PERCENT: u64 = 1;

/// A moment by the holder's own clock, counted from any moment that stays the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HolderTime(pub Duration);

/// Until when values may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UseUntil {
    /// Up to this moment, which may be past.
    Moment(HolderTime),
    /// For ever: the lease is permanent.
    Forever,
}

impl UseUntil {
    /// The rule: `sent_at + remaining·(1 − ρ) − margin`, and never before `sent_at`.
    #[must_use]
    pub fn rule(sent_at: HolderTime, remaining: Option<Span>, margin: Span) -> Self {
        remaining.map_or(Self::Forever, |remaining| {
            Self::Moment(sent_at.after(usable(remaining.millis()).saturating_sub(margin.millis())))
        })
    }

    /// True if the values may be used now.
    #[must_use]
    pub fn allows(self, now: HolderTime) -> bool {
        match self {
            Self::Moment(end) => now < end,
            Self::Forever => true,
        }
    }
}

/// When to renew a lease: after a third of what may be used, which leaves two more chances; a permanent one never.
#[must_use]
pub fn renew_at(sent_at: HolderTime, remaining: Option<Span>) -> Option<HolderTime> {
    remaining.map(|remaining| sent_at.after(usable(remaining.millis()) / 3))
}

/// What is certain to be left by a clock that may be slow; rounded down.
const fn usable(millis: u64) -> u64 {
    // Hundredths first, so that no span is too long; their remainder is worth less than one.
    millis - millis.div_ceil(100) * RATE_ERROR_PERCENT
}

impl HolderTime {
    fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(Duration::from_millis(millis)))
    }
}

impl fmt::Display for UseUntil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moment(HolderTime(since)) => write!(f, "until {since:?} of the host's clock"),
            Self::Forever => f.write_str("for ever"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> HolderTime {
        HolderTime(Duration::from_millis(millis))
    }

    fn rule(sent_at: u64, remaining: u64, margin: u64) -> UseUntil {
        UseUntil::rule(at(sent_at), Some(Span::from_millis(remaining)), Span::from_millis(margin))
    }

    #[test]
    fn the_rule_counts_from_the_sending() {
        assert_eq!(rule(1_000, 60_000, 500), UseUntil::Moment(at(1_000 + 59_400 - 500)));
        assert!(rule(1_000, 60_000, 500).allows(at(59_899)));
        assert!(!rule(1_000, 60_000, 500).allows(at(59_900)));
    }

    #[test]
    fn a_permanent_lease_never_ends_and_is_never_renewed() {
        let until = UseUntil::rule(at(0), None, Span::from_seconds(5));
        assert!(until.allows(HolderTime(Duration::MAX)));
        assert_eq!(renew_at(at(0), None), None);
    }

    #[test]
    fn a_margin_longer_than_what_remains_leaves_nothing() {
        assert_eq!(rule(7, 400, 500), UseUntil::Moment(at(7)));
        assert_eq!(rule(7, 0, 0), UseUntil::Moment(at(7)));
        assert!(!rule(7, 0, 0).allows(at(7)));
    }

    #[test]
    fn an_endless_span_does_not_overflow() {
        assert!(rule(u64::MAX, u64::MAX, 0).allows(at(u64::MAX)));
    }

    proptest! {
        #[test]
        fn the_holder_stops_before_the_cluster_frees(
            remaining in 0_u64..1 << 40,
            margin in 0_u64..1 << 20,
            // The holder's clock runs slow, at 99 % to 100 % of the cluster's, in ten-thousandths.
            rate in 9_900_u64..=10_000,
        ) {
            let UseUntil::Moment(HolderTime(end)) = rule(0, remaining, margin) else {
                panic!("a lifetime ends");
            };
            let by_cluster = end.as_millis() * 10_000 / u128::from(rate);
            prop_assert!(by_cluster <= u128::from(remaining), "{by_cluster} of {remaining}");
        }

        #[test]
        fn there_is_time_to_renew(remaining in 1_000_u64..1 << 40) {
            let renewal = renew_at(at(0), Some(Span::from_millis(remaining))).unwrap();
            prop_assert!(rule(0, remaining, 0).allows(renewal));
        }
    }
}
