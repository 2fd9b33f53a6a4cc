//! What the kernel says when it refuses, with FreeBSD's numbers and texts (sys/errno.h, lib/libc/gen/errlst.c).

use std::fmt;

/// An error of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Errno {
    /// EPERM.
    NotPermitted,
    /// ENOENT.
    NoEntry,
    /// ESRCH.
    NoProcess,
    /// ENXIO.
    NoDevice,
    /// EBUSY.
    Busy,
    /// EEXIST.
    Exists,
    /// EINVAL.
    Invalid,
    /// ENOSPC.
    NoSpace,
    /// EADDRNOTAVAIL.
    NoAddress,
    /// ENETUNREACH.
    NoNetwork,
}

impl Errno {
    /// Its number on FreeBSD.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::NotPermitted => 1,
            Self::NoEntry => 2,
            Self::NoProcess => 3,
            Self::NoDevice => 6,
            Self::Busy => 16,
            Self::Exists => 17,
            Self::Invalid => 22,
            Self::NoSpace => 28,
            Self::NoAddress => 49,
            Self::NoNetwork => 51,
        }
    }
}

impl std::error::Error for Errno {}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotPermitted => "Operation not permitted",
            Self::NoEntry => "No such file or directory",
            Self::NoProcess => "No such process",
            Self::NoDevice => "Device not configured",
            Self::Busy => "Device busy",
            Self::Exists => "File exists",
            Self::Invalid => "Invalid argument",
            Self::NoSpace => "No space left on device",
            Self::NoAddress => "Can't assign requested address",
            Self::NoNetwork => "Network is unreachable",
        })
    }
}
