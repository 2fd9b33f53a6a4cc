//! Closed lists: each enum of the API beside that of the vocabulary, exhaustively both ways.

use allocd_types::address::{Family, NotAHost};
use allocd_types::allocation::FamilyWish;
use allocd_types::cluster::{MemberRole, MemberVote};
use allocd_types::contact::ContactState;
use allocd_types::decline::{EvidenceSource, KeptWhy};
use allocd_types::host::HostState;
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::LeaseState;
use allocd_types::pool::IndexScope;
use allocd_types::usage::UsageLevel;
use allocd_types::value::ValueState;
use allocd_types::violation::Violations;

use crate::v1;

/// An enum of the API.
pub(crate) trait Enumeration: TryFrom<i32> {
    /// Its twin in the vocabulary.
    type Word;
    /// What it lists, for sentences.
    const WHAT: &'static str;

    /// The twin, unless nothing was said.
    fn word(self) -> Option<Self::Word>;
}

/// Reads a number that has to name something.
pub(crate) fn said<E: Enumeration>(number: i32, field: &str, wrong: &mut Violations) -> Option<E::Word> {
    let word = maybe_said::<E>(number, field, wrong)?;
    if word.is_none() {
        wrong.add(field, format!("{} is missing", E::WHAT));
    }
    word
}

/// Reads a number for which something stands in when it names nothing.
pub(crate) fn said_or<E: Enumeration>(
    number: i32,
    unsaid: E::Word,
    field: &str,
    wrong: &mut Violations,
) -> Option<E::Word> {
    Some(maybe_said::<E>(number, field, wrong)?.unwrap_or(unsaid))
}

/// Reads a number that may name nothing; the outer nothing means that it is wrong.
pub(crate) fn maybe_said<E: Enumeration>(
    number: i32,
    field: &str,
    wrong: &mut Violations,
) -> Option<Option<E::Word>> {
    let known = E::try_from(number).map_err(|_| format!("{number} names no {}", E::WHAT));
    wrong.keep(field, known).map(Enumeration::word)
}

/// Writes both directions of one pair of twins.
macro_rules! twins {
    ($message:ident, $word:ident, $what:literal { $($in_message:ident = $in_word:ident,)* }) => {
        impl From<$word> for v1::$message {
            fn from(word: $word) -> Self {
                match word {
                    $($word::$in_word => Self::$in_message,)*
                }
            }
        }

        impl Enumeration for v1::$message {
            type Word = $word;
            const WHAT: &'static str = $what;

            fn word(self) -> Option<$word> {
                match self {
                    Self::Unspecified => None,
                    $(Self::$in_message => Some($word::$in_word),)*
                }
            }
        }
    };
}

twins!(InterfaceKind, InterfaceKind, "kind of interface" {
    Epair = Epair,
    Tap = Tap,
    Ngeth = Ngeth,
    Tun = Tun,
    Address = Address,
});
twins!(Family, Family, "family of addresses" {
    Ipv4 = V4,
    Ipv6 = V6,
});
twins!(NotAHost, NotAHost, "reason why no host has an address" {
    Network = Network,
    Broadcast = Broadcast,
    SubnetRouterAnycast = SubnetRouterAnycast,
    Gateway = Gateway,
});
twins!(FamilyWish, FamilyWish, "wish for an address" {
    IfSubnets = IfSubnets,
    Required = Required,
    Unwanted = Unwanted,
});
twins!(LeaseState, LeaseState, "state of a lease" {
    Granted = Granted,
    Bound = Bound,
    Releasing = Releasing,
});
twins!(HostState, HostState, "state of a host" {
    Active = Active,
    Draining = Draining,
    Fenced = Fenced,
});
twins!(ContactState, ContactState, "state of a contact" {
    NoAgent = NoAgent,
    Unknown = Unknown,
    Heard = Heard,
    Silent = Silent,
});
twins!(EvidenceSource, EvidenceSource, "source of evidence" {
    Dad = Dad,
    Arp = Arp,
    Probe = Probe,
    MacFlap = MacFlap,
    Interface = Interface,
});
twins!(KeptWhy, KeptWhy, "bound of declines" {
    HostRate = HostRate,
    PoolShare = PoolShare,
    Exhausted = Exhausted,
});
twins!(IndexScope, IndexScope, "scope of an index" {
    Host = Host,
    Cluster = Cluster,
});
twins!(UsageLevel, UsageLevel, "level of use" {
    Normal = Normal,
    Warning = Warning,
    Critical = Critical,
});
twins!(ValueState, ValueState, "state of a value" {
    Free = Free,
    Leased = Leased,
    Reserved = Reserved,
    Quarantined = Quarantined,
    Excluded = Excluded,
    Foreign = Foreign,
});
twins!(MemberVote, MemberVote, "vote of a member" {
    Voter = Voter,
    Learner = Learner,
});
twins!(MemberRole, MemberRole, "role of a member" {
    Follower = Follower,
    PreCandidate = PreCandidate,
    Candidate = Candidate,
    Leader = Leader,
});
