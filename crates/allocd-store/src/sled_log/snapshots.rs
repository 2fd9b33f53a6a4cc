//! Snapshots beside the log, and a log that begins behind one.
//!
//! Chunks first, a flush, then the pointer, another flush: whatever a power cut leaves, the pointer points to a whole
//! snapshot. The base moves before what lies behind it is removed, for the same reason.

use allocd_replica::log::{
    LogError, LogStore as _, Position, SNAPSHOT_CHUNK_BYTES_MAX, SnapshotMark, StoredSnapshot,
};

use super::SledLog;
use crate::garbage::{self, Needed};
use crate::layout;
use crate::snapshot::{self, Current};

impl SledLog {
    pub(super) fn insert_chunk(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        assert!(bytes.len() <= SNAPSHOT_CHUNK_BYTES_MAX, "a chunk has to fit into one value");
        let (number, chunk) = self.begun.expect("a snapshot is begun before it is written");
        self.insert(&snapshot::chunk_key(number, chunk), &snapshot::store_chunk(number, chunk, bytes))?;
        self.begun = Some((number, chunk + 1));
        Ok(())
    }

    pub(super) fn make_current(&mut self, mark: SnapshotMark) -> Result<(), LogError> {
        let (number, chunks) = self.begun.take().expect("a snapshot is begun before it is finished");
        self.flush()?;
        let at = mark.at;
        let current = Current { number, stored: StoredSnapshot { mark, chunks } };
        self.insert(snapshot::POINTER_KEY, &snapshot::store_pointer(&current))?;
        self.snapshot = Some(current);
        self.is_untidy = true;
        if !self.has_entry(at)? {
            // From here on a power cut leaves a log that opening takes for replaced.
            while self.last_index > at.index {
                self.remove_last()?;
            }
            self.set_base(at)?;
            self.last_index = at.index;
        }
        self.flush()
    }

    /// Moves the log's start behind a record that the snapshot contains.
    pub(super) fn move_base(&mut self, up_to: u64) -> Result<(), LogError> {
        let contained = self.snapshot.as_ref().map_or(0, |current| current.stored.mark.at.index);
        let index = up_to.min(contained);
        if index <= self.base.index {
            return Ok(());
        }
        let term = self.term_at(index)?;
        self.set_base(Position { index, term })
    }

    /// Removes some of what nobody needs. A record counts as one, and so does each chunk.
    pub(super) fn remove_garbage(&mut self, removals_max: usize) -> Result<bool, LogError> {
        if self.is_untidy {
            let needed = Needed {
                first_index: self.base.index + 1,
                last_index: self.last_index,
                snapshots: [
                    self.snapshot.as_ref().map(|current| current.number),
                    self.begun.map(|(number, _)| number),
                ],
            };
            self.is_untidy = garbage::remove(&self.db, &needed, removals_max)?;
        }
        Ok(self.is_untidy)
    }

    fn has_entry(&self, at: Position) -> Result<bool, LogError> {
        let is_inside = (self.base.index..=self.last_index).contains(&at.index);
        Ok(is_inside && self.term_at(at.index)? == at.term)
    }

    fn set_base(&mut self, base: Position) -> Result<(), LogError> {
        self.insert(layout::BASE_KEY, &layout::store_base(base))?;
        self.base = base;
        self.is_untidy = true;
        Ok(())
    }
}
