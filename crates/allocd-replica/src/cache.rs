//! The most recent entries, kept in memory because raft asks for them again and again: to send them, to apply them, to
//! learn their terms. Older ones are read from the log, so memory does not grow with history.

use std::collections::VecDeque;

use prost::Message as _;
use raft_proto::eraftpb::Entry;

/// Most entries that are kept.
pub(crate) const CACHED_ENTRIES_MAX: usize = 4_096;
/// Most bytes of entries that are kept, beyond the last entry.
pub(crate) const CACHED_BYTES_MAX: u64 = 4 * 1_024 * 1_024;

/// The end of the log, in memory.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    /// Contiguous, and up to the end of the log unless empty.
    entries: VecDeque<Entry>,
    bytes: u64,
}

impl Cache {
    /// Puts entries in that were just appended, in place of any that they replace.
    pub(crate) fn append(&mut self, entries: &[Entry]) {
        let Some(head) = entries.first() else { return };
        while self.entries.back().is_some_and(|last| last.index >= head.index) {
            self.bytes -= self.entries.pop_back().as_ref().map_or(0, size);
        }
        for entry in entries {
            self.bytes += size(entry);
            self.entries.push_back(entry.clone());
        }
        while self.entries.len() > CACHED_ENTRIES_MAX
            || (self.bytes > CACHED_BYTES_MAX && self.entries.len() > 1)
        {
            self.bytes -= self.entries.pop_front().as_ref().map_or(0, size);
        }
    }

    /// The index of the oldest entry that is kept.
    pub(crate) fn first_index(&self) -> Option<u64> {
        self.entries.front().map(|entry| entry.index)
    }

    pub(crate) fn get(&self, index: u64) -> Option<&Entry> {
        let offset = index.checked_sub(self.first_index()?)?;
        self.entries.get(usize::try_from(offset).ok()?)
    }

    /// The entries from an index on, as long as they are kept.
    pub(crate) fn from(&self, index: u64) -> impl Iterator<Item = &Entry> {
        (index..).map_while(|index| self.get(index))
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

pub(crate) fn size(entry: &Entry) -> u64 {
    u64::try_from(entry.encoded_len()).expect("a length fits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(index: u64, bytes: usize) -> Entry {
        Entry { index, term: 1, data: vec![7; bytes].into(), ..Entry::default() }
    }

    fn indices(cache: &Cache) -> (Option<u64>, Option<u64>) {
        (cache.first_index(), cache.entries.back().map(|entry| entry.index))
    }

    #[test]
    fn it_is_bounded_by_count() {
        let mut cache = Cache::default();
        for index in 1..=10_000 {
            cache.append(&[entry(index, 1)]);
        }
        assert_eq!(cache.len(), CACHED_ENTRIES_MAX);
        assert_eq!(indices(&cache), (Some(10_001 - 4_096), Some(10_000)));
        assert!(cache.get(5_000).is_none());
        assert_eq!(cache.get(9_999).map(|entry| entry.index), Some(9_999));
    }

    #[test]
    fn it_is_bounded_by_bytes_but_keeps_the_last() {
        let mut cache = Cache::default();
        let megabyte = 1_024 * 1_024;
        for index in 1..=20 {
            cache.append(&[entry(index, megabyte)]);
        }
        assert_eq!(indices(&cache), (Some(18), Some(20)));
        cache.append(&[entry(21, 10 * megabyte)]);
        assert_eq!(indices(&cache), (Some(21), Some(21)));
    }

    #[test]
    fn a_replaced_tail_is_forgotten() {
        let mut cache = Cache::default();
        cache.append(&[entry(1, 1), entry(2, 1), entry(3, 1)]);
        cache.append(&[entry(2, 9)]);
        assert_eq!(indices(&cache), (Some(1), Some(2)));
        assert_eq!(cache.get(2).map(|entry| entry.data.len()), Some(9));
        assert_eq!(cache.bytes, size(&entry(1, 1)) + size(&entry(2, 9)));
    }
}
