//! Disks that lie or are busy, as far as a process can tell: a small library stands between it and fsync(2).
//!
//! It has to be written in C to be loaded before the C library. Whoever can link Rust has a compiler for it.

use std::path::{Path, PathBuf};
use std::process::Command;

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
}

impl Syncs {
    /// A command that becomes an allocd with such a disk; what has to be built for it lies in a directory.
    pub(crate) fn command(self, directory: &Path) -> Command {
        let mut command = Command::new(allocd());
        match self {
            Self::Done => &mut command,
            Self::Ignored => command.env("LD_PRELOAD", library(directory)).env("SYNCS", "ignored"),
            Self::After(milliseconds) => command
                .env("LD_PRELOAD", library(directory))
                .env("SYNCS", "slow")
                .env("SYNC_MS", milliseconds.to_string()),
        };
        command
    }
}

fn library(directory: &Path) -> PathBuf {
    let library = directory.join("syncs.so");
    if !library.exists() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/daemon/syncs.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]);
        let built = cc.arg(&library).arg(source).status().expect("start cc");
        assert!(built.success(), "cc could not build what stands between a process and its disk");
    }
    library
}
