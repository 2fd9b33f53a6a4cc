//! The kinds of interface a lease can be for, and what each needs.

use std::fmt;
use std::str::FromStr;

use crate::index::UnitIndex;

/// A kind of interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InterfaceKind {
    /// epair(4), a virtual cable: an index and a pair of MACs.
    Epair,
    /// tap(4), a layer-2 tunnel: an index and one MAC.
    Tap,
    /// ng_eiface(4), a netgraph Ethernet interface: an index and one MAC.
    Ngeth,
    /// tun(4), a layer-3 tunnel: an index.
    Tun,
    /// No interface of our own: addresses only.
    Address,
}

/// How many MAC addresses a kind needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacNeed {
    /// None.
    None,
    /// One.
    Single,
    /// One for each end.
    Pair,
}

impl InterfaceKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Epair, Self::Tap, Self::Ngeth, Self::Tun, Self::Address];

    /// The kind's name, which is the driver's prefix for its interfaces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Epair => "epair",
            Self::Tap => "tap",
            Self::Ngeth => "ngeth",
            Self::Tun => "tun",
            Self::Address => "address",
        }
    }

    /// True if the kernel numbers interfaces of this kind.
    #[must_use]
    pub const fn has_index(self) -> bool {
        !matches!(self, Self::Address)
    }

    /// The MAC addresses the kind needs.
    #[must_use]
    pub const fn mac_need(self) -> MacNeed {
        match self {
            Self::Epair => MacNeed::Pair,
            Self::Tap | Self::Ngeth => MacNeed::Single,
            Self::Tun | Self::Address => MacNeed::None,
        }
    }

    /// The names of the interface's ends with the given prefix: `epair7a` and `epair7b`, or `tap7` and nothing.
    #[must_use]
    pub fn end_names(self, prefix: &str, index: UnitIndex) -> (Option<String>, Option<String>) {
        match self {
            Self::Epair => (Some(format!("{prefix}{index}a")), Some(format!("{prefix}{index}b"))),
            Self::Tap | Self::Ngeth | Self::Tun => (Some(format!("{prefix}{index}")), None),
            Self::Address => (None, None),
        }
    }
}

/// The text names no kind of interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no kind of interface: epair, tap, ngeth, tun or address")]
pub struct KindError {
    /// What was given.
    pub text: String,
}

impl FromStr for InterfaceKind {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| KindError { text: text.to_owned() })
    }
}

impl fmt::Display for InterfaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
