//! The log as raft wants to see it: a [`LogStore`] behind raft's `Storage`, with the cache before it.
//!
//! raft answers a storage error with a panic in most places. So a failed read is put down here and told to raft as "not
//! now"; the replica looks for it after each step and stops with the true reason.

use std::cell::RefCell;

use prost::Message as _;
use raft::{GetEntriesContext, RaftState, Storage, StorageError};
use raft_proto::eraftpb::{ConfState, Entry, HardState, Snapshot};

use crate::cache::{self, Cache};
use crate::log::{Configuration, LogError, LogStore, Record};

/// A log store, dressed for raft.
pub(crate) struct StoredLog<S> {
    store: S,
    cache: Cache,
    failure: RefCell<Option<LogError>>,
}

impl<S: LogStore> StoredLog<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store, cache: Cache::default(), failure: RefCell::new(None) }
    }

    pub(crate) fn into_store(self) -> S {
        self.store
    }

    #[cfg(test)]
    pub(crate) fn store(&self) -> &S {
        &self.store
    }

    #[cfg(test)]
    pub(crate) fn cached_entries(&self) -> usize {
        self.cache.len()
    }

    /// Who votes, as of which index; `None` in a log that no cluster has started.
    pub(crate) fn configuration(&self) -> Result<Option<(ConfState, u64)>, LogError> {
        let Some(configuration) = self.store.configuration() else { return Ok(None) };
        let read = ConfState::decode(configuration.bytes.clone());
        let voters = read.map_err(|_| LogError::Corrupted {
            index: configuration.applied,
            reason: "the configuration as of it cannot be read",
        })?;
        Ok(Some((voters, configuration.applied)))
    }

    pub(crate) fn set_configuration(&mut self, voters: &ConfState, applied: u64) -> Result<(), LogError> {
        self.store.set_configuration(Configuration { applied, bytes: voters.encode_to_vec().into() })
    }

    pub(crate) fn append(&mut self, entries: &[Entry]) -> Result<(), LogError> {
        let record = |entry: &Entry| Record {
            index: entry.index,
            term: entry.term,
            bytes: entry.encode_to_vec().into(),
        };
        self.store.append(&entries.iter().map(record).collect::<Vec<_>>())?;
        self.cache.append(entries);
        Ok(())
    }

    pub(crate) fn set_hard_state(&mut self, state: &HardState) -> Result<(), LogError> {
        let HardState { term, vote, commit } = *state;
        self.store.set_hard_state(crate::log::HardState { term, vote, commit })
    }

    pub(crate) fn flush(&mut self) -> Result<(), LogError> {
        self.store.flush()
    }

    /// What failed while raft was reading, if anything did.
    pub(crate) fn take_failure(&self) -> Result<(), LogError> {
        self.failure.take().map_or(Ok(()), Err)
    }

    fn put_down(&self, error: LogError, told: StorageError) -> raft::Error {
        // The first failure is the reason; later ones follow from it.
        self.failure.borrow_mut().get_or_insert(error);
        raft::Error::Store(told)
    }

    fn read(&self, low: u64, high: u64, bytes_max: u64) -> Result<Vec<Entry>, LogError> {
        let records = self.store.read(low, high, bytes_max)?;
        let entry = |record: Record| {
            let corrupted = |reason| LogError::Corrupted { index: record.index, reason };
            let entry = Entry::decode(record.bytes).map_err(|_| corrupted("it is no entry"))?;
            let is_in_place = (entry.index, entry.term) == (record.index, record.term);
            is_in_place.then_some(entry).ok_or_else(|| corrupted("it is another entry"))
        };
        records.into_iter().map(entry).collect()
    }

    fn read_through(&self, low: u64, high: u64, bytes_max: u64) -> Result<Vec<Entry>, LogError> {
        let cached_from = self.cache.first_index().unwrap_or(u64::MAX).min(high);
        let mut entries =
            if low < cached_from { self.read(low, cached_from, bytes_max)? } else { Vec::new() };
        let mut bytes: u64 = entries.iter().map(cache::size).sum();
        let next = low + u64::try_from(entries.len()).expect("a length fits");
        for entry in self.cache.from(next).take_while(|entry| entry.index < high) {
            bytes += cache::size(entry);
            if entry.index > low && bytes > bytes_max {
                break;
            }
            entries.push(entry.clone());
        }
        Ok(entries)
    }
}

impl<S: LogStore> Storage for StoredLog<S> {
    fn initial_state(&self) -> raft::Result<RaftState> {
        let crate::log::HardState { term, vote, commit } = self.store.hard_state();
        let configuration =
            self.configuration().map_err(|error| self.put_down(error, StorageError::Unavailable))?;
        let (voters, _) = configuration.unwrap_or_default();
        Ok(RaftState::new(HardState { term, vote, commit }, voters))
    }

    fn entries(
        &self,
        low: u64,
        high: u64,
        max_size: impl Into<Option<u64>>,
        _context: GetEntriesContext,
    ) -> raft::Result<Vec<Entry>> {
        if low < self.store.first_index() {
            return Err(raft::Error::Store(StorageError::Compacted));
        }
        self.read_through(low, high, max_size.into().unwrap_or(u64::MAX))
            .map_err(|error| self.put_down(error, StorageError::LogTemporarilyUnavailable))
    }

    fn term(&self, index: u64) -> raft::Result<u64> {
        if let Some(entry) = self.cache.get(index) {
            return Ok(entry.term);
        }
        if index + 1 == self.store.first_index() {
            // Before the first entry there is the empty cluster, of term 0.
            return Ok(0);
        }
        if index < self.store.first_index() {
            return Err(raft::Error::Store(StorageError::Compacted));
        }
        if index > self.store.last_index() {
            return Err(raft::Error::Store(StorageError::Unavailable));
        }
        let records = self.store.read(index, index + 1, 0);
        let records = records.map_err(|error| self.put_down(error, StorageError::Unavailable))?;
        records.first().map(|record| record.term).ok_or(raft::Error::Store(StorageError::Unavailable))
    }

    fn first_index(&self) -> raft::Result<u64> {
        Ok(self.store.first_index())
    }

    fn last_index(&self) -> raft::Result<u64> {
        Ok(self.store.last_index())
    }

    fn snapshot(&self, _request_index: u64, _to: u64) -> raft::Result<Snapshot> {
        // The whole log is kept, so raft never needs one; it must not get an empty one either.
        Err(raft::Error::Store(StorageError::SnapshotTemporarilyUnavailable))
    }
}
