//! Names: of hosts, jails, interfaces and of the resources that operators create.
//!
//! A name is checked when it is made and cheap to clone afterwards. The character sets are narrow on purpose: every name ends
//! up in rc.conf variables, jail.conf(5) files and shell hooks, where anything wider could be expanded or executed
//! (rc.subr maps `-`, `.`, `/` and `+` to `_`; a jail that is only digits is a jid).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

/// Longest DNS name, in bytes (RFC 1035 section 2.3.4, without the root's dot).
pub const HOST_NAME_BYTES_MAX: usize = 253;
/// Longest label of a DNS name, in bytes (RFC 1035 section 2.3.4).
pub const DNS_LABEL_BYTES_MAX: usize = 63;
/// Longest jail name, in bytes: fits a DNS label and every tool for jails.
pub const JAIL_NAME_BYTES_MAX: usize = 63;
/// Longest interface name, in bytes (`IFNAMSIZ` is 16 with the terminating zero).
pub const INTERFACE_NAME_BYTES_MAX: usize = 15;
/// Longest id of a resource, in bytes (AIP-122).
pub const RESOURCE_ID_BYTES_MAX: usize = 63;

/// Why a text is no name of the wanted sort.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("{what} is empty")]
    Empty {
        /// The sort of name that was wanted.
        what: &'static str,
    },
    /// Longer than its sort may be.
    #[error("{what} has {bytes} bytes, {bytes_max} are allowed")]
    TooLong {
        /// The sort of name that was wanted.
        what: &'static str,
        /// Length of what was given.
        bytes: usize,
        /// Length that is allowed.
        bytes_max: usize,
    },
    /// Holds something outside its sort's character set.
    #[error("{what} {text:?} must be {rule}")]
    Malformed {
        /// The sort of name that was wanted.
        what: &'static str,
        /// What was given.
        text: String,
        /// The rule in words.
        rule: &'static str,
    },
}

fn check(
    what: &'static str,
    rule: &'static str,
    bytes_max: usize,
    text: &str,
    is_well_formed: fn(&str) -> bool,
) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty { what });
    }
    if text.len() > bytes_max {
        return Err(NameError::TooLong { what, bytes: text.len(), bytes_max });
    }
    if !is_well_formed(text) {
        return Err(NameError::Malformed { what, text: text.to_owned(), rule });
    }
    Ok(())
}

/// Makes a name type: a shared string with one rule.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $bytes_max:expr, $rule:literal, $is_well_formed:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Arc<str>);

        name!(@text $type, $what, $bytes_max, $rule, $is_well_formed);
    };
    (@text $type:ident, $what:literal, $bytes_max:expr, $rule:literal, $is_well_formed:expr) => {
        impl $type {
            /// Checks a text and makes the name.
            ///
            /// # Errors
            /// [`NameError`] says which rule the text breaks.
            pub fn new(text: &str) -> Result<Self, NameError> {
                check($what, $rule, $bytes_max, text, $is_well_formed)?;
                Ok(Self(Arc::from(text)))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    };
}

/// A jail server's DNS name: its case is kept, and two that differ in case only are the same (RFC 4343).
#[derive(Clone)]
pub struct HostName(Arc<str>);

name!(@text HostName, "the host name", HOST_NAME_BYTES_MAX,
    "a DNS name: labels of letters, digits and inner hyphens, joined by dots", is_dns_name);

impl HostName {
    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl PartialEq for HostName {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for HostName {}

impl PartialOrd for HostName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for HostName {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        // Names are compared for every lookup of a host, so eight bytes at a time.
        folded_words(&self.0).cmp(folded_words(&other.0))
    }
}

/// A DNS name in words of eight bytes that are in the order of the name in small letters.
///
/// Of the bytes that a name may have, a capital letter lacks the bit that makes it a small one, and all others have it. What is
/// beyond the end lies below all of them.
fn folded_words(name: &str) -> impl Iterator<Item = u64> + '_ {
    const SMALL: u64 = u64::from_ne_bytes([0x20; size_of::<u64>()]);
    let (words, rest) = name.as_bytes().as_chunks();
    let last = (!rest.is_empty()).then(|| {
        let mut word = [0; size_of::<u64>()];
        word[..rest.len()].copy_from_slice(rest);
        word
    });
    words.iter().copied().chain(last).map(|word| u64::from_be_bytes(word) | SMALL)
}

impl Hash for HostName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.folded() {
            state.write_u8(byte);
        }
        state.write_u8(0xff);
    }
}

name!(
    /// A jail's name: safe for jail(8), rc.d, ezjail and shell variables alike, and never a jid.
    JailName, "the jail name", JAIL_NAME_BYTES_MAX,
    "letters, digits and underscores, and not digits only", is_jail_name
);

name!(
    /// A label for one of a jail's interfaces, such as `net0`; it is not the kernel's name for it.
    InterfaceLabel, "the interface label", INTERFACE_NAME_BYTES_MAX,
    "a lower-case letter, then lower-case letters and digits", is_interface_label
);

impl InterfaceLabel {
    /// The label of a jail's only interface when nobody says otherwise: `net0`.
    #[must_use]
    pub fn unsaid() -> Self {
        static UNSAID: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("net0"));
        Self(Arc::clone(&UNSAID))
    }
}

name!(
    /// A network interface's name as the kernel knows it, such as `bridge300` or `epair7a`.
    InterfaceName, "the interface name", INTERFACE_NAME_BYTES_MAX,
    "letters, digits and underscores, beginning with a letter", is_interface_name
);

name!(
    /// The id of a network.
    NetworkName, "the network name", RESOURCE_ID_BYTES_MAX,
    "a lower-case letter, then lower-case letters, digits and inner hyphens", is_resource_id
);

name!(
    /// The id of a pool.
    PoolName, "the pool name", RESOURCE_ID_BYTES_MAX,
    "a lower-case letter, then lower-case letters, digits and inner hyphens", is_resource_id
);

name!(
    /// The id of a VRF, the scope in which addresses are unique.
    VrfName, "the VRF name", RESOURCE_ID_BYTES_MAX,
    "a lower-case letter, then lower-case letters, digits and inner hyphens", is_resource_id
);

impl VrfName {
    /// The VRF of everything that names none: `default`.
    #[must_use]
    pub fn unsaid() -> Self {
        Self(Arc::from("default"))
    }
}

impl PoolName {
    /// The MAC pool of every network that names none: `default`.
    #[must_use]
    pub fn unsaid() -> Self {
        Self(Arc::from("default"))
    }
}

name!(
    /// The id of a reservation.
    ReservationName, "the reservation name", RESOURCE_ID_BYTES_MAX,
    "a lower-case letter, then lower-case letters, digits and inner hyphens", is_resource_id
);

name!(
    /// The id of an exclusion.
    ExclusionName, "the exclusion name", RESOURCE_ID_BYTES_MAX,
    "a lower-case letter, then lower-case letters, digits and inner hyphens", is_resource_id
);

fn is_dns_name(text: &str) -> bool {
    text.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= DNS_LABEL_BYTES_MAX
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

fn is_jail_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_interface_label(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_interface_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_resource_id(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_jail_name_is_safe_for_every_tool() {
        for good in ["web01", "WEB_01", "_", "1a", &"x".repeat(63)] {
            assert!(JailName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "12", "foo.bar", "foo-bar", "$(reboot)", "a b", "a;b", "ä", &"x".repeat(64)] {
            assert!(JailName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_keeps_its_case_and_is_compared_without_it() {
        let (one, other) =
            (HostName::new("DellT410one.vv.fda").unwrap(), HostName::new("dellt410ONE.vv.fda").unwrap());
        assert_eq!(one, other);
        assert_eq!(one.cmp(&other), Ordering::Equal);
        assert_eq!(one.to_string(), "DellT410one.vv.fda");
        assert!(HostName::new("a").unwrap() < HostName::new("B").unwrap());
    }

    proptest! {
        #[test]
        fn hosts_are_in_the_order_of_their_small_letters(
            one in "[aAbB][aAzZ0-9.-]{0,16}[aA0]",
            other in "[aAbB][aAzZ0-9.-]{0,16}[aA0]",
        ) {
            if let (Ok(host), Ok(beside)) = (HostName::new(&one), HostName::new(&other)) {
                prop_assert_eq!(host.cmp(&beside), one.to_lowercase().cmp(&other.to_lowercase()));
                prop_assert_eq!(host == beside, host.cmp(&beside) == Ordering::Equal);
            }
        }
    }

    #[test]
    fn a_host_name_is_a_dns_name() {
        for bad in ["", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b", "a$b", &"a".repeat(64)] {
            assert!(HostName::new(bad).is_err(), "{bad}");
        }
        let longest = [&"a".repeat(63)[..]; 4].join(".");
        assert!(HostName::new(&longest[..253]).is_ok());
        assert!(HostName::new(&longest).is_err());
    }

    #[test]
    fn labels_and_ids_refuse_what_a_shell_would_read() {
        assert!(InterfaceLabel::new("net0").is_ok());
        assert!(InterfaceLabel::new("Net0").is_err());
        assert!(InterfaceLabel::new("0net").is_err());
        assert!(InterfaceName::new("bridge300").is_ok());
        assert!(InterfaceName::new("epair32767a").is_ok());
        assert!(InterfaceName::new("vlan10.5").is_err());
        assert!(InterfaceName::new("abcdefghijklmnop").is_err());
        assert!(NetworkName::new("lan-48").is_ok());
        assert!(NetworkName::new("lan-").is_err());
        assert!(NetworkName::new("Lan").is_err());
    }
}
