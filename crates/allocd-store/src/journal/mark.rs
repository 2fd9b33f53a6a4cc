//! The mark at a segment's head: how far its frames are known to be durable.
//!
//! It has a block of its own, so that writing it touches nothing else, and what damages the journal's end leaves it be. It is
//! written after a flush and made durable by the next one, at the close, or when the log is quiet: it never claims what was
//! not durable before. What lies before the marked place was once safe; if it is not sound now, it was damaged.
//!
//! ```text
//! "allocd segment 2" | log id 8 | segment's number 4 | its bytes 4 | synced: segment 4, offset 4 | checksum 4
//! ```

use super::frame::{LogId, Place};

/// Where frames begin. A block of a disk at least, and of a page.
pub(crate) const HEAD_BYTES: u32 = 4_096;

const MAGIC: &[u8; 16] = b"allocd segment 2";
const MARK_BYTES: usize = 44;

/// What a segment's head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) log: LogId,
    pub(crate) segment: u32,
    /// How long the file is.
    pub(crate) bytes: u32,
    /// All before this place is durable; nothing of this segment if it is before the segment.
    pub(crate) synced: Place,
}

impl Mark {
    pub(crate) fn write(self) -> [u8; MARK_BYTES] {
        let mut mark = [0; MARK_BYTES];
        let numbers = [self.segment, self.bytes, self.synced.segment, self.synced.offset];
        mark[..16].copy_from_slice(MAGIC);
        mark[16..24].copy_from_slice(&self.log.0.to_be_bytes());
        for (into, number) in mark[24..40].chunks_mut(4).zip(numbers) {
            into.copy_from_slice(&number.to_be_bytes());
        }
        let checksum = crc32fast::hash(&mark[..40]);
        mark[40..].copy_from_slice(&checksum.to_be_bytes());
        mark
    }

    /// Reads the mark at the start of a segment; `None` if there is none.
    pub(crate) fn read(segment: &[u8]) -> Option<Self> {
        let mark: &[u8; MARK_BYTES] = segment.first_chunk()?;
        let number = |at: usize| Some(u32::from_be_bytes(*mark[at..].first_chunk()?));
        let found = Self {
            log: LogId(u64::from_be_bytes(*mark[16..].first_chunk()?)),
            segment: number(24)?,
            bytes: number(28)?,
            synced: Place { segment: number(32)?, offset: number(36)? },
        };
        // Comparing with what would be written covers the magic and the checksum.
        (found.write() == *mark).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        let synced = Place { segment: 7, offset: 4_711 };
        Mark { log: LogId(0x1234_5678_9abc_def0), segment: 7, bytes: 1 << 22, synced }
    }

    #[test]
    fn it_reads_what_it_wrote() {
        assert_eq!(Mark::read(&mark().write()), Some(mark()));
    }

    #[test]
    fn any_changed_byte_and_any_cut_is_found() {
        let written = mark().write();
        for at in 0..written.len() {
            let mut changed = written;
            changed[at] ^= 1;
            assert_eq!(Mark::read(&changed), None, "byte {at} changed");
            assert_eq!(Mark::read(&written[..at]), None, "cut at byte {at}");
        }
    }
}
