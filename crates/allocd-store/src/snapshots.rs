//! Snapshots, in sled: written beside the current one, current by one pointer, removed in portions.
//!
//! sled's flush on Linux is not an fsync; a sync of our own handle of its file makes it one (decision 0003). A snapshot that
//! is being written is synced every so often, so that the last sync of a large one is a short one. It is nothing to anybody
//! before the pointer says so, and the pointer is written and synced after everything it points to.

mod layout;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use allocd_replica::log::{LogError, SNAPSHOT_CHUNK_BYTES_MAX, SnapshotMark, StoredSnapshot};
use prost::bytes::Bytes;

use self::layout::{CHUNK_PREFIX, Current, POINTER_KEY, VALUE_BYTES_MAX, chunk_key};
use crate::sync;

/// How much sled may keep in memory, in bytes: what is written is hardly ever read.
const CACHE_BYTES_MAX: u64 = 16 * 1_024 * 1_024;

/// After so many bytes of a snapshot they are synced.
const UNSYNCED_BYTES_MAX: usize = 1_024 * 1_024;

/// A member's snapshots.
#[derive(Debug)]
pub(crate) struct Snapshots {
    db: sled::Db,
    db_file: File,
    current: Option<Current>,
    /// The number of the snapshot that was begun last, and how many chunks it has; nothing if it is finished.
    begun: Option<(u64, u32)>,
    /// The highest number of a snapshot so far.
    number: u64,
    unsynced_bytes: usize,
    /// Whether there may be something to tidy up.
    is_untidy: bool,
}

/// How long sled's own threads may hold its lock after a handle of this process is gone, and how often that is looked at.
const LET_GO_MAX: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Opens sled. Nobody but this process is here, for the directory's own lock is taken before; so whoever has sled's is an earlier
/// handle of this process, whose threads let go of it in their own time.
fn open_db(directory: &Path) -> sled::Result<sled::Db> {
    let config = sled::Config::new().path(directory).flush_every_ms(None).cache_capacity(CACHE_BYTES_MAX);
    let began = Instant::now();
    loop {
        match config.open() {
            Err(sled::Error::Io(error)) if is_locked(&error) && began.elapsed() < LET_GO_MAX => {
                thread::sleep(LOOK_EVERY);
            }
            opened => return opened,
        }
    }
}

/// sled has no kind of error of its own for it.
fn is_locked(error: &io::Error) -> bool {
    error.to_string().starts_with("could not acquire lock")
}

/// Where sled keeps its records.
pub(crate) fn file(directory: &Path) -> PathBuf {
    directory.join("db")
}

impl Snapshots {
    /// Opens what is there, every chunk of the current snapshot proven, or begins anew.
    pub(crate) fn open(directory: &Path) -> Result<Self, LogError> {
        let db = open_db(directory).map_err(failed("open the snapshots"))?;
        let opened = File::options().read(true).write(true).open(file(directory));
        let db_file = opened.map_err(failed("open the snapshots"))?;
        let last = db.scan_prefix(CHUNK_PREFIX).keys().next_back().transpose();
        let highest = last.map_err(failed("read the snapshots"))?.and_then(|key| layout::chunk_number(&key));
        let mut snapshots = Self {
            db,
            db_file,
            current: None,
            begun: None,
            number: highest.unwrap_or(0),
            unsynced_bytes: 0,
            is_untidy: true,
        };
        snapshots.load()?;
        Ok(snapshots)
    }

    /// Makes a new store's files and names durable.
    pub(crate) fn sync_names(&self, directory: &Path) -> io::Result<()> {
        self.db.flush().map_err(io::Error::other)?;
        for name in fs::read_dir(directory)? {
            let path = name?.path();
            if path.is_file() {
                File::open(path)?.sync_all()?;
            }
        }
        sync::sync_directory(directory)
    }

    pub(crate) fn current(&self) -> Option<&StoredSnapshot> {
        self.current.as_ref().map(|current| &current.stored)
    }

    /// Whether the current snapshot took the place of a log that did not have its entry.
    pub(crate) fn replaces(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.replaces)
    }

    /// Reads a chunk of the current snapshot.
    pub(crate) fn read(&self, chunk: u32) -> Result<Bytes, LogError> {
        let corrupted = |reason| LogError::SnapshotCorrupted { chunk, reason };
        let current = self.current.as_ref().ok_or_else(|| corrupted("there is no snapshot"))?;
        let value = self.db.get(chunk_key(current.number, chunk)).map_err(failed("read a snapshot"))?;
        let value = value.ok_or_else(|| corrupted("it is missing"))?;
        let bytes = layout::read_chunk(current.number, chunk, &value);
        bytes.ok_or_else(|| corrupted("its checksum does not match"))
    }

    pub(crate) const fn begin(&mut self) {
        self.number += 1;
        self.begun = Some((self.number, 0));
        self.is_untidy = true;
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        assert!(bytes.len() <= SNAPSHOT_CHUNK_BYTES_MAX, "a chunk has to fit into one value");
        let (number, chunk) = self.begun.expect("a snapshot is begun before it is written");
        self.insert(&chunk_key(number, chunk), &layout::store_chunk(number, chunk, bytes))?;
        self.begun = Some((number, chunk + 1));
        self.unsynced_bytes += bytes.len();
        if self.unsynced_bytes >= UNSYNCED_BYTES_MAX { self.sync() } else { Ok(()) }
    }

    /// Makes the snapshot that was begun the current one, whole or not at all.
    pub(crate) fn finish(&mut self, mark: SnapshotMark, replaces: bool) -> Result<(), LogError> {
        let (number, chunks) = self.begun.take().expect("a snapshot is begun before it is finished");
        self.sync()?;
        let current = Current { number, stored: StoredSnapshot { mark, chunks }, replaces };
        self.insert(POINTER_KEY, &layout::store_pointer(&current))?;
        self.current = Some(current);
        self.is_untidy = true;
        self.sync()
    }

    /// Removes up to so many chunks that are of neither the current snapshot nor the one that was begun. False once there is
    /// nothing left to remove.
    pub(crate) fn tidy(&mut self, removals_max: usize) -> Result<bool, LogError> {
        if !self.is_untidy {
            return Ok(false);
        }
        let attempt = "remove chunks of old snapshots";
        let mut left = removals_max;
        let current = self.current.as_ref().map(|current| current.number);
        let mut start = 0;
        for number in current.into_iter().chain(self.begun.map(|(number, _)| number)).chain([u64::MAX]) {
            for key in self.db.range(chunk_key(start, 0)..chunk_key(number, 0)).keys() {
                if left == 0 {
                    return Ok(true);
                }
                self.db.remove(key.map_err(failed(attempt))?).map_err(failed(attempt))?;
                left -= 1;
            }
            start = number.saturating_add(1);
        }
        self.is_untidy = false;
        Ok(false)
    }

    fn load(&mut self) -> Result<(), LogError> {
        let found = self.db.get(POINTER_KEY).map_err(failed("read the snapshots"))?;
        let Some(value) = found else { return Ok(()) };
        let corrupted =
            LogError::SnapshotCorrupted { chunk: 0, reason: "its pointer's checksum does not match" };
        let current = layout::read_pointer(&value).ok_or(corrupted)?;
        let chunks = current.stored.chunks;
        self.number = self.number.max(current.number);
        self.current = Some(current);
        (0..chunks).try_for_each(|chunk| self.read(chunk).map(drop))
    }

    fn insert(&self, key: &[u8], value: &[u8]) -> Result<(), LogError> {
        debug_assert!(value.len() <= VALUE_BYTES_MAX, "sled would put it where it is not synced");
        self.db.insert(key, value).map_err(failed("write a snapshot"))?;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), LogError> {
        self.db.flush().map_err(failed("flush a snapshot"))?;
        self.db_file.sync_data().map_err(failed("sync a snapshot"))?;
        self.unsynced_bytes = 0;
        Ok(())
    }
}

fn failed<E>(attempt: &'static str) -> impl Fn(E) -> LogError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |source| LogError::Failed { attempt, source: Box::new(source) }
}

#[cfg(test)]
mod tests;
