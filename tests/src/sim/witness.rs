//! What the checkers are shown of members that these do not tell by themselves: votes, and what was applied, and whose disks have it.

use std::collections::BTreeSet;

use prost::Message as _;
use prost::bytes::Bytes;
use raft_proto::eraftpb::{Message, MessageType};

use super::observation::Seen;
use super::world::World;

/// Digests are compared at every so manieth index: they are costly.
const DIGEST_EVERY: u64 = 8;
/// How a message begins that answers a request for a vote: its type, in the field of number 1.
const VOTE_BEGINS: [u8; 2] = [0x08, 6];

impl World {
    /// Shows which members one that starts knows.
    pub(super) fn see_started(&mut self, id: u64) {
        let Some(replica) = self.members[&id].replica() else { return };
        let membership = replica.membership().clone();
        self.note_members(id, &membership);
    }

    /// Shows a vote that reaches whoever asked for it.
    pub(super) fn see_vote(&mut self, from: u64, to: u64, message: &Bytes) {
        if !message.starts_with(&VOTE_BEGINS) {
            return;
        }
        let vote = Message::decode(message.clone()).expect("a replica sends what can be read");
        assert_eq!(vote.msg_type(), MessageType::MsgRequestVoteResponse, "that is its number");
        if !vote.reject {
            self.checkers.see(self.real, Seen::Vote { from, to, term: vote.term });
        }
    }

    /// Shows what a member has applied since it was looked at last.
    pub(super) fn see_applied(&mut self, id: u64) {
        let Some(replica) = self.members[&id].replica() else { return };
        let (from, to) = (self.members[&id].applied + 1, replica.status().applied);
        let control = self.members[&id].control.borrow();
        for index in from..=to {
            let Some(record) = control.written.get(&index) else {
                let what = format!("member {id} applied index {index}, which its disk never had");
                self.checkers.note("one_log", self.real, what);
                continue;
            };
            if index > self.applied {
                self.applied = index;
                let by = self.holders_of(index, record.term);
                self.checkers.see(self.real, Seen::Committed { index, by: &by });
            }
            self.checkers.see(self.real, Seen::Applied { member: id, record });
        }
        if from <= to && to.is_multiple_of(DIGEST_EVERY) {
            let digest = replica.digest();
            self.checkers.see(self.real, Seen::Digest { member: id, index: to, digest });
        }
        drop(control);
        self.member(id).applied = to;
    }

    /// Whose disks have an entry, so that a power cut does not take it.
    fn holders_of(&self, index: u64, term: u64) -> BTreeSet<u64> {
        let holds = |control: &super::disk::Control| {
            let record = control.written.get(&index).filter(|record| record.term == term);
            control.snapshot_at >= index || (record.is_some() && index <= control.flushed)
        };
        let holders = self.members.iter().filter(|(_, member)| holds(&member.control.borrow()));
        holders.map(|(id, _)| *id).collect()
    }
}
