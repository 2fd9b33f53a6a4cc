//! Why a replica stops: what no retry can mend, because going on could break a promise.

use std::error::Error;

use allocd_types::id::MemberId;

use crate::codec::{CodecError, SnapshotCodecError};
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
    /// A committed entry cannot be understood: it is damaged, or made by a newer allocd.
    #[error(
        "committed entry {index} cannot be applied; if a newer allocd has written it, update this member"
    )]
    Entry {
        /// Which entry.
        index: u64,
        /// What is wrong with it.
        source: CodecError,
    },
    /// The snapshot cannot be read: it is damaged, or made by a newer allocd.
    #[error("the snapshot cannot be read; if a newer allocd has written it, update this member")]
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
    pub(crate) fn raft(attempt: &'static str) -> impl FnOnce(raft::Error) -> Self {
        move |source| Self::Raft { attempt, source: Box::new(source) }
    }
}
