//! The log as raft wants to see it: a [`LogStore`] behind raft's `Storage`, with the cache before it.
//!
//! A failed read is put down here and told to raft as "not now"; the replica looks for it after each step and stops with the
//! true reason. Where raft does not know "not now" it panics, which ends the member as well, without the reason.

use std::cell::RefCell;

use prost::Message as _;
use raft::{GetEntriesContext, RaftState, Storage, StorageError};
use raft_proto::eraftpb::{Entry, HardState, Snapshot, SnapshotMetadata};

use crate::cache::{self, Cache};
use crate::log::{LogError, LogStore, Position, Record, SnapshotMark};
use crate::membership::Membership;

/// A log store, dressed for raft.
pub(crate) struct StoredLog<S> {
    store: S,
    cache: Cache,
    /// The last entry that the machine has applied.
    applied: Position,
    failure: RefCell<Option<LogError>>,
}

impl<S: LogStore> StoredLog<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store, cache: Cache::default(), applied: Position::default(), failure: RefCell::new(None) }
    }

    pub(crate) fn into_store(self) -> S {
        self.store
    }

    pub(crate) fn store(&self) -> &S {
        &self.store
    }

    pub(crate) fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    #[cfg(test)]
    pub(crate) fn cached_entries(&self) -> usize {
        self.cache.len()
    }

    /// Who belongs to the cluster; `None` in a log that no cluster has started.
    pub(crate) fn membership(&self) -> Result<Option<Membership>, LogError> {
        // A snapshot that took the log's place may know later ones.
        let of_snapshot = self.store.snapshot().map(|snapshot| &snapshot.mark.configuration);
        let all = self.store.configuration().into_iter().chain(of_snapshot);
        let Some(configuration) = all.max_by_key(|found| found.applied) else { return Ok(None) };
        let corrupted = LogError::Corrupted {
            index: configuration.applied,
            reason: "the configuration as of it cannot be read",
        };
        Membership::decode(&configuration.bytes).map(Some).ok_or(corrupted)
    }

    pub(crate) fn set_membership(&mut self, membership: &Membership) -> Result<(), LogError> {
        self.store.set_configuration(membership.configuration())
    }

    /// The last entry that the machine has applied.
    pub(crate) const fn applied(&self) -> Position {
        self.applied
    }

    pub(crate) const fn note_applied(&mut self, at: Position) {
        self.applied = at;
    }

    /// What a snapshot taken now is of.
    pub(crate) fn mark(&self) -> Result<SnapshotMark, LogError> {
        let configuration = self.membership()?.unwrap_or_default().configuration();
        Ok(SnapshotMark { at: self.applied, configuration })
    }

    /// What tells a peer of a snapshot taken now: all but the machine. Its data are the members as of its entry.
    pub(crate) fn announcement(&self) -> Option<Snapshot> {
        let membership = self.membership().ok().flatten()?;
        let Position { index, term } = self.applied;
        let metadata = SnapshotMetadata { conf_state: Some(membership.conf_state().clone()), index, term };
        Some(Snapshot { data: membership.encode().into(), metadata: Some(metadata) })
    }

    /// Makes the snapshot that was written the current one, in place of a log that does not have its entry.
    pub(crate) fn replace_by_snapshot(&mut self, mark: SnapshotMark) -> Result<(), LogError> {
        let configuration = mark.configuration.clone();
        self.store.finish_snapshot(mark)?;
        self.cache = Cache::default();
        self.store.set_configuration(configuration)
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
        // What a snapshot contains is committed, even if power failed before that was written.
        let contained = self.store.snapshot().map_or(0, |snapshot| snapshot.mark.at.index);
        let commit = commit.max(contained);
        let membership =
            self.membership().map_err(|error| self.put_down(error, StorageError::Unavailable))?;
        let voters = membership.unwrap_or_default().conf_state().clone();
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
        if index == self.store.base().index {
            return Ok(self.store.base().term);
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

    fn snapshot(&self, request_index: u64, _to: u64) -> raft::Result<Snapshot> {
        let unavailable = raft::Error::Store(StorageError::SnapshotTemporarilyUnavailable);
        if self.applied.index == 0 || self.applied.index < request_index {
            return Err(unavailable);
        }
        self.announcement().ok_or(unavailable)
    }
}
