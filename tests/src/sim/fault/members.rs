//! Faults of what a member has written down of who belongs to the cluster.

use allocd_proto::storage::v1;
use allocd_replica::log::memory::MemoryLog;
use allocd_replica::log::{Configuration, LogStore};
use prost::Message as _;
use raft_proto::eraftpb::{ConfChangeType, ConfChangeV2, Entry, EntryType};

/// The log, with all changes of members that are in it made, committed or not.
pub(super) fn with_uncommitted(mut log: MemoryLog) -> MemoryLog {
    let Some(mut members) = members_of(&log) else { return log };
    let records =
        log.read(log.first_index(), log.last_index() + 1, u64::MAX).expect("memory gives everything");
    let made = members.index;
    for record in records.into_iter().filter(|record| record.index > made) {
        let entry = Entry::decode(record.bytes).expect("what was written is an entry");
        if entry.entry_type() == EntryType::EntryConfChangeV2 {
            let change = ConfChangeV2::decode(entry.data).expect("what was written is a change");
            make(&mut members, &change);
            members.index = record.index;
        }
    }
    keep(&mut log, &members);
    log
}

/// The log, with all members of it voting.
pub(super) fn with_voting_learners(mut log: MemoryLog) -> MemoryLog {
    let Some(mut members) = members_of(&log) else { return log };
    let learners = std::mem::take(&mut members.learners);
    members.voters.extend(learners);
    keep(&mut log, &members);
    log
}

fn members_of(log: &MemoryLog) -> Option<v1::Membership> {
    let bytes = log.configuration()?.bytes.clone();
    Some(v1::Membership::decode(bytes).expect("what was written are members"))
}

fn make(members: &mut v1::Membership, change: &ConfChangeV2) {
    for single in &change.changes {
        let id = single.node_id;
        members.voters.retain(|voter| *voter != id);
        members.learners.retain(|learner| *learner != id);
        match single.change_type() {
            ConfChangeType::AddNode => members.voters.push(id),
            ConfChangeType::AddLearnerNode => members.learners.push(id),
            ConfChangeType::RemoveNode => {}
        }
        members.highest_id = members.highest_id.max(id);
    }
}

fn keep(log: &mut MemoryLog, members: &v1::Membership) {
    let configuration = Configuration { applied: members.index, bytes: members.encode_to_vec().into() };
    log.set_configuration(configuration).expect("memory takes everything");
    log.flush().expect("memory takes everything");
}
