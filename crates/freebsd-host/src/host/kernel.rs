//! Which kernel a host has, as far as its programs depend on it. The base system's programs are of the kernel's release.

use crate::listing::ListingError;

/// The first releases that have what is asked for, as `kern.osreldate` counts them.
const FIRST_WITH_LIBXO_AND_FORMATS: u32 = 1_100_000;
const FIRST_WITH_IFCONFIG_IN_JAILS: u32 = 1_400_000;

/// A kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kernel {
    /// Its release as a number, such as 1401000 (`__FreeBSD_version`).
    pub release_date: u32,
    /// Its release as a name, such as `14.1-RELEASE-p3`.
    pub release: String,
    /// True if it has network stacks for jails.
    pub has_vimage: bool,
}

impl Kernel {
    /// Reads the number and the name, one a line.
    pub(super) fn read(text: &str) -> Result<Self, ListingError> {
        let malformed = || ListingError::new("a release's number and name", text);
        let (number, name) = text.split_once('\n').ok_or_else(malformed)?;
        let release_date = number.trim_end().parse().map_err(|_| malformed())?;
        let release = name.trim_end().to_owned();
        if release.is_empty() {
            Err(malformed())
        } else {
            Ok(Self { release_date, release, has_vimage: false })
        }
    }

    /// Whether jls(8) writes JSON.
    pub(super) const fn has_libxo(&self) -> bool {
        self.release_date >= FIRST_WITH_LIBXO_AND_FORMATS
    }

    /// Whether ifconfig(8) can be told how to write addresses.
    pub(super) const fn has_formats(&self) -> bool {
        self.release_date >= FIRST_WITH_LIBXO_AND_FORMATS
    }

    /// Whether ifconfig(8) of the host enters a jail by itself.
    pub(super) const fn has_ifconfig_in_jails(&self) -> bool {
        self.release_date >= FIRST_WITH_IFCONFIG_IN_JAILS
    }
}
