//! What a replica is told at its start, checked once.

use std::collections::BTreeSet;

use allocd_types::id::MemberId;
use raft::NO_LIMIT;

use crate::codec::{Level, LevelOf, level_of};
use crate::membership::Membership;

/// How many voters a cluster may have: an even number would only add a way to fail.
pub const VOTERS_ALLOWED: [usize; 3] = [1, 3, 5];
/// Ticks without a leader after which a member stands for election: at least this many, below twice as many.
pub const ELECTION_TICKS_DEFAULT: usize = 10;
/// Ticks between a leader's heartbeats.
pub const HEARTBEAT_TICKS_DEFAULT: usize = 1;
/// Most bytes of entries in one message to a peer.
pub(crate) const MESSAGE_BYTES_MAX: u64 = 1_024 * 1_024;
/// Most messages on their way to one peer.
pub(crate) const MESSAGES_IN_FLIGHT_MAX: usize = 256;
/// Most bytes of proposed and not yet committed entries; beyond them proposals are refused as busy.
pub(crate) const UNCOMMITTED_BYTES_MAX: u64 = 16 * 1_024 * 1_024;
/// Most bytes of committed entries that are applied between two looks at the network.
pub(crate) const COMMITTED_BYTES_PER_READY_MAX: u64 = 4 * 1_024 * 1_024;

/// When a snapshot is taken, and how much of the log is kept behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotLimits {
    /// Entries since the last one.
    pub entries: u64,
    /// Bytes of entries since the last one.
    pub bytes: u64,
    /// Entries that stay in the log for members that are a little behind.
    pub entries_kept: u64,
}

impl SnapshotLimits {
    /// No snapshot is ever taken, and the log keeps everything.
    pub const NEVER: Self = Self { entries: u64::MAX, bytes: u64::MAX, entries_kept: u64::MAX };
    /// What suits most clusters.
    pub const USUAL: Self = Self { entries: 50_000, bytes: 16 * 1_024 * 1_024, entries_kept: 5_000 };
}

/// What a replica is told at its start.
#[derive(Debug, Clone)]
pub struct Config {
    /// This member.
    pub member: MemberId,
    /// All members that the cluster began with, this one among them; or, if it joins, this one and any it knows of.
    pub voters: Vec<MemberId>,
    /// The members of a running cluster that this one joins, if its log is empty: it was added to them, and votes not yet.
    pub joins: Option<Membership>,
    /// Ticks without a leader after which this member stands for election, at least.
    pub election_ticks: usize,
    /// Ticks between heartbeats.
    pub heartbeat_ticks: usize,
    /// When snapshots are taken.
    pub snapshots: SnapshotLimits,
    /// What this member understands of the log: all that its program does.
    pub understands: Level,
    /// Which level each command needs.
    pub level_of: LevelOf,
    /// What all randomness of this replica comes from; another one at each start and on each member.
    pub seed: u64,
}

/// Why a configuration is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not 1, 3 or 5 voters.
    #[error(
        "a cluster begins with 1, 3 or 5 members, and {count} are configured; a member that is added later has `join = true`"
    )]
    VoterCount {
        /// How many are configured.
        count: usize,
    },
    /// A voter is listed twice, or has the id 0.
    #[error("member id {member} is listed twice or is 0")]
    VoterId {
        /// Which one.
        member: MemberId,
    },
    /// This member is not a voter.
    #[error("member {member} is not among the configured members of its cluster")]
    NotAVoter {
        /// This member.
        member: MemberId,
    },
    /// The election is not well after the heartbeat.
    #[error("an election after {election} ticks leaves no room for heartbeats every {heartbeat}")]
    Ticks {
        /// Ticks to an election.
        election: usize,
        /// Ticks to a heartbeat.
        heartbeat: usize,
    },
}

impl Config {
    /// Makes a configuration with the usual ticks and without snapshots, of a member that understands all that this allocd does.
    #[must_use]
    pub fn new(member: MemberId, voters: Vec<MemberId>, seed: u64) -> Self {
        let (election_ticks, heartbeat_ticks) = (ELECTION_TICKS_DEFAULT, HEARTBEAT_TICKS_DEFAULT);
        Self {
            member,
            voters,
            joins: None,
            election_ticks,
            heartbeat_ticks,
            snapshots: SnapshotLimits::NEVER,
            understands: Level::NEWEST,
            level_of,
            seed,
        }
    }

    /// Checks what the types cannot, as for a cluster that begins, or a member that joins one.
    ///
    /// # Errors
    /// [`ConfigError`] for the first thing that is wrong.
    pub fn check(&self) -> Result<(), ConfigError> {
        let count = self.voters.len();
        if self.joins.is_none() && !VOTERS_ALLOWED.contains(&count) {
            return Err(ConfigError::VoterCount { count });
        }
        self.check_member()
    }

    /// Checks what matters to a member whose log knows who belongs to the cluster, as well.
    pub(crate) fn check_member(&self) -> Result<(), ConfigError> {
        let mut seen = BTreeSet::new();
        if let Some(&member) = self.voters.iter().find(|voter| voter.get() == 0 || !seen.insert(voter.get()))
        {
            return Err(ConfigError::VoterId { member });
        }
        if !self.voters.contains(&self.member) {
            return Err(ConfigError::NotAVoter { member: self.member });
        }
        let (election, heartbeat) = (self.election_ticks, self.heartbeat_ticks);
        if heartbeat == 0 || election <= heartbeat {
            return Err(ConfigError::Ticks { election, heartbeat });
        }
        Ok(())
    }

    /// The settings of raft: its defaults send one entry a message and bound nothing.
    pub(crate) fn for_raft(&self, applied: u64) -> raft::Config {
        const _: () = assert!(UNCOMMITTED_BYTES_MAX < NO_LIMIT, "without a bound there is no back-pressure");
        raft::Config {
            id: self.member.get(),
            election_tick: self.election_ticks,
            heartbeat_tick: self.heartbeat_ticks,
            max_size_per_msg: MESSAGE_BYTES_MAX,
            max_inflight_msgs: MESSAGES_IN_FLIGHT_MAX,
            max_uncommitted_size: UNCOMMITTED_BYTES_MAX,
            max_committed_size_per_ready: COMMITTED_BYTES_PER_READY_MAX,
            check_quorum: true,
            pre_vote: true,
            batch_append: true,
            // What the snapshot contains; the log is replayed from there, for the state lives in memory only.
            applied,
            ..raft::Config::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(member: u64, voters: &[u64]) -> Config {
        Config::new(MemberId::new(member), voters.iter().copied().map(MemberId::new).collect(), 0)
    }

    #[test]
    fn a_cluster_has_an_odd_and_small_number_of_different_members() {
        assert_eq!(config(1, &[1]).check(), Ok(()));
        assert_eq!(config(3, &[1, 2, 3]).check(), Ok(()));
        assert_eq!(config(1, &[]).check(), Err(ConfigError::VoterCount { count: 0 }));
        assert_eq!(config(1, &[1, 2]).check(), Err(ConfigError::VoterCount { count: 2 }));
        assert_eq!(config(1, &[1, 2, 2]).check(), Err(ConfigError::VoterId { member: MemberId::new(2) }));
        assert_eq!(config(1, &[0, 1, 2]).check(), Err(ConfigError::VoterId { member: MemberId::new(0) }));
        assert_eq!(config(4, &[1, 2, 3]).check(), Err(ConfigError::NotAVoter { member: MemberId::new(4) }));
    }

    #[test]
    fn an_election_comes_after_a_heartbeat() {
        let ticks =
            |election_ticks, heartbeat_ticks| Config { election_ticks, heartbeat_ticks, ..config(1, &[1]) };
        assert_eq!(ticks(10, 10).check(), Err(ConfigError::Ticks { election: 10, heartbeat: 10 }));
        assert_eq!(ticks(10, 0).check(), Err(ConfigError::Ticks { election: 10, heartbeat: 0 }));
        assert_eq!(ticks(2, 1).check(), Ok(()));
    }
}
