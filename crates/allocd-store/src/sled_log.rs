//! The log itself: single inserts in the order in which they have to survive, and a flush that is a real one.
//!
//! sled's recovery keeps a prefix of what was written, so order alone gives atomicity: a conflicting tail goes from its
//! last record downwards, a large record's chunks come before its pointer, and the hard state comes after the records.
//! sled's flush on Linux is not an fsync; our own handle of its file makes it one.

mod snapshots;

use std::fs::File;
use std::path::{Path, PathBuf};

use allocd_replica::log::{
    Configuration, HardState, LogError, LogStore, Position, Record, SnapshotMark, StoredSnapshot, Tail,
    check_order, check_range,
};
use prost::bytes::Bytes;

use crate::identity::Identity;
use crate::layout;
use crate::load::{corrupted, failed, read_record, read_value};
use crate::lock::DirectoryLock;
use crate::open::{self, OpenError, Opened, Owner};
use crate::snapshot::{self, Current};

/// A durable log on sled.
#[derive(Debug)]
pub struct SledLog {
    directory: PathBuf,
    identity: Identity,
    // Dropped in this order: sled is closed before the lock lets another process in.
    db: sled::Db,
    db_file: File,
    /// The entry before the first record.
    base: Position,
    last_index: u64,
    hard_state: HardState,
    configuration: Option<Configuration>,
    snapshot: Option<Current>,
    /// The number of the snapshot that was begun last, and how many chunks it has; nothing if it is finished.
    begun: Option<(u64, u32)>,
    /// The highest number of a snapshot so far.
    snapshot_number: u64,
    /// Whether there may be something to tidy up.
    is_untidy: bool,
    _lock: DirectoryLock,
}

impl SledLog {
    /// Opens the owner's data directory, and creates it if it is not there.
    ///
    /// # Errors
    /// [`OpenError`] if the directory is not the owner's alone, or not whole. It is left as it was found.
    pub fn open(directory: &Path, owner: &Owner) -> Result<Self, OpenError> {
        let Opened { lock, identity, db, found } = open::open(directory, owner)?;
        let path = open::sled_file(directory);
        let db_file = File::options()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|source| OpenError::Unreadable { path, source })?;
        Ok(Self {
            directory: directory.to_owned(),
            identity,
            db,
            db_file,
            base: found.base,
            last_index: found.last_index,
            hard_state: found.hard_state,
            configuration: found.configuration,
            snapshot: found.snapshot,
            begun: None,
            snapshot_number: found.snapshot_number,
            is_untidy: false,
            _lock: lock,
        })
    }

    fn insert(&self, key: &[u8], value: &[u8]) -> Result<(), LogError> {
        debug_assert!(value.len() <= layout::VALUE_BYTES_MAX, "sled would put it where it is not synced");
        self.db.insert(key, value).map_err(|source| failed("write to the log", source))?;
        Ok(())
    }

    fn remove(&self, key: &[u8]) -> Result<Option<sled::IVec>, LogError> {
        self.db.remove(key).map_err(|source| failed("remove from the log", source))
    }

    fn insert_record(&self, record: &Record) -> Result<(), LogError> {
        let stored = layout::store_record(record);
        for (chunk, bytes) in (0..).zip(stored.chunks) {
            self.insert(&layout::chunk_key(record.index, chunk), bytes)?;
        }
        self.insert(&layout::record_key(record.index), &stored.value)
    }

    /// Removes the last record: the pointer first, so that what a power cut leaves is a shorter log, not a broken record.
    fn remove_last(&mut self) -> Result<(), LogError> {
        let index = self.last_index;
        let value =
            self.remove(&layout::record_key(index))?.ok_or_else(|| corrupted(index, "it is missing"))?;
        let header =
            layout::read_header(&value).ok_or_else(|| corrupted(index, "its header is cut short"))?;
        for chunk in 0..header.chunks {
            self.remove(&layout::chunk_key(index, chunk))?;
        }
        self.last_index -= 1;
        Ok(())
    }

    fn term_at(&self, index: u64) -> Result<u64, LogError> {
        if index == self.base.index {
            return Ok(self.base.term);
        }
        if index < self.base.index || index > self.last_index {
            return Ok(0);
        }
        let value = read_value(&self.db, &layout::record_key(index))?;
        let header = value.as_deref().and_then(layout::read_header);
        header.map(|header| header.term).ok_or_else(|| corrupted(index, "it is missing or cut short"))
    }
}

impl LogStore for SledLog {
    fn hard_state(&self) -> HardState {
        self.hard_state
    }

    fn configuration(&self) -> Option<&Configuration> {
        self.configuration.as_ref()
    }

    fn base(&self) -> Position {
        self.base
    }

    fn last_index(&self) -> u64 {
        self.last_index
    }

    fn read(&self, low: u64, high: u64, bytes_max: u64) -> Result<Vec<Record>, LogError> {
        check_range(low, high, self.first_index(), self.last_index)?;
        let mut records = Vec::new();
        let mut bytes = 0;
        for (index, pair) in (low..high).zip(self.db.range(layout::record_key(low)..layout::record_key(high)))
        {
            let (key, value) = pair.map_err(|source| failed("read from the log", source))?;
            if layout::record_index(&key) != Some(index) {
                return Err(corrupted(index, "it is missing"));
            }
            let record = read_record(&self.db, index, &value)?;
            bytes += u64::try_from(record.bytes.len()).expect("a length fits");
            if index > low && bytes > bytes_max {
                break;
            }
            records.push(record);
        }
        Ok(records)
    }

    fn append(&mut self, records: &[Record]) -> Result<(), LogError> {
        let Some(head) = records.first() else { return Ok(()) };
        let tail = Tail { first: self.first_index(), last: self.last_index, commit: self.hard_state.commit };
        check_order(records, tail, self.term_at(head.index.saturating_sub(1))?)?;
        while self.last_index >= head.index {
            self.remove_last()?;
        }
        for record in records {
            self.insert_record(record)?;
            self.last_index = record.index;
        }
        Ok(())
    }

    fn set_hard_state(&mut self, hard_state: HardState) -> Result<(), LogError> {
        self.insert(layout::HARD_STATE_KEY, &layout::store_hard_state(hard_state))?;
        self.hard_state = hard_state;
        Ok(())
    }

    fn set_configuration(&mut self, configuration: Configuration) -> Result<(), LogError> {
        self.insert(layout::CONFIGURATION_KEY, &layout::store_configuration(&configuration))?;
        self.configuration = Some(configuration);
        Ok(())
    }

    fn compact(&mut self, up_to: u64) -> Result<(), LogError> {
        self.move_base(up_to)
    }

    fn tidy(&mut self, removals_max: usize) -> Result<bool, LogError> {
        self.remove_garbage(removals_max)
    }

    fn snapshot(&self) -> Option<&StoredSnapshot> {
        self.snapshot.as_ref().map(|current| &current.stored)
    }

    fn read_snapshot(&self, chunk: u32) -> Result<Bytes, LogError> {
        let missing = LogError::SnapshotCorrupted { chunk, reason: "there is no snapshot" };
        let current = self.snapshot.as_ref().ok_or(missing)?;
        snapshot::read_chunk(&self.db, current.number, chunk)
    }

    fn begin_snapshot(&mut self) -> Result<(), LogError> {
        self.snapshot_number += 1;
        self.begun = Some((self.snapshot_number, 0));
        self.is_untidy = true;
        Ok(())
    }

    fn write_snapshot(&mut self, chunk: &[u8]) -> Result<(), LogError> {
        self.insert_chunk(chunk)
    }

    fn finish_snapshot(&mut self, mark: SnapshotMark) -> Result<(), LogError> {
        self.make_current(mark)
    }

    fn flush(&mut self) -> Result<(), LogError> {
        self.db.flush().map_err(|source| failed("flush the log", source))?;
        let sync = |source| LogError::Failed { attempt: "sync the log", source: Box::new(source) };
        self.db_file.sync_data().map_err(sync)?;
        if self.identity.must_follow(self.hard_state) {
            self.identity.witnessed = self.hard_state;
            let write =
                |source| LogError::Failed { attempt: "write the identity file", source: Box::new(source) };
            self.identity.write(&self.directory).map_err(write)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
