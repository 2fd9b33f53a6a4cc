//! Disks that lie or are busy, as far as a process can tell: a small library stands between it and fsync(2).

use std::path::Path;
use std::process::Command;

use allocd_tests::preload::library;
use allocd_tests::program::allocd;

/// What becomes of a process's syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syncs {
    /// They are done.
    Done,
    /// They are said to be done, and nothing happens.
    Ignored,
    /// They are done after so many milliseconds.
    After(u32),
    /// Before each the process stops itself, and goes on when it is told to.
    Stepped,
}

impl Syncs {
    /// A command that becomes an allocd with such a disk; what has to be built for it lies in a directory.
    pub(crate) fn command(self, directory: &Path) -> Command {
        let mut command = Command::new(allocd());
        let (what, milliseconds) = match self {
            Self::Done => return command,
            Self::Ignored => ("ignored", 0),
            Self::After(milliseconds) => ("slow", milliseconds),
            Self::Stepped => ("stepped", 0),
        };
        command.env("LD_PRELOAD", library("tests/daemon/syncs.c", directory));
        command.env("SYNCS", what).env("SYNC_MS", milliseconds.to_string());
        command
    }
}
