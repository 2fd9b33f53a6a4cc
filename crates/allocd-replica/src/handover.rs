//! Handing the lead over, so that a planned stop of the leader costs its clients no election timeout.

use allocd_types::cluster::MemberVote;
use allocd_types::id::MemberId;

use crate::log::LogStore;
use crate::replica::Replica;

impl<S: LogStore> Replica<S> {
    pub(crate) fn start_transfer(&mut self, to: MemberId) {
        self.node.transfer_leader(to.get());
        self.set_election_timeout();
    }

    /// Hands the leadership to the peer that is there and has most of the log, if there is one: before a planned stop.
    /// [`Replica::is_handing_over`] says when that is over.
    pub fn hand_over_leadership(&mut self) {
        let voters = self.progress().into_iter().filter(|peer| peer.vote == MemberVote::Voter);
        let there = voters.filter(|peer| {
            self.node.raft.prs().get(peer.member.get()).is_some_and(|known| known.recent_active)
        });
        if let Some(heir) = there.max_by_key(|peer| peer.matched) {
            self.start_transfer(heir.member);
        }
    }

    /// Whether this member still leads and has asked another one to take that over. raft gives it up after an election
    /// timeout.
    #[must_use]
    pub fn is_handing_over(&self) -> bool {
        self.is_leader() && self.node.raft.lead_transferee.is_some()
    }
}
