//! A member's disk: a log in memory that fails where the schedule says so.
//!
//! The power can fail at any write; then this write and all after it fail, and what is found again is decided by
//! [`Disk::after_power_cut`]: what was flushed, and of the rest a beginning (a torn last write is one that the store's checksum
//! throws away). A read can fail once, and a record can rot, which the store's checksum shows as long as nobody repairs it.
//! The replica owns its disk while it runs; the simulator keeps a hand on it through [`Control`].

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use allocd_replica::log::memory::MemoryLog;
use allocd_replica::log::{
    Configuration, HardState, LogError, LogStore, Position, Record, SnapshotMark, StoredSnapshot,
};
use prost::bytes::Bytes;

use super::fault::disk::DiskFault;

/// The simulator's hand on a disk that a replica owns.
#[derive(Debug, Default)]
pub struct Control {
    /// Writes until the power fails; no end if nothing is said.
    pub writes_left: Option<u64>,
    /// True if the next read fails.
    pub read_fails: bool,
    /// Records that have rotted.
    pub rotten: BTreeSet<u64>,
    /// What was written, for checkers: the log as this member had it last.
    pub written: BTreeMap<u64, Record>,
    /// The entry that the current snapshot is of; 0 if there is none.
    pub snapshot_at: u64,
    /// How far the log is safe against a power cut, as far as was said.
    pub flushed: u64,
    /// True once something failed because it had to.
    pub has_failed: bool,
}

/// A disk that can fail.
pub struct Disk {
    log: MemoryLog,
    control: Rc<RefCell<Control>>,
    fault: DiskFault,
    /// The log as it would be found after a power cut, if the disk lies about that.
    truth: Option<MemoryLog>,
    /// The log as of the last flush, if that is what comes true only at the next one.
    late: MemoryLog,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Failure(&'static str);

impl Disk {
    /// A disk with this on it, all of it durable.
    #[must_use]
    pub fn holding(log: MemoryLog, control: Rc<RefCell<Control>>, fault: DiskFault) -> Self {
        let truth = fault.lies().then(|| log.clone());
        control.borrow_mut().flushed = log.last_index();
        control.borrow_mut().snapshot_at = log.snapshot().map_or(0, |stored| stored.mark.at.index);
        Self { late: truth.clone().unwrap_or_default(), log, control, fault, truth }
    }

    /// How many writes a power cut could take.
    #[must_use]
    pub fn unflushed(&self) -> usize {
        if self.truth.is_some() { 0 } else { self.log.unflushed() }
    }

    /// What is found again after a power cut that took all but the first `kept` writes since the last flush.
    #[must_use]
    pub fn after_power_cut(self, kept: usize) -> MemoryLog {
        let found = self.truth.unwrap_or(self.log).after_power_cut(kept);
        self.fault.found(found)
    }

    /// Counts a write; fails if the power fails before it.
    fn spend_write(&mut self) -> Result<(), LogError> {
        let mut control = self.control.borrow_mut();
        match &mut control.writes_left {
            Some(0) => {
                control.has_failed = true;
                Err(failed("write", "the power failed"))
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Disk {
    /// Notes what is safe now; a disk that lies does its own where the real one has flushed.
    fn flushed(&mut self) {
        self.control.borrow_mut().flushed = self.log.last_index();
        if let Some(truth) = &mut self.truth {
            self.fault.flush(truth, &mut self.late, &self.log);
        }
    }

    /// Forgets of records, and of their rot, what is no longer in the log.
    fn let_go(&mut self) {
        let (first, last) = (self.log.first_index(), self.log.last_index());
        let mut control = self.control.borrow_mut();
        control.written.retain(|index, _| (first..=last).contains(index));
        control.rotten.retain(|index| *index >= first);
    }
}

fn failed(attempt: &'static str, why: &'static str) -> LogError {
    LogError::Failed { attempt, source: Box::new(Failure(why)) }
}

impl LogStore for Disk {
    fn hard_state(&self) -> HardState {
        self.log.hard_state()
    }

    fn configuration(&self) -> Option<&Configuration> {
        self.log.configuration()
    }

    fn first_index(&self) -> u64 {
        self.log.first_index()
    }

    fn last_index(&self) -> u64 {
        self.log.last_index()
    }

    fn read(&self, low: u64, high: u64, bytes_max: u64) -> Result<Vec<Record>, LogError> {
        let mut control = self.control.borrow_mut();
        if std::mem::take(&mut control.read_fails) {
            control.has_failed = true;
            return Err(failed("read", "the disk gave no answer"));
        }
        if let Some(&index) = control.rotten.range(low..high).next() {
            control.has_failed = true;
            return Err(LogError::Corrupted { index, reason: "its checksum is another" });
        }
        self.log.read(low, high, bytes_max)
    }

    fn append(&mut self, records: &[Record]) -> Result<(), LogError> {
        self.spend_write()?;
        self.log.append(records)?;
        let mut control = self.control.borrow_mut();
        for record in records {
            control.written.split_off(&record.index);
            control.flushed = control.flushed.min(record.index - 1);
            control.written.insert(record.index, record.clone());
        }
        Ok(())
    }

    fn set_hard_state(&mut self, hard_state: HardState) -> Result<(), LogError> {
        self.spend_write()?;
        self.log.set_hard_state(hard_state)
    }

    fn set_configuration(&mut self, configuration: Configuration) -> Result<(), LogError> {
        self.spend_write()?;
        self.log.set_configuration(configuration)
    }

    fn base(&self) -> Position {
        self.log.base()
    }

    fn compact(&mut self, up_to: u64) -> Result<(), LogError> {
        self.spend_write()?;
        self.log.compact(up_to)?;
        self.let_go();
        Ok(())
    }

    fn tidy(&mut self, removals_max: usize) -> Result<bool, LogError> {
        self.spend_write()?;
        self.log.tidy(removals_max)
    }

    fn snapshot(&self) -> Option<&StoredSnapshot> {
        self.log.snapshot()
    }

    fn read_snapshot(&self, chunk: u32) -> Result<Bytes, LogError> {
        self.log.read_snapshot(chunk)
    }

    fn begin_snapshot(&mut self) -> Result<(), LogError> {
        self.spend_write()?;
        self.log.begin_snapshot()
    }

    fn write_snapshot(&mut self, chunk: &[u8]) -> Result<(), LogError> {
        self.spend_write()?;
        self.log.write_snapshot(chunk)
    }

    fn finish_snapshot(&mut self, mark: SnapshotMark) -> Result<(), LogError> {
        self.spend_write()?;
        self.control.borrow_mut().snapshot_at = mark.at.index;
        self.log.finish_snapshot(mark)?;
        self.let_go();
        self.flushed();
        Ok(())
    }

    fn flush(&mut self) -> Result<(), LogError> {
        self.spend_write()?;
        self.log.flush()?;
        self.flushed();
        Ok(())
    }
}
