//! Leases that end by themselves: until when each may be in use here. Pure; what looks at the clock is elsewhere.
//!
//! By the rule of [`allocd_client::deadline`], with [`MARGIN`] for the watchdog to look and for ifconfig(8) to do its work. A moment
//! is by the clock of one boot, since that begins anew with each. Whatever is not known to be in time is over: after a reboot,
//! after a change of the machine's date, and of another generation.
//!
//! A moment outlives its lease: it is forgotten only when nothing of the lease is left on the host, and until then the watchdog
//! keeps it out of use.

use std::collections::BTreeMap;
use std::fmt;

use allocd_client::deadline::{HolderTime, UseUntil};
use allocd_types::id::{Generation, LeaseId};
use allocd_types::lease::Lease;
use allocd_types::time::Span;

/// How long before the moment by the rule a lease is taken out of use.
pub(crate) const MARGIN: Span = Span::from_seconds(5);

/// A boot of the machine: `kern.boottime` as sysctl(8) shows it, which a change of the date changes too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Boot(String);

/// Until when leases may be in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lifetimes {
    /// By which boot's clock the moments are; none if there is none.
    pub(crate) boot: Option<Boot>,
    pub(crate) ends: BTreeMap<LeaseId, End>,
}

/// The end of a lease's use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) generation: Generation,
    pub(crate) at: HolderTime,
}

impl Boot {
    /// By what sysctl(8) shows, without the same moment as a date of some time zone.
    pub(crate) fn new(boottime: &str) -> Self {
        let end = boottime.find('}').map_or(boottime.len(), |at| at + 1);
        Self(boottime.get(..end).unwrap_or(boottime).trim().to_owned())
    }
}

impl fmt::Display for Boot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Lifetimes {
    /// Goes by this boot's clock: moments by another's are over.
    pub(crate) fn go_by(&mut self, boot: Boot) {
        if self.boot.as_ref() != Some(&boot) {
            self.ends.values_mut().for_each(|end| end.at = HolderTime::default());
            self.boot = Some(boot);
        }
    }

    /// Notes what was told of a lease in answer to a question that was sent then. A permanent lease is none of its business.
    pub(crate) fn note(&mut self, lease: &Lease, sent_at: HolderTime) {
        match UseUntil::rule(sent_at, lease.remaining, MARGIN) {
            UseUntil::Forever => {}
            UseUntil::Moment(at) => {
                self.ends.insert(lease.id, End { generation: lease.generation, at });
            }
        }
    }

    /// True if a lease may be in use now.
    pub(crate) fn is_in_time(&self, lease: &Lease, now: HolderTime) -> bool {
        lease.remaining.is_none()
            || self.ends.get(&lease.id).is_some_and(|end| end.generation == lease.generation && now < end.at)
    }

    /// The leases of which nothing may be in use now.
    pub(crate) fn over(&self, now: HolderTime) -> impl Iterator<Item = LeaseId> {
        self.ends.iter().filter(move |(_, end)| now >= end.at).map(|(lease, _)| *lease)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::example::lease;

    fn at(seconds: u64) -> HolderTime {
        HolderTime(Duration::from_secs(seconds))
    }

    fn ends_in(seconds: u32) -> Lease {
        Lease { remaining: Some(Span::from_seconds(seconds)), ..lease(17, "web01", 7) }
    }

    fn noted() -> Lifetimes {
        let mut lifetimes = Lifetimes::default();
        lifetimes.go_by(Boot::new("{ sec = 7, usec = 0 } Thu Jan  1 00:00:07 1970"));
        lifetimes.note(&ends_in(100), at(1_000));
        lifetimes
    }

    #[test]
    fn a_lease_is_out_of_use_in_time() {
        let lifetimes = noted();
        // 99 of the 100 seconds are certain, and five are for the way down.
        assert!(lifetimes.is_in_time(&ends_in(100), at(1_093)));
        assert!(!lifetimes.is_in_time(&ends_in(100), at(1_094)));
        assert_eq!(lifetimes.over(at(1_093)).count(), 0);
        assert_eq!(lifetimes.over(at(1_094)).collect::<Vec<_>>(), [LeaseId::new(17)]);
    }

    #[test]
    fn what_is_not_known_is_over_and_what_is_permanent_never_is() {
        assert!(!Lifetimes::default().is_in_time(&ends_in(100), at(0)));
        assert!(Lifetimes::default().is_in_time(&lease(17, "web01", 7), HolderTime(Duration::MAX)));
        let mut other = ends_in(100);
        other.generation.timeline += 1;
        assert!(!noted().is_in_time(&other, at(1_000)));
    }

    #[test]
    fn moments_by_another_boots_clock_are_over() {
        let mut lifetimes = noted();
        lifetimes.go_by(Boot::new("{ sec = 7, usec = 0 } Thu Jan  1 01:00:07 1970"));
        assert!(lifetimes.is_in_time(&ends_in(100), at(1_000)), "it is the same boot in another time zone");
        lifetimes.go_by(Boot::new("{ sec = 8, usec = 0 } Thu Jan  1 01:00:08 1970"));
        assert!(!lifetimes.is_in_time(&ends_in(100), at(0)));
        assert_eq!(lifetimes.over(at(0)).count(), 1);
    }
}
