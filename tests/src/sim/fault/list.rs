//! The list of faults.

use std::str::FromStr;

use super::super::client::Boot;
use super::super::member::Begins;
use super::agent::AgentFault;
use super::disk::DiskFault;
use super::door::{Door, Honest};
use super::eager_release::EagerRelease;
use super::early_pick::EarlyPick;
use super::frees_found::FreesFound;
use super::no_quarantine::NoQuarantine;
use super::old_answers::OldAnswers;
use super::snapshot::SnapshotFault;
use super::stale_agents::StaleAgents;
use super::stale_reads::StaleReads;
use super::volatile_memory::VolatileMemory;

/// One deliberate fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A member acknowledges before its flush is done.
    AcknowledgeBeforeFlush,
    /// A disk says that it has synced and has not.
    LyingDisk,
    /// A member votes twice in a term, because a crash took its vote.
    VoteTwice,
    /// Requests are remembered by the leader alone, in its memory.
    VolatileDedup,
    /// The leader chooses values before the log, and answers with them.
    EarlyPick,
    /// The leader counts lifetimes by its wall clock.
    WallClockExpiry,
    /// A restarted member does not know of quarantine.
    ForgottenQuarantine,
    /// No value ever rests.
    NoQuarantine,
    /// A leader answers reads without asking whether it still leads.
    StaleReads,
    /// A repeated request is answered with what was answered first.
    OldAnswers,
    /// A disk comes back empty, and its member with its old identity.
    EmptiedDisk,
    /// A snapshot comes to a peer without the requests that it remembers.
    SnapshotWithoutMemory,
    /// A snapshot comes to a peer without the values that rest.
    SnapshotWithoutQuarantine,
    /// A restarted member goes by a change of members that it has written down and nobody has committed.
    UncommittedMembers,
    /// A restarted member takes those that learn for such as vote.
    LearnersVote,
    /// A member that joined and lost its disk joins again under its id, as if it had never voted.
    RejoinedIdentity,
    /// A disk loses the end of a log that it said was safe, and does not know it.
    SilentTruncation,
    /// A cluster that begins with a backup grants as if nothing had happened since.
    NoRecovery,
    /// A lease is free once it was given back, whatever its host's agent says.
    EagerRelease,
    /// An agent says that nothing of a lease is left, and tears down then.
    ConfirmBeforeTeardown,
    /// An agent starts a jail before it has taken up its lease.
    UseBeforeBind,
    /// A host that was declared off starts its jails from its files, without asking.
    ReturnsRunning,
    /// A snapshot comes to a peer without what was told of values in use by others.
    SnapshotWithoutDeclines,
    /// Agents tell a cluster that began anew only of what that cluster tells them.
    PartialInventory,
    /// A member believes every start of an agent, and not only the newest.
    StaleAgents,
    /// A suspect is freed although its host has found it again.
    FreesFoundSuspects,
    /// An agent starts a jail that it has lost, and takes its lease up no sooner.
    UseOfLost,
}

/// No fault has that name.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no fault is called {name:?}; --list-faults names them all")]
pub struct UnknownFault {
    name: String,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::AcknowledgeBeforeFlush,
        Self::LyingDisk,
        Self::VoteTwice,
        Self::VolatileDedup,
        Self::EarlyPick,
        Self::WallClockExpiry,
        Self::ForgottenQuarantine,
        Self::NoQuarantine,
        Self::StaleReads,
        Self::OldAnswers,
        Self::EmptiedDisk,
        Self::SnapshotWithoutMemory,
        Self::SnapshotWithoutQuarantine,
        Self::UncommittedMembers,
        Self::LearnersVote,
        Self::RejoinedIdentity,
        Self::SilentTruncation,
        Self::NoRecovery,
        Self::EagerRelease,
        Self::ConfirmBeforeTeardown,
        Self::UseBeforeBind,
        Self::ReturnsRunning,
        Self::SnapshotWithoutDeclines,
        Self::PartialInventory,
        Self::StaleAgents,
        Self::FreesFoundSuspects,
        Self::UseOfLost,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AcknowledgeBeforeFlush => "acknowledge-before-flush",
            Self::LyingDisk => "lying-disk",
            Self::VoteTwice => "vote-twice",
            Self::VolatileDedup => "volatile-dedup",
            Self::EarlyPick => "early-pick",
            Self::WallClockExpiry => "wall-clock-expiry",
            Self::ForgottenQuarantine => "forgotten-quarantine",
            Self::NoQuarantine => "no-quarantine",
            Self::StaleReads => "stale-reads",
            Self::OldAnswers => "old-answers",
            Self::EmptiedDisk => "emptied-disk",
            Self::SnapshotWithoutMemory => "snapshot-without-memory",
            Self::SnapshotWithoutQuarantine => "snapshot-without-quarantine",
            Self::UncommittedMembers => "uncommitted-members",
            Self::LearnersVote => "learners-vote",
            Self::RejoinedIdentity => "rejoined-identity",
            Self::SilentTruncation => "silent-truncation",
            Self::NoRecovery => "no-recovery",
            Self::EagerRelease => "eager-release",
            Self::ConfirmBeforeTeardown => "confirm-before-teardown",
            Self::UseBeforeBind => "use-before-bind",
            Self::ReturnsRunning => "returns-running",
            Self::SnapshotWithoutDeclines => "snapshot-without-declines",
            Self::PartialInventory => "partial-inventory",
            Self::StaleAgents => "stale-agents",
            Self::FreesFoundSuspects => "frees-found-suspects",
            Self::UseOfLost => "use-of-lost",
        }
    }

    /// Within how many seeds, from 0 on, the simulator must have seen it.
    #[must_use]
    pub const fn seeds_max(self) -> u64 {
        match self {
            Self::EarlyPick | Self::WallClockExpiry | Self::NoQuarantine => 5,
            Self::AcknowledgeBeforeFlush
            | Self::LyingDisk
            | Self::ForgottenQuarantine
            | Self::EmptiedDisk
            | Self::SnapshotWithoutMemory
            | Self::SnapshotWithoutQuarantine
            | Self::LearnersVote
            | Self::SilentTruncation
            | Self::EagerRelease
            | Self::ConfirmBeforeTeardown => 10,
            // Only every other seed has hosts with agents.
            Self::UseBeforeBind | Self::ReturnsRunning | Self::SnapshotWithoutDeclines => 50,
            // Only every fourth seed has a network that frees suspects.
            Self::FreesFoundSuspects | Self::UseOfLost => 100,
            // These need a crash, a loss or a partition at one moment of a run.
            Self::VoteTwice
            | Self::StaleReads
            | Self::UncommittedMembers
            | Self::RejoinedIdentity
            | Self::NoRecovery
            | Self::StaleAgents => 200,
            // A client has to ask again after its lease has changed, which it seldom does in time.
            Self::OldAnswers | Self::VolatileDedup => 400,
            // A lease of the lost hours has to live on, and what it has to be handed out again.
            Self::PartialInventory => 400,
        }
    }

    /// What it makes of the disk of a member that was there from the beginning, or has joined.
    #[must_use]
    pub const fn disk(self, begins: Begins) -> DiskFault {
        match self {
            Self::AcknowledgeBeforeFlush => DiskFault::EarlyAcknowledgement,
            Self::LyingDisk => DiskFault::LyingSync,
            Self::VoteTwice => DiskFault::ForgottenVote,
            Self::ForgottenQuarantine => DiskFault::ForgottenQuarantine,
            Self::EmptiedDisk => DiskFault::Emptied,
            Self::RejoinedIdentity => match begins {
                Begins::Founding(_) | Begins::Restored => DiskFault::None,
                Begins::Joining => DiskFault::Emptied,
            },
            Self::UncommittedMembers => DiskFault::UncommittedMembers,
            Self::LearnersVote => DiskFault::LearnersVote,
            Self::SilentTruncation => DiskFault::LostEnd,
            Self::VolatileDedup
            | Self::EarlyPick
            | Self::WallClockExpiry
            | Self::NoQuarantine
            | Self::StaleReads
            | Self::OldAnswers
            | Self::SnapshotWithoutMemory
            | Self::SnapshotWithoutQuarantine
            | Self::NoRecovery
            | Self::EagerRelease
            | Self::ConfirmBeforeTeardown
            | Self::UseBeforeBind
            | Self::ReturnsRunning
            | Self::SnapshotWithoutDeclines
            | Self::PartialInventory
            | Self::StaleAgents
            | Self::FreesFoundSuspects
            | Self::UseOfLost => DiskFault::None,
        }
    }

    /// True if it makes something of anybody's disk.
    #[must_use]
    pub fn is_of_disks(self) -> bool {
        self.disk(Begins::Joining) != DiskFault::None
    }

    /// What it makes of snapshots that are sent.
    #[must_use]
    pub const fn snapshot(self) -> SnapshotFault {
        match self {
            Self::SnapshotWithoutMemory => SnapshotFault::WithoutMemory,
            Self::SnapshotWithoutQuarantine => SnapshotFault::WithoutQuarantine,
            Self::SnapshotWithoutDeclines => SnapshotFault::WithoutDeclines,
            Self::AcknowledgeBeforeFlush
            | Self::LyingDisk
            | Self::VoteTwice
            | Self::VolatileDedup
            | Self::EarlyPick
            | Self::WallClockExpiry
            | Self::ForgottenQuarantine
            | Self::NoQuarantine
            | Self::StaleReads
            | Self::OldAnswers
            | Self::EmptiedDisk
            | Self::UncommittedMembers
            | Self::LearnersVote
            | Self::RejoinedIdentity
            | Self::SilentTruncation
            | Self::NoRecovery
            | Self::EagerRelease
            | Self::ConfirmBeforeTeardown
            | Self::UseBeforeBind
            | Self::ReturnsRunning
            | Self::PartialInventory
            | Self::StaleAgents
            | Self::FreesFoundSuspects
            | Self::UseOfLost => SnapshotFault::None,
        }
    }

    /// What agents do wrong.
    #[must_use]
    pub const fn agent(self) -> AgentFault {
        if matches!(self, Self::ConfirmBeforeTeardown) {
            AgentFault::ConfirmsFirst
        } else if matches!(self, Self::UseBeforeBind) {
            AgentFault::UsesUnbound
        } else if matches!(self, Self::PartialInventory) {
            AgentFault::TellsWhatItIsTold
        } else if matches!(self, Self::UseOfLost) {
            AgentFault::UsesLost
        } else {
            AgentFault::None
        }
    }

    /// How a host starts that was declared off.
    #[must_use]
    pub const fn boot(self) -> Boot {
        if matches!(self, Self::ReturnsRunning) { Boot::Alone } else { Boot::AfterAsking }
    }

    /// The door that a member gets at its start.
    #[must_use]
    pub fn door(self, member: u64, start: u64) -> Box<dyn Door> {
        match self {
            Self::VolatileDedup => Box::new(VolatileMemory::new(member, start)),
            Self::EarlyPick => Box::new(EarlyPick::default()),
            Self::NoQuarantine => Box::new(NoQuarantine),
            Self::StaleReads => Box::new(StaleReads),
            Self::StaleAgents => Box::new(StaleAgents),
            Self::OldAnswers => Box::new(OldAnswers::default()),
            Self::EagerRelease => Box::new(EagerRelease),
            Self::FreesFoundSuspects => Box::new(FreesFound),
            Self::AcknowledgeBeforeFlush
            | Self::LyingDisk
            | Self::VoteTwice
            | Self::WallClockExpiry
            | Self::ForgottenQuarantine
            | Self::EmptiedDisk
            | Self::SnapshotWithoutMemory
            | Self::SnapshotWithoutQuarantine
            | Self::UncommittedMembers
            | Self::LearnersVote
            | Self::RejoinedIdentity
            | Self::SilentTruncation
            | Self::NoRecovery
            | Self::ConfirmBeforeTeardown
            | Self::UseBeforeBind
            | Self::ReturnsRunning
            | Self::SnapshotWithoutDeclines
            | Self::PartialInventory
            | Self::UseOfLost => Box::new(Honest),
        }
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        Self::ALL
            .into_iter()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| UnknownFault { name: name.to_owned() })
    }
}
