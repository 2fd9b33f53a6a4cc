//! How damage to a log shows, and where.

use std::io;

use allocd_replica::log::LogError;

use crate::journal::Place;

/// What is wrong with a log: something that was durable is not there any more as it was.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// A segment is not sound at some place.
    #[error("file {segment} at byte {offset}: {reason}")]
    Segment {
        /// Its file.
        segment: String,
        /// Where in it.
        offset: u32,
        /// How it shows.
        reason: &'static str,
    },
    /// A segment is gone.
    #[error("file {segment} is missing, and the one before it says that there is one")]
    SegmentMissing {
        /// Its file.
        segment: String,
    },
    /// Records are gone with the segments they were in.
    #[error("record {first} is missing: the oldest segment there is, file {oldest}, begins behind it")]
    RecordsMissing {
        /// The first of them.
        first: u64,
        /// The oldest segment there is.
        oldest: String,
    },
    /// A file cannot be read.
    #[error("{file} cannot be read")]
    Unreadable {
        /// Which.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The snapshot is not what was written.
    #[error("the snapshot is not what was written")]
    Snapshot(#[source] LogError),
    /// The log and the snapshot do not belong together.
    #[error("the log reaches from {first} to {last}, and the snapshot {reason}")]
    SnapshotApart {
        /// The log's first index.
        first: u64,
        /// The log's last index.
        last: u64,
        /// How it shows.
        reason: &'static str,
    },
}

impl Damage {
    pub(crate) fn at(place: Place, reason: &'static str) -> Self {
        Self::Segment { segment: crate::journal::segment_name(place.segment), offset: place.offset, reason }
    }

    pub(crate) const fn missing(segment: String) -> Self {
        Self::SegmentMissing { segment }
    }

    pub(crate) fn unreadable(file: impl Into<String>, source: io::Error) -> Self {
        Self::Unreadable { file: file.into(), source }
    }
}
