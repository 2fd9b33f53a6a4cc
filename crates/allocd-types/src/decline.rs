//! A decline (DHCPDECLINE, RFC 2131 §4.3.3): a holder reports that a value is in use by somebody else on the wire.

use std::fmt;
use std::net::IpAddr;

use crate::allocation::LeaseRef;
use crate::holder::Holder;
use crate::id::{Generation, LeaseId};
use crate::lease::Lease;
use crate::limits::EVIDENCE_BYTES_MAX;
use crate::mac::Mac;
use crate::time::{ClusterTime, Span, WallTime};
use crate::value::Value;

/// A report of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeclineSpec {
    /// Which lease has the value.
    pub lease: LeaseRef,
    /// The generation that the reporter goes by; a stale one is refused.
    pub generation: Generation,
    /// Which of its values.
    pub part: LeasePart,
    /// What was seen.
    pub evidence: Evidence,
}

/// One of a lease's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeasePart {
    /// The unit.
    Index,
    /// The MACs: of a cable, both.
    Macs,
    /// One of the addresses.
    Address(IpAddr),
}

/// What was seen of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// How it was noticed.
    pub source: EvidenceSource,
    /// The line of the kernel's log, or what was seen otherwise; without control characters.
    pub text: String,
    /// The other station, if its address is known.
    pub offender: Option<Mac>,
}

/// How a conflict was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceSource {
    /// Duplicate address detection (RFC 4862 §5.4).
    Dad,
    /// The kernel's ARP: somebody else uses an address of ours.
    Arp,
    /// A probe before first use was answered (RFC 5227 §2.1).
    Probe,
    /// A bridge saw a MAC address move between members.
    MacFlap,
    /// An interface that nobody marked has the unit.
    Interface,
}

/// A decline as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decline {
    /// The value.
    pub value: Value,
    /// Which lease had it.
    pub lease: LeaseId,
    /// Whose it was.
    pub holder: Holder,
    /// What was seen.
    pub evidence: Evidence,
    /// When it was reported, by a wall clock, for people.
    pub declined_at: WallTime,
    /// The same in cluster time.
    pub at: ClusterTime,
    /// How often the value was declined.
    pub count: u32,
    /// Until when it rests. Nothing: too many were declined, or no other was left, and the lease has it still.
    pub rests_until: Option<ClusterTime>,
}

/// What a decline leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined {
    /// The lease as it is now.
    pub lease: Lease,
    /// Nothing if the value was replaced. Else the lease has it still, and this is when to try again, if that is known.
    pub kept: Option<Kept>,
}

/// Why a declined value was not replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kept {
    /// The bound that was reached.
    pub why: KeptWhy,
    /// When to try again, if that is known.
    pub retry_after: Option<Span>,
}

/// Which bound was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeptWhy {
    /// The host has reported too many conflicts of late.
    HostRate,
    /// Too much of the pool rests for conflicts.
    PoolShare,
    /// The pool has no other value.
    Exhausted,
}

impl Evidence {
    /// Evidence with a text that may come from anywhere: control characters become blanks, and what is too long is cut.
    #[must_use]
    pub fn new(source: EvidenceSource, text: &str, offender: Option<Mac>) -> Self {
        let mut plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if plain.len() > EVIDENCE_BYTES_MAX {
            let end = (0..=EVIDENCE_BYTES_MAX).rev().find(|end| plain.is_char_boundary(*end)).unwrap_or(0);
            plain.truncate(end);
        }
        Self { source, text: plain, offender }
    }
}

impl EvidenceSource {
    /// All sources.
    pub const ALL: [Self; 5] = [Self::Dad, Self::Arp, Self::Probe, Self::MacFlap, Self::Interface];

    /// The source as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dad => "dad",
            Self::Arp => "arp",
            Self::Probe => "probe",
            Self::MacFlap => "mac-flap",
            Self::Interface => "interface",
        }
    }
}

impl fmt::Display for EvidenceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for LeasePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index => f.pad("index"),
            Self::Macs => f.pad("MAC addresses"),
            Self::Address(address) => fmt::Display::fmt(address, f),
        }
    }
}

impl fmt::Display for KeptWhy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::HostRate => "the host has reported too many conflicts of late",
            Self::PoolShare => "too much of the pool rests for conflicts",
            Self::Exhausted => "the pool has no other value",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_one_line_of_bounded_length() {
        let evidence = Evidence::new(EvidenceSource::Arp, "arp: \u{1b}[31m\nred", None);
        assert_eq!(evidence.text, "arp:  [31m red");
        let long = Evidence::new(EvidenceSource::Dad, &"ä".repeat(EVIDENCE_BYTES_MAX), None);
        assert!(long.text.len() <= EVIDENCE_BYTES_MAX && long.text.ends_with('ä'));
    }
}
