//! A log in memory, for tests and simulation.
//!
//! It keeps apart what is written and what is flushed, so that a power cut can be played: [`MemoryLog::after_power_cut`]
//! gives back what a disk would, from nothing of what was not flushed up to all of it. Cutting between any two changes is
//! exactly what the order promised by [`super::LogStore`] allows, and no more.

use prost::bytes::Bytes;

use super::{Configuration, HardState, LogError, LogStore, Record, Tail, check_order, check_range};

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
    /// Record `index` is at `index - 1`.
    records: Vec<Record>,
    hard_state: HardState,
    configuration: Option<Configuration>,
}

/// The smallest thing a power cut can take or leave.
#[derive(Debug, Clone)]
enum Change {
    Push(Record),
    Pop,
    HardState(HardState),
    Configuration(Configuration),
}

impl Contents {
    fn make(&mut self, change: Change) {
        match change {
            Change::Push(record) => self.records.push(record),
            Change::Pop => drop(self.records.pop()),
            Change::HardState(hard_state) => self.hard_state = hard_state,
            Change::Configuration(configuration) => self.configuration = Some(configuration),
        }
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
        Self { written: found.clone(), flushed: found, unflushed: Vec::new(), flushes: self.flushes }
    }

    fn change(&mut self, change: Change) {
        self.written.make(change.clone());
        self.unflushed.push(change);
    }

    fn term_at(&self, index: u64) -> u64 {
        self.written.records.get(offset(index)).map_or(0, |record| record.term)
    }
}

impl LogStore for MemoryLog {
    fn hard_state(&self) -> HardState {
        self.written.hard_state
    }

    fn configuration(&self) -> Option<&Configuration> {
        self.written.configuration.as_ref()
    }

    fn first_index(&self) -> u64 {
        1
    }

    fn last_index(&self) -> u64 {
        u64::try_from(self.written.records.len()).expect("a vector's length fits")
    }

    fn read(&self, low: u64, high: u64, bytes_max: u64) -> Result<Vec<Record>, LogError> {
        check_range(low, high, self.first_index(), self.last_index())?;
        let mut bytes = 0;
        let within = |record: &&Record| {
            bytes += byte_count(&record.bytes);
            record.index == low || bytes <= bytes_max
        };
        Ok(self.written.records[offset(low)..offset(high)].iter().take_while(within).cloned().collect())
    }

    fn append(&mut self, records: &[Record]) -> Result<(), LogError> {
        let Some(head) = records.first() else { return Ok(()) };
        let tail =
            Tail { first: self.first_index(), last: self.last_index(), commit: self.hard_state().commit };
        check_order(records, tail, self.term_at(head.index.saturating_sub(1)))?;
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

    fn flush(&mut self) -> Result<(), LogError> {
        for change in self.unflushed.drain(..) {
            self.flushed.make(change);
        }
        self.flushes += 1;
        Ok(())
    }
}

fn offset(index: u64) -> usize {
    // Index 0 is no record: it wraps to an offset that holds none.
    usize::try_from(index.wrapping_sub(1)).unwrap_or(usize::MAX)
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
