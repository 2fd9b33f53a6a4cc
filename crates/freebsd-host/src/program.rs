//! The programs that are run, by absolute path.
//!
//! A search path would let whoever can write into one of its directories run commands as root. The paths are those of FreeBSD's
//! base system from 9 to 15; ezjail-admin(8) is a port and lies where ports lie.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

/// A program, by its absolute path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Program(Cow<'static, str>);

/// Why a text is no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// It would be searched for, and what is found depends on who searches.
    #[error("{path:?} is no absolute path of a program")]
    NotAbsolute {
        /// What was given.
        path: String,
    },
}

impl Program {
    /// arp(8).
    pub const ARP: Self = Self::known("/usr/sbin/arp");
    /// devfs(8).
    pub const DEVFS: Self = Self::known("/sbin/devfs");
    /// dmesg(8).
    pub const DMESG: Self = Self::known("/sbin/dmesg");
    /// ezjail-admin(8).
    pub const EZJAIL_ADMIN: Self = Self::known("/usr/local/bin/ezjail-admin");
    /// ifconfig(8).
    pub const IFCONFIG: Self = Self::known("/sbin/ifconfig");
    /// jail(8).
    pub const JAIL: Self = Self::known("/usr/sbin/jail");
    /// jexec(8).
    pub const JEXEC: Self = Self::known("/usr/sbin/jexec");
    /// jls(8).
    pub const JLS: Self = Self::known("/usr/sbin/jls");
    /// kldload(8).
    pub const KLDLOAD: Self = Self::known("/sbin/kldload");
    /// kldstat(8).
    pub const KLDSTAT: Self = Self::known("/sbin/kldstat");
    /// mount(8).
    pub const MOUNT: Self = Self::known("/sbin/mount");
    /// pgrep(1).
    pub const PGREP: Self = Self::known("/bin/pgrep");
    /// ping(8).
    pub const PING: Self = Self::known("/sbin/ping");
    /// route(8).
    pub const ROUTE: Self = Self::known("/sbin/route");
    /// service(8).
    pub const SERVICE: Self = Self::known("/usr/sbin/service");
    /// sysctl(8).
    pub const SYSCTL: Self = Self::known("/sbin/sysctl");
    /// sysrc(8).
    pub const SYSRC: Self = Self::known("/usr/sbin/sysrc");
    /// umount(8).
    pub const UMOUNT: Self = Self::known("/sbin/umount");
    /// uname(1).
    pub const UNAME: Self = Self::known("/usr/bin/uname");
    /// zfs(8).
    pub const ZFS: Self = Self::known("/sbin/zfs");

    const fn known(path: &'static str) -> Self {
        Self(Cow::Borrowed(path))
    }

    /// Makes a program of its absolute path.
    ///
    /// # Errors
    /// [`ProgramError::NotAbsolute`] if the path does not begin at the root.
    pub fn new(path: &str) -> Result<Self, ProgramError> {
        if Path::new(path).is_absolute() {
            Ok(Self(Cow::Owned(path.to_owned())))
        } else {
            Err(ProgramError::NotAbsolute { path: path.to_owned() })
        }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0
    }

    /// The last part of its path, such as `ifconfig`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_an_absolute_path() {
        let bsdinstall = Program::new("/usr/sbin/bsdinstall").unwrap();
        assert_eq!((bsdinstall.path(), bsdinstall.name()), ("/usr/sbin/bsdinstall", "bsdinstall"));
        assert_eq!(Program::new("/sbin/ifconfig").unwrap(), Program::IFCONFIG);
        for searched in ["ifconfig", "", "./ifconfig", "sbin/ifconfig"] {
            assert!(matches!(Program::new(searched), Err(ProgramError::NotAbsolute { .. })), "{searched}");
        }
    }
}
