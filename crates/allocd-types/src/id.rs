//! Identifiers and counters, each a type of its own.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::limits::{CALLER_BYTES_MAX, REQUEST_ID_BYTES_MAX};

/// Makes a counter: a `u64` that is no other `u64`.
macro_rules! counter {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $type(u64);

        impl $type {
            /// Makes it of its number.
            #[must_use]
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The one after.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

counter!(
    /// The cluster-wide counter of changes: +1 for each command that changed state; the cursor of a watch. 0 is the empty cluster.
    Revision
);
counter!(
    /// The identity of a lease, never used twice in a timeline; `leases/17` in the API.
    LeaseId
);
counter!(
    /// The identity of a move, never used twice in a timeline: the revision at which it began.
    MoveId
);
counter!(
    /// The identity of a member, never used twice in a cluster; 0 is none.
    MemberId
);
counter!(
    /// Which agent start of a host is speaking; handed out at registration, older ones are refused. 0 is none yet.
    Incarnation
);

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not `leases/` and a number.
    #[error("{text:?} is no lease name: leases/ and a number, such as leases/17")]
    Lease {
        /// What was given.
        text: String,
    },
    /// Empty, too long, or with characters that no header or log should carry.
    #[error("{text:?} is no {what}: 1 to {bytes_max} printable ASCII characters without blanks")]
    Opaque {
        /// Which identifier was wanted.
        what: &'static str,
        /// What was given.
        text: String,
        /// How long it may be.
        bytes_max: usize,
    },
}

impl LeaseId {
    /// The lease's resource name (AIP-122).
    #[must_use]
    pub fn resource_name(self) -> String {
        format!("leases/{}", self.0)
    }

    /// Reads a resource name.
    ///
    /// # Errors
    /// [`IdError::Lease`] if it is not `leases/` and a number.
    pub fn from_resource_name(text: &str) -> Result<Self, IdError> {
        text.strip_prefix("leases/")
            .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|number| number.parse().ok())
            .map(Self)
            .ok_or_else(|| IdError::Lease { text: text.chars().take(64).collect() })
    }
}

/// The fencing token of a lease: which timeline of the cluster, and the revision at which the lease was last bound in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation {
    /// The cluster's timeline: a restored backup starts the next one.
    pub timeline: u32,
    /// The revision of the last bind.
    pub revision: Revision,
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.timeline, self.revision))
    }
}

impl FromStr for Generation {
    type Err = GenerationError;

    fn from_str(text: &str) -> Result<Self, GenerationError> {
        let malformed = || GenerationError { text: text.chars().take(64).collect() };
        let (timeline, revision) = text.split_once('.').ok_or_else(malformed)?;
        Ok(Self {
            timeline: timeline.parse().map_err(|_| malformed())?,
            revision: Revision(revision.parse().map_err(|_| malformed())?),
        })
    }
}

/// The text is no generation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no generation: timeline, a dot and revision, such as 1.42")]
pub struct GenerationError {
    /// What was given.
    pub text: String,
}

/// Makes an opaque identifier: a shared, bounded, printable string.
macro_rules! opaque {
    ($(#[$doc:meta])* $type:ident, $what:literal, $bytes_max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Arc<str>);

        impl $type {
            /// Checks a text and makes the identifier.
            ///
            /// # Errors
            /// [`IdError::Opaque`] if it is empty, too long or not printable ASCII.
            pub fn new(text: &str) -> Result<Self, IdError> {
                if text.is_empty() || text.len() > $bytes_max || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                    let text = text.chars().take(64).collect();
                    return Err(IdError::Opaque { what: $what, text, bytes_max: $bytes_max });
                }
                Ok(Self(Arc::from(text)))
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

opaque!(
    /// The id by which a repeated request is recognised (AIP-155); a client keeps it over all its retries.
    RequestId, "request id", REQUEST_ID_BYTES_MAX
);
opaque!(
    /// Who asks: the identity the door established, or what the client calls itself while there are no identities.
    Caller, "caller", CALLER_BYTES_MAX
);
opaque!(
    /// The identity of a cluster; members of different clusters never talk.
    ClusterId, "cluster id", REQUEST_ID_BYTES_MAX
);

/// What two states that are equal have in common: the SHA-256 of their contents.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_names_and_generations_round_trip() {
        assert_eq!(LeaseId::from_resource_name("leases/17"), Ok(LeaseId::new(17)));
        for bad in ["leases/", "leases/+1", "leases/x", "17", "leases/99999999999999999999"] {
            assert!(LeaseId::from_resource_name(bad).is_err(), "{bad}");
        }
        let generation = Generation { timeline: 1, revision: Revision::new(42) };
        assert_eq!("1.42".parse::<Generation>(), Ok(generation));
        assert_eq!(generation.to_string(), "1.42");
    }

    #[test]
    fn an_opaque_id_is_bounded_and_printable() {
        assert!(RequestId::new("7e0a-1").is_ok());
        assert!(RequestId::new("").is_err());
        assert!(RequestId::new("a b").is_err());
        assert!(RequestId::new("a\nb").is_err());
        assert!(RequestId::new(&"x".repeat(REQUEST_ID_BYTES_MAX + 1)).is_err());
    }
}
