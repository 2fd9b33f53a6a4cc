//! What is in the host's files against what should be.

use freebsd_config::setup::{Difference, Finding, SetupFile, diff};

use crate::failure::Failure;
use crate::files::Files;

/// A file with what is there of it.
#[derive(Debug)]
pub(super) struct ComparedFile {
    /// Where it belongs.
    pub(super) path: String,
    /// What it should say, item by item.
    pub(super) items: Vec<Difference>,
}

impl ComparedFile {
    /// True if all of it is there.
    pub(super) fn is_there(&self) -> bool {
        self.items.iter().all(|item| item.finding == Finding::There)
    }
}

/// Compares each file with the host's.
pub(super) fn compare(wanted: &[SetupFile], files: &Files) -> Result<Vec<ComparedFile>, Failure> {
    let compare = |file: &SetupFile| {
        let have = files.read(&file.path).map_err(|error| Failure::Machine {
            message: format!("cannot read {}: {}", files.place(&file.path).display(), error.source),
            hint: "run it as root, or say with --root where the host's files are",
        })?;
        Ok(ComparedFile { path: file.path.clone(), items: diff(have.as_deref(), file) })
    };
    wanted.iter().map(compare).collect()
}
