//! What a store knows of a snapshot: as of which entry it is. Its bytes are opaque.

use super::Configuration;

/// The largest chunk of a snapshot, in bytes: so that a store needs one value for it.
pub const SNAPSHOT_CHUNK_BYTES_MAX: usize = 1_900;

/// An entry's place in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// Its index; 0 is before the first entry.
    pub index: u64,
    /// The term in which a leader created it.
    pub term: u64,
}

/// What a snapshot is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotMark {
    /// The last entry that it contains.
    pub at: Position,
    /// The configuration as of that entry.
    pub configuration: Configuration,
}

/// A snapshot in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSnapshot {
    /// What it is of.
    pub mark: SnapshotMark,
    /// How many chunks it has.
    pub chunks: u32,
}
