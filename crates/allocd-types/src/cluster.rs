//! A cluster and its members as they are right now, for people and monitors.

use std::fmt;

use crate::id::{ClusterId, Digest, MemberId, Revision};
use crate::time::{ClusterTime, Span};

/// A cluster as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterStatus {
    /// Its identity.
    pub cluster_id: ClusterId,
    /// The member that leads, if the asked member knows one.
    pub leader: Option<MemberId>,
    /// All members, in the order of their ids.
    pub members: Vec<Member>,
}

impl ClusterStatus {
    /// How many members vote.
    #[must_use]
    pub fn voters(&self) -> usize {
        self.members.iter().filter(|member| member.vote == MemberVote::Voter).count()
    }
}

/// One member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// Where it is reached; empty if the asked member does not know.
    pub address: String,
    /// Whether it votes.
    pub vote: MemberVote,
    /// What it said when it was asked, or why it said nothing.
    pub answer: Result<MemberStatus, String>,
}

/// What a member says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberStatus {
    /// Its id.
    pub id: MemberId,
    /// What it is in the cluster.
    pub role: MemberRole,
    /// The leader it knows, if any.
    pub leader: Option<MemberId>,
    /// Its Raft term.
    pub term: u64,
    /// The last entry of the log that it knows to be committed.
    pub commit_index: u64,
    /// The last entry of the log that it has applied.
    pub applied_index: u64,
    /// The revision of its state.
    pub revision: Revision,
    /// The cluster time of its state.
    pub cluster_time: ClusterTime,
    /// The digest of its allocation state.
    pub state_digest: Digest,
    /// The digest of its request memory and cluster time.
    pub memory_digest: Digest,
    /// The last entry of its log.
    pub last_index: u64,
    /// What its data directory takes, in bytes.
    pub disk_bytes: u64,
    /// How the others follow it, if it leads.
    pub progress: Vec<PeerProgress>,
    /// How many leases there are.
    pub leases: u64,
    /// The version of the program.
    pub version: String,
    /// The level of the log that the program understands.
    pub level: u32,
    /// The highest level of what it has applied.
    pub level_in_use: u32,
}

/// How a member follows, as the leader knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerProgress {
    /// The member.
    pub member: MemberId,
    /// The last entry of the log that it is known to have.
    pub match_index: u64,
    /// How long ago it was heard of; `None` if never by this leader.
    pub last_contact: Option<Span>,
    /// Whether it gets a snapshot just now.
    pub gets_snapshot: bool,
}

/// Whether a member votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberVote {
    /// It counts for majorities and may lead.
    Voter,
    /// It gets the log, and nothing else.
    Learner,
}

/// A change of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberChange {
    /// A new member gets the log and learns.
    Add {
        /// Its id; the next free one if none is said.
        member: Option<MemberId>,
        /// Where it is reached: host and port.
        address: String,
    },
    /// A learner that has caught up votes.
    Promote(MemberId),
    /// A member is one no more.
    Remove(MemberId),
}

/// What a member is in its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberRole {
    /// Follows a leader.
    Follower,
    /// Asks whether it could win an election.
    PreCandidate,
    /// Stands for election.
    Candidate,
    /// Leads.
    Leader,
}

impl fmt::Display for MemberRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Follower => "follower",
            Self::PreCandidate => "pre-candidate",
            Self::Candidate => "candidate",
            Self::Leader => "leader",
        })
    }
}

impl fmt::Display for MemberVote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Voter => "voter",
            Self::Learner => "learner",
        })
    }
}
