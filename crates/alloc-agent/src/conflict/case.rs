//! One conflict of a lease: what was heard of it, and what the cluster has answered.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use allocd_types::decline::{Evidence, Kept, KeptWhy, LeasePart};
use allocd_types::id::{Generation, LeaseId};

/// How long something is shown that is no more than a hint, and how long nothing more is said of a value that is kept where the
/// cluster does not know when another may be had.
pub(crate) const HOUR_MS: u64 = 3_600_000;
/// How long nothing more is said of a value after the cluster has refused to hear of it.
const REFUSED_MS: u64 = 300_000;

/// What a conflict is about. There is one case of each for a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Matter {
    /// Somebody else on the wire has it: it is declined.
    Taken(LeasePart),
    /// Detection of duplicates has said so of an address. Whether it is so, the interface shows.
    Suspected(IpAddr),
    /// An address is used by the jail of another lease of this host, which is put right there.
    NextDoor(Ipv4Addr, LeaseId),
    /// One of its values was seen elsewhere, and that proves nothing.
    Elsewhere,
    /// Frames come back to whoever has sent them.
    Loop,
}

/// A conflict of a lease as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) generation: Generation,
    pub(crate) evidence: Evidence,
    /// Nothing if it is still to be said.
    pub(crate) answer: Option<Answer>,
}

/// Why nothing more is said of a conflict for some time, by the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) why: Why,
    pub(crate) said_ms: u64,
    pub(crate) wait_ms: u64,
}

/// Why nothing more is said of a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It is a hint.
    Hint,
    /// The configuration says so.
    Policy,
    /// The cluster says no to the question itself.
    Refused,
    /// The cluster leaves the value with its lease.
    Kept(KeptWhy),
}

impl Matter {
    /// What is known of it as soon as it is heard.
    pub(super) fn answer(self, now_ms: u64) -> Option<Answer> {
        match self {
            Self::Taken(_) => None,
            Self::Suspected(_) | Self::NextDoor(..) | Self::Elsewhere | Self::Loop => {
                Some(Answer { why: Why::Hint, said_ms: now_ms, wait_ms: HOUR_MS })
            }
        }
    }

    /// What it says of a lease, with its evidence.
    pub(crate) fn told(self, case: &Case) -> String {
        let told = match self {
            Self::Taken(part) => format!("somebody else on the wire has its {part}"),
            Self::Suspected(address) => format!("somebody else on the wire may have {address}"),
            Self::NextDoor(address, lease) => {
                format!("the jail of {} uses {address}", lease.resource_name())
            }
            Self::Elsewhere => "one of its values was seen elsewhere".to_owned(),
            Self::Loop => "the wire seems to have a loop".to_owned(),
        };
        let answer = case.answer.map(|answer| answer.why.to_string()).unwrap_or_default();
        format!("{told} ({}){answer}", case.evidence.text)
    }
}

impl Answer {
    /// What the cluster has said, that keeps the value with its lease.
    pub(crate) fn kept(kept: Kept, now_ms: u64) -> Self {
        let wait_ms = kept.retry_after.map_or(HOUR_MS, |span| span.millis());
        Self { why: Why::Kept(kept.why), said_ms: now_ms, wait_ms }
    }

    /// That the cluster did not want to hear of it.
    pub(crate) const fn refused(now_ms: u64) -> Self {
        Self { why: Why::Refused, said_ms: now_ms, wait_ms: REFUSED_MS }
    }

    /// That the configuration does not want it said.
    pub(crate) const fn policy(now_ms: u64) -> Self {
        Self { why: Why::Policy, said_ms: now_ms, wait_ms: HOUR_MS }
    }

    /// True once more may be said. A clock that was set back begins the time anew.
    pub(super) fn is_over(&mut self, now_ms: u64) -> bool {
        self.said_ms = self.said_ms.min(now_ms);
        now_ms - self.said_ms >= self.wait_ms
    }
}

/// As the end of a sentence.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hint => Ok(()),
            Self::Policy => f.write_str(", and that is only told, as configured"),
            Self::Refused => f.write_str(", and the cluster does not want to hear of it"),
            Self::Kept(why) => write!(f, ", and it is not exchanged: {why}"),
        }
    }
}
