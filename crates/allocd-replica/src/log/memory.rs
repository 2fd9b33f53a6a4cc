//! A log in memory, for tests and simulation.
//!
//! It keeps apart what is written and what is flushed, so that a power cut can be played: [`MemoryLog::after_power_cut`]
//! gives back what a disk would, from nothing of what was not flushed up to all of it. Cutting between any two changes is
//! exactly what the order promised by [`super::LogStore`] allows, and no more.

use prost::bytes::Bytes;

use super::{
    Configuration, HardState, LogError, LogStore, Position, Record, SNAPSHOT_CHUNK_BYTES_MAX, SnapshotMark,
    StoredSnapshot, Tail, check_order, check_range,
};

/// A log in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryLog {
    written: Contents,
    flushed: Contents,
    unflushed: Vec<Change>,
    flushes: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Contents {
    /// The entry before the first record.
    base: Position,
    /// Record `index` is at `index - base.index - 1`.
    records: Vec<Record>,
    hard_state: HardState,
    configuration: Option<Configuration>,
    snapshot: Option<StoredSnapshot>,
    chunks: Vec<Bytes>,
    /// The chunks of a snapshot that was begun.
    begun: Vec<Bytes>,
}

/// The smallest thing a power cut can take or leave.
#[derive(Debug, Clone)]
enum Change {
    Push(Record),
    Pop,
    HardState(HardState),
    Configuration(Configuration),
    BeginSnapshot,
    Chunk(Bytes),
    FinishSnapshot(SnapshotMark),
    Compact(u64),
}

impl Contents {
    fn make(&mut self, change: Change) {
        match change {
            Change::Push(record) => self.records.push(record),
            Change::Pop => drop(self.records.pop()),
            Change::HardState(hard_state) => self.hard_state = hard_state,
            Change::Configuration(configuration) => self.configuration = Some(configuration),
            Change::BeginSnapshot => self.begun.clear(),
            Change::Chunk(bytes) => self.begun.push(bytes),
            Change::FinishSnapshot(mark) => self.finish_snapshot(mark),
            Change::Compact(up_to) => self.compact(up_to),
        }
    }

    fn finish_snapshot(&mut self, mark: SnapshotMark) {
        if self.term_at(mark.at.index) != Some(mark.at.term) {
            self.base = mark.at;
            self.records.clear();
        }
        self.chunks = std::mem::take(&mut self.begun);
        let chunks = u32::try_from(self.chunks.len()).expect("a snapshot is far below 8 TiB");
        self.snapshot = Some(StoredSnapshot { mark, chunks });
    }

    fn compact(&mut self, up_to: u64) {
        let contained = self.snapshot.as_ref().map_or(0, |snapshot| snapshot.mark.at.index);
        let index = up_to.min(contained);
        if let Some(term) = self.term_at(index).filter(|_| index > self.base.index) {
            self.records.drain(..=self.offset(index));
            self.base = Position { index, term };
        }
    }

    /// The term of an entry that is in the log or just before it.
    fn term_at(&self, index: u64) -> Option<u64> {
        if index == self.base.index {
            return Some(self.base.term);
        }
        self.records.get(self.offset(index)).map(|record| record.term)
    }

    fn offset(&self, index: u64) -> usize {
        // What lies before the first record wraps to an offset that holds none.
        usize::try_from(index.wrapping_sub(self.base.index + 1)).unwrap_or(usize::MAX)
    }
}

impl MemoryLog {
    /// Makes an empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns how many changes a power cut could still take.
    #[must_use]
    pub fn unflushed(&self) -> usize {
        self.unflushed.len()
    }

    /// Returns how often the log was flushed.
    #[must_use]
    pub fn flushes(&self) -> u64 {
        self.flushes
    }

    /// Returns what is found again after a power cut that took all but the first `kept` changes since the last flush.
    #[must_use]
    pub fn after_power_cut(self, kept: usize) -> Self {
        let mut found = self.flushed;
        for change in self.unflushed.into_iter().take(kept) {
            found.make(change);
        }
        found.begun.clear();
        Self { written: found.clone(), flushed: found, unflushed: Vec::new(), flushes: self.flushes }
    }

    fn change(&mut self, change: Change) {
        self.written.make(change.clone());
        self.unflushed.push(change);
    }
}

impl LogStore for MemoryLog {
    fn hard_state(&self) -> HardState {
        self.written.hard_state
    }

    fn configuration(&self) -> Option<&Configuration> {
        self.written.configuration.as_ref()
    }

    fn base(&self) -> Position {
        self.written.base
    }

    fn last_index(&self) -> u64 {
        self.written.base.index + u64::try_from(self.written.records.len()).expect("a vector's length fits")
    }

    fn read(&self, low: u64, high: u64, bytes_max: u64) -> Result<Vec<Record>, LogError> {
        check_range(low, high, self.first_index(), self.last_index())?;
        let mut bytes = 0;
        let within = |record: &&Record| {
            bytes += byte_count(&record.bytes);
            record.index == low || bytes <= bytes_max
        };
        Ok(self.written.records[self.written.offset(low)..self.written.offset(high)]
            .iter()
            .take_while(within)
            .cloned()
            .collect())
    }

    fn append(&mut self, records: &[Record]) -> Result<(), LogError> {
        let Some(head) = records.first() else { return Ok(()) };
        let tail =
            Tail { first: self.first_index(), last: self.last_index(), commit: self.hard_state().commit };
        check_order(records, tail, self.written.term_at(head.index.saturating_sub(1)).unwrap_or(0))?;
        for _ in head.index..=tail.last {
            self.change(Change::Pop);
        }
        for record in records {
            self.change(Change::Push(record.clone()));
        }
        Ok(())
    }

    fn set_hard_state(&mut self, hard_state: HardState) -> Result<(), LogError> {
        self.change(Change::HardState(hard_state));
        Ok(())
    }

    fn set_configuration(&mut self, configuration: Configuration) -> Result<(), LogError> {
        self.change(Change::Configuration(configuration));
        Ok(())
    }

    fn compact(&mut self, up_to: u64) -> Result<(), LogError> {
        self.change(Change::Compact(up_to));
        Ok(())
    }

    fn tidy(&mut self, _removals_max: usize) -> Result<bool, LogError> {
        Ok(false)
    }

    fn snapshot(&self) -> Option<&StoredSnapshot> {
        self.written.snapshot.as_ref()
    }

    fn read_snapshot(&self, chunk: u32) -> Result<Bytes, LogError> {
        let found = usize::try_from(chunk).ok().and_then(|at| self.written.chunks.get(at));
        found.cloned().ok_or(LogError::SnapshotCorrupted { chunk, reason: "it is missing" })
    }

    fn begin_snapshot(&mut self) -> Result<(), LogError> {
        self.change(Change::BeginSnapshot);
        Ok(())
    }

    fn write_snapshot(&mut self, chunk: &[u8]) -> Result<(), LogError> {
        assert!(chunk.len() <= SNAPSHOT_CHUNK_BYTES_MAX, "a store needs one value for a chunk");
        self.change(Change::Chunk(Bytes::copy_from_slice(chunk)));
        Ok(())
    }

    fn finish_snapshot(&mut self, mark: SnapshotMark) -> Result<(), LogError> {
        self.flush()?;
        self.change(Change::FinishSnapshot(mark));
        self.flush()
    }

    fn flush(&mut self) -> Result<(), LogError> {
        for change in self.unflushed.drain(..) {
            self.flushed.make(change);
        }
        self.flushes += 1;
        Ok(())
    }
}

fn byte_count(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).expect("a length fits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::contract::{self, Disk};

    /// A disk that loses all that was not flushed.
    struct Forgetful;

    impl Disk for Forgetful {
        type Store = MemoryLog;

        fn create(&mut self) -> MemoryLog {
            MemoryLog::new()
        }

        fn cut_power_and_reopen(&mut self, store: MemoryLog) -> MemoryLog {
            store.after_power_cut(0)
        }
    }

    #[test]
    fn memory_keeps_the_contract() {
        contract::verify(&mut Forgetful);
    }

    #[test]
    fn a_power_cut_takes_what_was_not_flushed_from_the_end() {
        let record = |index| Record { index, term: 1, bytes: Bytes::from_static(b"x") };
        let mut log = MemoryLog::new();
        log.append(&[record(1)]).unwrap();
        log.flush().unwrap();
        log.append(&[record(2), record(3)]).unwrap();
        assert_eq!(log.unflushed(), 2);
        for kept in 0..=2 {
            let found = log.clone().after_power_cut(kept);
            assert_eq!(found.last_index(), 1 + u64::try_from(kept).unwrap());
        }
    }
}
