//! The log of a data directory: a journal for all that changes often, snapshots beside it, and the identity file that witnesses
//! both.

use std::path::{Path, PathBuf};

use allocd_replica::log::{
    Configuration, HardState, LogError, LogStore, Position, Record, SnapshotMark, StoredSnapshot,
};
use prost::bytes::Bytes;

use crate::identity::Identity;
use crate::journal::{Journal, OsDirectory};
use crate::lock::DirectoryLock;
use crate::open::{self, OpenError, Opened, Owner};
use crate::snapshots::Snapshots;

/// A durable log in a data directory.
#[derive(Debug)]
pub struct DiskLog {
    directory: PathBuf,
    identity: Identity,
    // Dropped in this order: both are closed before the lock lets another process in.
    journal: Journal<OsDirectory>,
    snapshots: Snapshots,
    _lock: DirectoryLock,
}

impl DiskLog {
    /// Opens the owner's data directory, and creates it if it is not there.
    ///
    /// # Errors
    /// [`OpenError`] if the directory is not the owner's alone, or not whole. It is left as it was found.
    pub fn open(directory: &Path, owner: &Owner) -> Result<Self, OpenError> {
        let Opened { lock, identity, journal, snapshots } = open::open(directory, owner)?;
        Ok(Self { directory: directory.to_owned(), identity, journal, snapshots, _lock: lock })
    }
}

impl LogStore for DiskLog {
    fn hard_state(&self) -> HardState {
        self.journal.hard_state()
    }

    fn configuration(&self) -> Option<&Configuration> {
        self.journal.configuration()
    }

    fn base(&self) -> Position {
        self.journal.base()
    }

    fn last_index(&self) -> u64 {
        self.journal.last_index()
    }

    fn read(&self, low: u64, high: u64, bytes_max: u64) -> Result<Vec<Record>, LogError> {
        self.journal.read(low, high, bytes_max)
    }

    fn append(&mut self, records: &[Record]) -> Result<(), LogError> {
        self.journal.append(records)
    }

    fn set_hard_state(&mut self, hard_state: HardState) -> Result<(), LogError> {
        self.journal.set_hard_state(hard_state);
        Ok(())
    }

    fn set_configuration(&mut self, configuration: Configuration) -> Result<(), LogError> {
        self.journal.set_configuration(configuration)
    }

    fn compact(&mut self, up_to: u64) -> Result<(), LogError> {
        let contained = self.snapshots.current().map_or(0, |current| current.mark.at.index);
        let index = up_to.min(contained);
        if index > self.journal.base().index { self.journal.set_base(index) } else { Ok(()) }
    }

    fn tidy(&mut self, removals_max: usize) -> Result<bool, LogError> {
        let more_segments = self.journal.tidy(removals_max)?;
        let more_chunks = self.snapshots.tidy(removals_max)?;
        Ok(more_segments || more_chunks)
    }

    fn snapshot(&self) -> Option<&StoredSnapshot> {
        self.snapshots.current()
    }

    fn read_snapshot(&self, chunk: u32) -> Result<Bytes, LogError> {
        self.snapshots.read(chunk)
    }

    fn begin_snapshot(&mut self) -> Result<(), LogError> {
        self.snapshots.begin();
        Ok(())
    }

    fn write_snapshot(&mut self, chunk: &[u8]) -> Result<(), LogError> {
        self.snapshots.write(chunk)
    }

    /// The log is durable before the snapshot of one of its entries is current: that entry missing is damage then. A snapshot
    /// that takes the log's place says so itself, and counts from that moment; the log follows, here or when it is opened.
    fn finish_snapshot(&mut self, mark: SnapshotMark) -> Result<(), LogError> {
        self.flush()?;
        let at = mark.at;
        let replaces = !self.journal.has(at);
        self.snapshots.finish(mark, replaces)?;
        if replaces {
            self.journal.replace(at)?;
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), LogError> {
        self.journal.flush()?;
        let hard_state = self.journal.hard_state();
        if self.identity.must_follow(hard_state) {
            self.identity.witnessed = hard_state;
            let write =
                |source| LogError::Failed { attempt: "write the identity file", source: Box::new(source) };
            self.identity.write(&self.directory).map_err(write)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
