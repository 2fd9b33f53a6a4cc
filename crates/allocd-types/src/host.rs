//! A host: a jail server that may hold leases.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::id::Incarnation;
use crate::index::UnitIndex;
use crate::kind::InterfaceKind;
use crate::label::Labels;
use crate::limits::RELEASE_BYTES_MAX;
use crate::mac::Mac;
use crate::name::{HostName, InterfaceName, NetworkName};

/// What the operator says of a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostSpec {
    /// Its name.
    pub name: HostName,
    /// Bridges that are called otherwise here than their network's default.
    pub bridges: BTreeMap<NetworkName, InterfaceName>,
    /// Notes.
    pub labels: Labels,
}

/// A host as the cluster knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Host {
    /// What the operator said.
    pub spec: HostSpec,
    /// Whether it gets leases.
    pub state: HostState,
    /// Which agent start is speaking; 0 if none ever did.
    pub incarnation: Incarnation,
    /// The machine's identity (`kern.hostuuid`), once its agent registered.
    pub uuid: Option<HostUuid>,
    /// What it runs, once its agent said so.
    pub release: Option<OsRelease>,
    /// How many leases it holds.
    pub leases: u32,
    /// How many of them wait for its agent to confirm that nothing is left.
    pub awaited: u32,
    /// How many of them it had in use once and has lost.
    pub suspects: u32,
}

/// What an agent says of its host when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRegistration {
    /// The host.
    pub host: HostName,
    /// The machine's identity.
    pub uuid: HostUuid,
    /// What it runs, if it says so.
    pub release: Option<OsRelease>,
    /// What is there on the host and not from a lease: it is excluded from every pool.
    pub seen: SeenOnHost,
}

/// The operator's statement that a host is off.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FenceSpec {
    /// The host.
    pub host: HostName,
    /// The start of its agent that the operator knows of; if the host has come back since, the statement is of the past and refused.
    pub incarnation: Option<Incarnation>,
}

/// What an agent sees on its host that is not from a lease.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct SeenOnHost {
    /// The MACs of its interfaces.
    pub macs: BTreeSet<Mac>,
    /// The units of its interfaces.
    pub units: BTreeSet<(InterfaceKind, UnitIndex)>,
}

impl SeenOnHost {
    /// How much it is.
    #[must_use]
    pub fn len(&self) -> usize {
        self.macs.len() + self.units.len()
    }

    /// True if there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The request memory keeps digests of what was asked over an update of allocd: what says no more than it could before has the same
/// one.
impl Hash for HostRegistration {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self { host, uuid, release, seen } = self;
        (host, uuid).hash(hasher);
        if !seen.is_empty() {
            seen.hash(hasher);
        }
        if let Some(release) = release {
            release.hash(hasher);
        }
    }
}

/// The life of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostState {
    /// Gets leases.
    Active,
    /// Keeps what it has and gets no more.
    Draining,
    /// Off, as the operator has said: its word counts no more, and what it had may be given to others.
    Fenced,
}

impl HostState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Active, Self::Draining, Self::Fenced];
}

impl fmt::Display for HostState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Active => "active",
            Self::Draining => "draining",
            Self::Fenced => "fenced",
        })
    }
}

/// What a host runs, as `uname -r` prints it, such as `14.1-RELEASE-p5`; a label for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OsRelease(String);

/// The text is no release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no release: 1 to {RELEASE_BYTES_MAX} letters, digits, '.', '-' and '_', as `uname -r` prints them"
)]
pub struct OsReleaseError {
    /// What was given.
    pub text: String,
}

impl OsRelease {
    /// Checks a text and makes the release.
    ///
    /// # Errors
    /// [`OsReleaseError`] if it is empty, too long, or more than letters, digits, dots, hyphens and underscores.
    pub fn new(text: &str) -> Result<Self, OsReleaseError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if text.is_empty() || text.len() > RELEASE_BYTES_MAX || !text.bytes().all(is_plain) {
            return Err(OsReleaseError { text: text.chars().take(RELEASE_BYTES_MAX).collect() });
        }
        Ok(Self(text.to_owned()))
    }

    /// The release as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OsRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A machine's `kern.hostuuid`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostUuid(String);

/// Why a text is no machine's identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostUuidError {
    /// Not 8-4-4-4-12 hexadecimal digits.
    #[error(
        "{text:?} is no hostuuid: 8-4-4-4-12 hexadecimal digits, as `sysctl -n kern.hostuuid` prints them"
    )]
    Malformed {
        /// What was given.
        text: String,
    },
    /// All zero: the kernel has none, and MACs derived from it would collide.
    #[error("the hostuuid is all zero: run `service hostid onerestart` on the host, or write /etc/hostid")]
    Zero,
}

impl HostUuid {
    /// Checks a text and makes the identity, in lower case.
    ///
    /// # Errors
    /// [`HostUuidError`] if it is no UUID or all zero.
    pub fn new(text: &str) -> Result<Self, HostUuidError> {
        let lengths: Vec<usize> = text.split('-').map(str::len).collect();
        if lengths != [8, 4, 4, 4, 12] || !text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()) {
            return Err(HostUuidError::Malformed { text: text.chars().take(64).collect() });
        }
        if text.bytes().all(|byte| byte == b'-' || byte == b'0') {
            return Err(HostUuidError::Zero);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The identity as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostuuid_is_a_uuid_and_not_zero() {
        assert!(HostUuid::new("4C4C4544-0050-3510-8052-B4C04F4A4E31").is_ok());
        assert_eq!(HostUuid::new("00000000-0000-0000-0000-000000000000"), Err(HostUuidError::Zero));
        for bad in ["", "x", "4c4c454400503510-8052-b4c04f4a4e31", "4c4c4544-0050-3510-8052-b4c04f4a4e3g"] {
            assert!(HostUuid::new(bad).is_err(), "{bad}");
        }
    }
}
