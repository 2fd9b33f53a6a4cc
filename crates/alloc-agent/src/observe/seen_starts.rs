//! Starts by jail(8) that have begun and not ended, and whether one may be under way.
//!
//! The files that tell are read last, after it was asked whether a jail(8) runs: who has removed his file by then has ended his
//! start, and who has not, and does not run, never will. That is asked only if such a file is beside a jail that runs. Any
//! jail(8) counts, for rc.d/jail starts several jails with one and names none of them.

use std::collections::BTreeSet;

use allocd_types::name::JailName;
use freebsd_config::start_mark;
use freebsd_host::{Host, Runner};

use super::ObservedHost;
use crate::files::{FileError, Files};

/// What is known of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct SeenStarts {
    /// Jails of which a start has begun, and not ended.
    begun: BTreeSet<JailName>,
    /// True if a jail(8) may run.
    may_be_at_work: bool,
}

impl SeenStarts {
    /// True if a start of a jail has begun and not ended.
    pub(crate) fn has_begun(&self, jail: &JailName) -> bool {
        self.begun.contains(jail)
    }

    /// True if a jail(8) may run that is at it.
    pub(crate) fn may_be_at_work(&self) -> bool {
        self.may_be_at_work
    }
}

/// Looks for starts.
pub(super) fn see_starts<R: Runner>(
    seen: &mut ObservedHost,
    host: &Host<R>,
    files: &Files,
) -> Result<(), FileError> {
    let mut begun = begun(files)?;
    let mut may_be_at_work = false;
    if begun.iter().any(|jail| seen.alive(jail).is_some()) {
        may_be_at_work = host.is_jail_at_work().unwrap_or_else(|error| {
            seen.failures.push(format!("whether a jail(8) runs: {error}"));
            true
        });
        begun = self::begun(files)?;
    }
    seen.starts = SeenStarts { begun, may_be_at_work };
    Ok(())
}

fn begun(files: &Files) -> Result<BTreeSet<JailName>, FileError> {
    let names = files.names(start_mark::DIRECTORY)?;
    Ok(names.iter().filter_map(|name| start_mark::jail_of(name)).collect())
}
