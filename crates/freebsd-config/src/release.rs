//! FreeBSD releases, as far as the text of a configuration depends on them.
//!
//! jail(8) refuses a file with a parameter that it does not know, so a file is written for a family of releases and uses only
//! what all of that family have.

use std::fmt;
use std::str::FromStr;

/// Last major release whose number is believed; two digits are enough for a long time.
const MAJOR_MAX: u16 = 99;

/// A FreeBSD release, such as 14.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    major: u16,
    minor: u16,
}

/// Releases for which the same text is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReleaseFamily {
    /// 9.3 to 10.4.
    From9To10,
    /// 11 and 12.
    From11To12,
    /// 13 and all later ones.
    From13,
}

/// Why a text is no release that can be rendered for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// Not a release number.
    #[error("{text:?} is no FreeBSD release: a number such as 14, 14.1 or 10.4")]
    Malformed {
        /// What was given.
        text: String,
    },
    /// Older than what is known to work.
    #[error("FreeBSD {release} is too old: 9.3 is the first release that files are rendered for")]
    TooOld {
        /// What was given.
        release: Release,
    },
}

impl Release {
    /// The oldest release that files are rendered for: jail.conf(5) came with 9.1, and 9.3 is the last of that line.
    pub const OLDEST: Self = Self { major: 9, minor: 3 };
    /// The first release whose rc.d/jail passes ezjail's `vnet_interface` on.
    pub const FIRST_FOR_EZJAIL: Self = Self { major: 10, minor: 0 };
    /// The first release whose rc.d/jail takes more than one interface from ezjail's `vnet_interface`.
    pub const FIRST_WITH_INTERFACE_LISTS: Self = Self { major: 12, minor: 0 };
    /// The first release whose SCTP bears VIMAGE.
    pub const FIRST_WITH_SCTP_BESIDE_VIMAGE: Self = Self { major: 10, minor: 0 };
    /// The first release whose pf(4) bears VIMAGE.
    pub const FIRST_WITH_PF_BESIDE_VIMAGE: Self = Self { major: 11, minor: 0 };
    /// The first release whose netstat(1) reads routes by sysctl(3) and not out of /dev/kmem.
    pub(crate) const FIRST_WITHOUT_KMEM_IN_NETSTAT: Self = Self { major: 11, minor: 0 };
    /// The first release whose GENERIC kernel has VIMAGE.
    pub const FIRST_WITH_VIMAGE_IN_GENERIC: Self = Self { major: 12, minor: 0 };
    /// The first release whose tap(4) and tun(4) are one module.
    pub const FIRST_WITH_TUNTAP: Self = Self { major: 12, minor: 0 };
    /// The first release whose lagg(4) passes offloads on to its ports.
    pub const FIRST_WITH_LAGG_OFFLOADS: Self = Self { major: 12, minor: 0 };
    /// The first release whose GENERIC kernel has tap(4).
    pub(crate) const FIRST_WITH_TAP_IN_GENERIC: Self = Self { major: 13, minor: 0 };
    /// The first release with a devfs(8) rule set for jails with network stacks of their own, `devfsrules_jail_vnet`.
    pub const FIRST_WITH_VNET_RULESET: Self = Self { major: 13, minor: 0 };
    /// The first release whose if_bridge(4) tells of MAC addresses that move.
    pub const FIRST_WITH_FLAP_LOG: Self = Self { major: 14, minor: 0 };
    /// The first release whose epair(4) passes frames on without checksums.
    pub const FIRST_WITH_EPAIR_CHECKSUMS: Self = Self { major: 15, minor: 0 };
    /// The first release whose if_bridge(4) refuses a member with an address.
    pub const FIRST_WITHOUT_MEMBER_ADDRESSES: Self = Self { major: 15, minor: 0 };

    /// The family the release belongs to.
    #[must_use]
    pub const fn family(self) -> ReleaseFamily {
        match self.major {
            0..=10 => ReleaseFamily::From9To10,
            11 | 12 => ReleaseFamily::From11To12,
            13.. => ReleaseFamily::From13,
        }
    }
}

impl FromStr for Release {
    type Err = ReleaseError;

    /// Reads `14`, `14.1`, or what `uname -r` says, such as `14.1-RELEASE-p3`.
    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        let malformed = || ReleaseError::Malformed { text: text.chars().take(32).collect() };
        let (number, branch) = text.split_once('-').unwrap_or((text, "RELEASE"));
        if branch.is_empty() || !branch.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(malformed());
        }
        let read = |digits: &str| {
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits
                .parse::<u16>()
                .ok()
                .filter(|number| is_number && *number <= MAJOR_MAX)
                .ok_or_else(malformed)
        };
        let release = match number.split_once('.') {
            Some((major, minor)) => Self { major: read(major)?, minor: read(minor)? },
            // Who says 9 means the only release of it that there is a choice of.
            None if read(number)? == Self::OLDEST.major => Self::OLDEST,
            None => Self { major: read(number)?, minor: 0 },
        };
        if release < Self::OLDEST { Err(ReleaseError::TooOld { release }) } else { Ok(release) }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.major, self.minor))
    }
}

impl fmt::Display for ReleaseFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::From9To10 => "9.3 to 10.4",
            Self::From11To12 => "11 and 12",
            Self::From13 => "13 and later",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_read_as_people_and_uname_write_it() {
        let family = |text: &str| text.parse::<Release>().unwrap().family();
        for text in ["9", "9.3", "10", "10.4", "10.4-RELEASE-p13"] {
            assert_eq!(family(text), ReleaseFamily::From9To10, "{text}");
        }
        for text in ["11", "11.0", "12.4", "12.1-STABLE"] {
            assert_eq!(family(text), ReleaseFamily::From11To12, "{text}");
        }
        for text in ["13", "14", "14.1-RELEASE-p3", "15.0", "16.0-CURRENT"] {
            assert_eq!(family(text), ReleaseFamily::From13, "{text}");
        }
    }

    #[test]
    fn what_is_no_release_or_too_old_is_refused() {
        for bad in ["", "x", "14.", ".1", "14.1.2", "+14", "14 ", "14-", "1414", "14.1-R;x", "-14"] {
            assert!(matches!(bad.parse::<Release>(), Err(ReleaseError::Malformed { .. })), "{bad}");
        }
        for old in ["8.4", "9.2", "4", "0.0"] {
            assert!(matches!(old.parse::<Release>(), Err(ReleaseError::TooOld { .. })), "{old}");
        }
    }
}
