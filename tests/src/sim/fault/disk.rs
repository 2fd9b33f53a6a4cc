//! Faults of a store: what is durable, or found again, is not what was promised.

use allocd_proto::storage::v1::{self, command};
use allocd_replica::log::memory::MemoryLog;
use allocd_replica::log::{HardState, LogStore, Record, SNAPSHOT_CHUNK_BYTES_MAX, StoredSnapshot};
use allocd_replica::{Snapshot, SnapshotDecoder};
use prost::Message as _;
use raft_proto::eraftpb;

use super::{members, snapshot};

/// A lying disk keeps what it says it has kept at every so manieth flush.
const TRUE_FLUSH_EVERY: u64 = 25;

/// What is wrong with a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFault {
    /// Nothing.
    None,
    /// A flush returns before it is done: it is done once the next one is asked for.
    EarlyAcknowledgement,
    /// Most flushes do nothing.
    LyingSync,
    /// The vote is not found again.
    ForgottenVote,
    /// Networks and pools are found again without their quarantine.
    ForgottenQuarantine,
    /// Nothing is found again.
    Emptied,
    /// A change of members is found again as made, that was only written down.
    UncommittedMembers,
    /// Those that learn are found again as such that vote.
    LearnersVote,
    /// The end of the log is not found again, however safe it was.
    LostEnd,
}

impl DiskFault {
    /// True if a flush is not to be believed.
    #[must_use]
    pub const fn lies(self) -> bool {
        match self {
            Self::EarlyAcknowledgement | Self::LyingSync => true,
            Self::None
            | Self::ForgottenVote
            | Self::ForgottenQuarantine
            | Self::Emptied
            | Self::UncommittedMembers
            | Self::LearnersVote
            | Self::LostEnd => false,
        }
    }

    /// What a flush makes durable: `truth` is what a power cut would leave.
    pub fn flush(self, truth: &mut MemoryLog, late: &mut MemoryLog, log: &MemoryLog) {
        match self {
            Self::EarlyAcknowledgement => *truth = std::mem::replace(late, log.clone()),
            Self::LyingSync if log.flushes().is_multiple_of(TRUE_FLUSH_EVERY) => *truth = log.clone(),
            Self::LyingSync
            | Self::None
            | Self::ForgottenVote
            | Self::ForgottenQuarantine
            | Self::Emptied
            | Self::UncommittedMembers
            | Self::LearnersVote
            | Self::LostEnd => {}
        }
    }

    /// What is found at a start, of what should be.
    #[must_use]
    pub fn found(self, log: MemoryLog) -> MemoryLog {
        match self {
            Self::None | Self::EarlyAcknowledgement | Self::LyingSync => log,
            Self::ForgottenVote => without_vote(log),
            Self::ForgottenQuarantine => without_quarantine(&log),
            Self::Emptied => MemoryLog::new(),
            Self::UncommittedMembers => members::with_uncommitted(log),
            Self::LearnersVote => members::with_voting_learners(log),
            Self::LostEnd => without_end(&log),
        }
    }
}

fn without_vote(mut log: MemoryLog) -> MemoryLog {
    let hard_state = HardState { vote: 0, ..log.hard_state() };
    log.set_hard_state(hard_state).expect("memory takes everything");
    log.flush().expect("memory takes everything");
    log
}

/// Up to so many entries are lost.
const END_MAX: u64 = 4;

/// The log without its last entries, of those that are behind the snapshot. Term and vote are kept elsewhere and stay.
fn without_end(log: &MemoryLog) -> MemoryLog {
    let lost = 1 + log.last_index() % END_MAX;
    let contained = log.snapshot().map_or(0, |stored| stored.mark.at.index).max(log.base().index);
    let last = log.last_index().saturating_sub(lost).max(contained);
    let mut changed = changed(log, |snapshot| snapshot, |record| (record.index <= last).then_some(record));
    let hard_state = log.hard_state();
    let hard_state = HardState { commit: hard_state.commit.min(last), ..hard_state };
    changed.set_hard_state(hard_state).expect("memory takes everything");
    changed.flush().expect("memory takes everything");
    changed
}

fn without_quarantine(log: &MemoryLog) -> MemoryLog {
    changed(
        log,
        |found| snapshot::without_quarantine(&found),
        |record| Some(record_without_quarantine(record)),
    )
}

/// A log whose snapshot and entries are others.
fn changed(
    log: &MemoryLog,
    change: impl FnOnce(Snapshot) -> Snapshot,
    keep: impl FnMut(Record) -> Option<Record>,
) -> MemoryLog {
    let mut changed = MemoryLog::new();
    if let Some(stored) = log.snapshot() {
        let found = change(read_snapshot(log, stored));
        changed.begin_snapshot().expect("memory takes everything");
        for chunk in found.parts(SNAPSHOT_CHUNK_BYTES_MAX) {
            changed.write_snapshot(&chunk).expect("memory takes everything");
        }
        changed.finish_snapshot(stored.mark.clone()).expect("memory takes everything");
    }
    // An empty log that gets a snapshot begins behind it.
    let (first, last) = (changed.first_index(), log.last_index());
    let records = log.read(first, last + 1, u64::MAX).expect("memory gives everything");
    let records: Vec<Record> = records.into_iter().filter_map(keep).collect();
    changed.append(&records).expect("memory takes everything");
    changed.set_hard_state(log.hard_state()).expect("memory takes everything");
    if let Some(configuration) = log.configuration() {
        changed.set_configuration(configuration.clone()).expect("memory takes everything");
    }
    changed.flush().expect("memory takes everything");
    changed
}

fn read_snapshot(log: &MemoryLog, stored: &StoredSnapshot) -> Snapshot {
    let mut decoder = SnapshotDecoder::new();
    for chunk in 0..stored.chunks {
        let bytes = log.read_snapshot(chunk).expect("memory gives everything");
        decoder.read(&bytes).expect("what was written is a snapshot");
    }
    decoder.finish().expect("what was written is a snapshot")
}

fn record_without_quarantine(record: Record) -> Record {
    let mut entry = eraftpb::Entry::decode(record.bytes.clone()).expect("what was written is an entry");
    let Ok(mut commands) = v1::Entry::decode(entry.data.clone()) else { return record };
    for request in &mut commands.requests {
        match request.command.as_mut().and_then(|command| command.kind.as_mut()) {
            Some(command::Kind::CreateNetwork(network)) => network.quarantine_ms = 0,
            Some(command::Kind::CreatePool(pool)) => pool.quarantine_ms = 0,
            // Messages of the store, not an enum of ours: whatever else is asked has no quarantine.
            _ => {}
        }
    }
    if !entry.data.is_empty() {
        entry.data = commands.encode_to_vec().into();
    }
    Record { bytes: entry.encode_to_vec().into(), ..record }
}
