//! What a durable log owes the replica.
//!
//! The log is the only durable thing a member has (decision 0003), so its trait is small and its promises are exact. It
//! knows nothing of raft's messages: a record is an index, a term and opaque bytes. What every store must keep:
//!
//! 1. **Durable means power-cut safe.** Once [`LogStore::flush`] returned, all that was written before survives.
//! 2. **Order.** After a power cut without a flush, what is found again is what was written up to some point, in the order
//!    of the calls and, within [`LogStore::append`], of the records. A conflicting tail goes from its last record downwards.
//! 3. **No gaps.** Indices are contiguous and terms never fall; what would break that is refused and changes nothing.
//!
//! 4. **A snapshot is whole or not there.** It is written beside the one there is and takes its place in one step; then the log
//!    may begin behind it. A snapshot of an entry that the log does not have takes the log's place in the same step.
//!
//! [`contract`] holds any store against this.

pub mod contract;
pub mod memory;
mod snapshot;

pub use snapshot::{Position, SNAPSHOT_CHUNK_BYTES_MAX, SnapshotMark, StoredSnapshot};

use std::error::Error;

use prost::bytes::Bytes;

/// One entry of the log, as a store sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The position in the log, from 1.
    pub index: u64,
    /// The term in which a leader created the entry.
    pub term: u64,
    /// The entry itself, opaque to the store.
    pub bytes: Bytes,
}

/// What a member must never forget: its term, its vote in that term, and how far it knows the log to be committed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HardState {
    /// The latest term seen.
    pub term: u64,
    /// The member that got this member's vote in that term; 0 for none.
    pub vote: u64,
    /// The highest index known to be committed.
    pub commit: u64,
}

/// Who votes and learns, as of an index of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The index of the entry that made it so; 0 for the configuration a cluster starts with.
    pub applied: u64,
    /// The configuration itself, opaque to the store.
    pub bytes: Bytes,
}

/// A durable log, with the hard state and the configuration that belong to it.
///
/// Reads see what was written, flushed or not. One member owns it; nobody else writes.
pub trait LogStore {
    /// Returns the hard state written last; the default if there is none.
    fn hard_state(&self) -> HardState;

    /// Returns the configuration written last; `None` in a log that no cluster has started yet.
    fn configuration(&self) -> Option<&Configuration>;

    /// Returns the entry before the first record: what was compacted, or the empty cluster.
    fn base(&self) -> Position;

    /// Returns the index of the first record, or the index that the first one will get.
    fn first_index(&self) -> u64 {
        self.base().index + 1
    }

    /// Returns the index of the last record; one below [`LogStore::first_index`] in an empty log.
    fn last_index(&self) -> u64;

    /// Returns the records of `low..high`, stopping before the one that would exceed `bytes_max` but never before the first.
    ///
    /// # Errors
    /// [`LogError::OutOfRange`] if the range is not inside the log; [`LogError::Corrupted`] or [`LogError::Failed`] if it
    /// cannot be read.
    fn read(&self, low: u64, high: u64, bytes_max: u64) -> Result<Vec<Record>, LogError>;

    /// Appends records. If the first one's index is already taken, that record and all after it are removed before.
    ///
    /// # Errors
    /// [`LogError::Disorder`] if the records would leave a gap, let a term fall, or replace a committed record: nothing is
    /// changed then. [`LogError::Failed`] if they cannot be written.
    fn append(&mut self, records: &[Record]) -> Result<(), LogError>;

    /// Writes the hard state.
    ///
    /// # Errors
    /// [`LogError::Failed`] if it cannot be written.
    fn set_hard_state(&mut self, hard_state: HardState) -> Result<(), LogError>;

    /// Writes the configuration.
    ///
    /// # Errors
    /// [`LogError::Failed`] if it cannot be written.
    fn set_configuration(&mut self, configuration: Configuration) -> Result<(), LogError>;

    /// Lets the log begin behind a record. What the current snapshot does not contain stays, whatever is asked.
    ///
    /// # Errors
    /// [`LogError::Failed`] if that cannot be written.
    fn compact(&mut self, up_to: u64) -> Result<(), LogError>;

    /// Removes some of what is no longer needed from the disk. False once nothing is left.
    ///
    /// # Errors
    /// [`LogError::Failed`] if it cannot be removed.
    fn tidy(&mut self, removals_max: usize) -> Result<bool, LogError>;

    /// Returns the current snapshot, if there is one.
    fn snapshot(&self) -> Option<&StoredSnapshot>;

    /// Returns a chunk of the current snapshot as it was written.
    ///
    /// # Errors
    /// [`LogError::Corrupted`] or [`LogError::Failed`] if it cannot be read.
    fn read_snapshot(&self, chunk: u32) -> Result<Bytes, LogError>;

    /// Begins a snapshot beside the current one, and forgets one that was not finished.
    ///
    /// # Errors
    /// [`LogError::Failed`] if it cannot be written.
    fn begin_snapshot(&mut self) -> Result<(), LogError>;

    /// Writes the next chunk, of [`SNAPSHOT_CHUNK_BYTES_MAX`] at most, of the snapshot that was begun.
    ///
    /// # Errors
    /// [`LogError::Failed`] if it cannot be written.
    fn write_snapshot(&mut self, chunk: &[u8]) -> Result<(), LogError>;

    /// Makes the snapshot that was begun the current one, safe against a power cut. If the log does not have the entry that
    /// the snapshot is of, all records go and the log begins behind that entry.
    ///
    /// # Errors
    /// [`LogError::Failed`]: what is durable is then unknown, and the log must not be used any further.
    fn finish_snapshot(&mut self, mark: SnapshotMark) -> Result<(), LogError>;

    /// Makes all that was written so far safe against a power cut.
    ///
    /// # Errors
    /// [`LogError::Failed`]: what is durable is then unknown, and the log must not be used any further.
    fn flush(&mut self) -> Result<(), LogError>;
}

/// Why the log could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The disk or the store below failed.
    #[error("{attempt}")]
    Failed {
        /// What was attempted.
        attempt: &'static str,
        /// What the store below says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A record is not what was written.
    #[error("read record {index} of the log: {reason}")]
    Corrupted {
        /// Which record.
        index: u64,
        /// How it shows.
        reason: &'static str,
    },
    /// The snapshot is not what was written.
    #[error("read chunk {chunk} of the snapshot: {reason}")]
    SnapshotCorrupted {
        /// Which chunk.
        chunk: u32,
        /// How it shows.
        reason: &'static str,
    },
    /// The records asked for are not in the log.
    #[error("read records {low} to {high} of a log that holds {first} to {last}")]
    OutOfRange {
        /// The first record asked for.
        low: u64,
        /// The first record not asked for.
        high: u64,
        /// The first record there is.
        first: u64,
        /// The last record there is.
        last: u64,
    },
    /// The records do not continue the log.
    #[error(
        "append record {index} of term {term} to a log that ends at {last} and is committed to {commit}: {reason}"
    )]
    Disorder {
        /// The record that does not fit.
        index: u64,
        /// Its term.
        term: u64,
        /// The last record there is.
        last: u64,
        /// How far the log is committed.
        commit: u64,
        /// What does not fit.
        reason: &'static str,
    },
}

/// Where a log ends, as far as [`check_order`] needs it.
#[derive(Debug, Clone, Copy)]
pub struct Tail {
    /// The index of the first record.
    pub first: u64,
    /// The index of the last record.
    pub last: u64,
    /// How far the log is committed.
    pub commit: u64,
}

/// Checks that records continue a log: what every store does before it changes anything.
///
/// `term_before` is the term of the record before the first one; 0 if there is none.
///
/// # Errors
/// [`LogError::Disorder`] for the first record that does not fit.
pub fn check_order(records: &[Record], tail: Tail, term_before: u64) -> Result<(), LogError> {
    let refuse = |record: &Record, reason| {
        Err(LogError::Disorder {
            index: record.index,
            term: record.term,
            last: tail.last,
            commit: tail.commit,
            reason,
        })
    };
    let Some(head) = records.first() else { return Ok(()) };
    if head.index < tail.first || head.index > tail.last + 1 {
        return refuse(head, "it would leave a gap");
    }
    if head.index <= tail.commit {
        return refuse(head, "it would replace a committed record");
    }
    let (mut index, mut term) = (head.index, term_before);
    for record in records {
        if record.index != index {
            return refuse(record, "it would leave a gap");
        }
        if record.term < term {
            return refuse(record, "its term is below the one before");
        }
        (index, term) = (index + 1, record.term);
    }
    Ok(())
}

/// Checks that `low..high` is inside a log of records `first` to `last`.
///
/// # Errors
/// [`LogError::OutOfRange`] if it is not.
pub fn check_range(low: u64, high: u64, first: u64, last: u64) -> Result<(), LogError> {
    if low < first || low > high || high > last + 1 {
        return Err(LogError::OutOfRange { low, high, first, last });
    }
    Ok(())
}
