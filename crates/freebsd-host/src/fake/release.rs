//! The release that a machine runs, by which its kernel and its commands behave.

use std::fmt;
use std::str::FromStr;

/// A release of FreeBSD, 9.0 or later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// The number before the point.
    pub major: u8,
    /// The number after it.
    pub minor: u8,
}

impl Release {
    /// A release by its two numbers.
    #[must_use]
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// `kern.osreldate`, without the last digits that count changes during development.
    #[must_use]
    pub fn reldate(self) -> u32 {
        u32::from(self.major) * 100_000 + u32::from(self.minor) * 1_000
    }

    /// `kern.osrelease`, such as `14.1-RELEASE`.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self}-RELEASE")
    }
}

impl FromStr for Release {
    type Err = std::num::ParseIntError;

    /// Reads `14.1`; of what `uname -r` says, the first part.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.split('-').next().unwrap_or(text);
        let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
        Ok(Self { major: major.parse()?, minor: minor.parse()? })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.major, self.minor))
    }
}
