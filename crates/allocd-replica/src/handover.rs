//! Handing the lead over, so that a planned stop of the leader costs its clients no election timeout.

use allocd_types::id::MemberId;

use crate::log::LogStore;
use crate::replica::Replica;

impl<S: LogStore> Replica<S> {
    /// Hands the leadership to another member, if this one has it.
    pub fn transfer_leadership(&mut self, to: MemberId) {
        if self.is_leader() {
            self.node.transfer_leader(to.get());
            self.set_election_timeout();
        }
    }

    /// Hands the leadership to the peer that is there and has most of the log, if there is one: before a planned stop.
    /// [`Replica::is_handing_over`] says when that is over.
    pub fn hand_over_leadership(&mut self) {
        let peers = self.node.raft.prs().iter().filter(|(id, _)| **id != self.member.get());
        let heir = peers.filter(|(_, peer)| peer.recent_active).max_by_key(|(_, peer)| peer.matched);
        if let Some(heir) = heir.map(|(id, _)| MemberId::new(*id)) {
            self.transfer_leadership(heir);
        }
    }

    /// Whether this member still leads and has asked another one to take that over. raft gives it up after an election
    /// timeout.
    #[must_use]
    pub fn is_handing_over(&self) -> bool {
        self.is_leader() && self.node.raft.lead_transferee.is_some()
    }
}
