//! Why a replica stops: what no retry can mend, because going on could break a promise.

use std::error::Error;

use allocd_types::id::MemberId;

use crate::codec::{CodecError, Level, SnapshotCodecError};
use crate::config::ConfigError;
use crate::log::LogError;

/// Why a replica could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is none.
    #[error("the replica's configuration is not valid")]
    Config(#[from] ConfigError),
    /// The log was begun by a cluster of other members.
    #[error(
        "the log was begun with members {stored:?}, and {configured:?} are configured; configure the members it was begun with"
    )]
    OtherVoters {
        /// The voters in the log.
        stored: Vec<u64>,
        /// The voters in the configuration.
        configured: Vec<u64>,
    },
    /// A member whose data are gone would join under an id that votes.
    #[error(
        "member {member} votes in its cluster and has lost its data; remove it there, and add a new member with a new id"
    )]
    HasVoted {
        /// This member.
        member: MemberId,
    },
    /// A member that was removed would join again.
    #[error("member {member} was removed from its cluster; add a new member with a new id")]
    Removed {
        /// This member.
        member: MemberId,
    },
    /// A member would join that nobody knows.
    #[error("the cluster has no member {member}; add it there first")]
    NotAdded {
        /// This member.
        member: MemberId,
    },
    /// The log cannot be replayed.
    #[error("the replica could not replay its log")]
    Fault(#[from] Fault),
}

/// Why a replica stopped. It must not be used any further.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The log failed; what is durable is not known.
    #[error("the log failed")]
    Log(#[from] LogError),
    /// A committed entry needs a newer allocd.
    #[error(
        "committed entry {index} is of level {found}, and this allocd understands levels up to {understood}; install a newer allocd on this member and start it again"
    )]
    NewerEntry {
        /// Which entry.
        index: u64,
        /// The level that it needs.
        found: Level,
        /// What this member understands.
        understood: Level,
    },
    /// A snapshot, its own or the leader's, needs a newer allocd.
    #[error(
        "the snapshot is of level {found}, and this allocd understands levels up to {understood}; install a newer allocd on this member and start it again"
    )]
    NewerSnapshot {
        /// The level that it needs.
        found: Level,
        /// What this member understands.
        understood: Level,
    },
    /// A committed entry cannot be understood: it is damaged.
    #[error("committed entry {index} cannot be applied")]
    Entry {
        /// Which entry.
        index: u64,
        /// What is wrong with it.
        source: CodecError,
    },
    /// The snapshot cannot be read: it is damaged.
    #[error("the snapshot cannot be read")]
    Snapshot(#[source] SnapshotCodecError),
    /// The leader knows that this member had entries which its log no longer has.
    #[error(
        "the leader counts on entries up to {commit}, which this member acknowledged, but its log ends at {last}; empty its data directory and rejoin as a new member with a new id"
    )]
    LostEntries {
        /// How far the leader says this member's log is committed.
        commit: u64,
        /// Where it ends.
        last: u64,
    },
    /// raft refuses what cannot be refused.
    #[error("{attempt}")]
    Raft {
        /// What was attempted.
        attempt: &'static str,
        /// What raft says.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Fault {
    pub(crate) fn entry(index: u64, source: CodecError) -> Self {
        match source {
            CodecError::NewerFormat { found, understood } => Self::NewerEntry { index, found, understood },
            CodecError::Malformed(_) | CodecError::Unknown { .. } | CodecError::Invalid { .. } => {
                Self::Entry { index, source }
            }
        }
    }

    pub(crate) fn snapshot(source: SnapshotCodecError) -> Self {
        match source {
            SnapshotCodecError::Record(CodecError::NewerFormat { found, understood }) => {
                Self::NewerSnapshot { found, understood }
            }
            SnapshotCodecError::Record(_)
            | SnapshotCodecError::Machine(_)
            | SnapshotCodecError::Damaged { .. } => Self::Snapshot(source),
        }
    }

    pub(crate) fn raft(attempt: &'static str) -> impl FnOnce(raft::Error) -> Self {
        move |source| Self::Raft { attempt, source: Box::new(source) }
    }
}
