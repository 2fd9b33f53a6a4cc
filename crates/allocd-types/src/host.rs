//! A host: a jail server that may hold leases.

use std::collections::BTreeMap;
use std::fmt;

use crate::id::Incarnation;
use crate::label::Labels;
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
    /// How many leases it holds.
    pub leases: u32,
}

/// The life of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostState {
    /// Gets leases.
    Active,
}

impl fmt::Display for HostState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Active => "active",
        })
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
