//! Removals: nobody is removed whose absence would leave the rest without a majority, whether they have heard of it or not.
//!
//! Who is removed stops. Those that have not yet heard that the removal is committed still count it for a voter, and may need its
//! vote to find out. Of three voters and more the rest are a majority all the same. Of two, the one that is left would wait for
//! ever, if the other one led last and stopped. So the second voter first becomes one that learns, which goes on answering, and is
//! removed once this member, alone, can commit that.

use allocd_types::cluster::{MemberChange, MemberVote};
use allocd_types::id::MemberId;
use raft::StateRole;
use raft_proto::eraftpb::ConfChangeType;

use crate::change::{ChangeRefused, Step, step};
use crate::effects::Token;
use crate::fault::Fault;
use crate::log::LogStore;
use crate::replica::Replica;

/// A removal whose first step is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Removal {
    pub(crate) token: Token,
    pub(crate) member: MemberId,
}

impl<S: LogStore> Replica<S> {
    /// The step towards a removal; none if it is so already.
    pub(crate) fn check_removal(&self, member: MemberId) -> Result<Option<Step>, ChangeRefused> {
        if self.membership.is_former(member) {
            return Ok(None);
        }
        let vote = self.membership.vote(member).ok_or(ChangeRefused::Unknown(member))?;
        if vote == MemberVote::Voter && self.membership.voters() == 1 {
            return Err(ChangeRefused::LastVoter(member));
        }
        if member == self.member {
            return Err(ChangeRefused::Leads(member));
        }
        let members = self.membership.members().into_iter();
        let rest = members.filter(|&(id, vote)| vote == MemberVote::Voter && id != member);
        let rest: Vec<MemberId> = rest.map(|(id, _)| id).collect();
        let there = rest.iter().filter(|&&id| self.is_there(id)).count();
        if there <= rest.len() / 2 {
            return Err(ChangeRefused::NoMajority { member, there, voters: rest.len() });
        }
        if vote == MemberVote::Voter && self.membership.voters() == 2 {
            let first = step(member, ConfChangeType::AddLearnerNode, "");
            return Ok(Some(Step { then: Some(member), ..first }));
        }
        Ok(Some(step(member, ConfChangeType::RemoveNode, "")))
    }

    /// Proposes the second step of a removal, once the first is made. True if there was one.
    pub(crate) fn go_on_removing(&mut self) -> Result<bool, Fault> {
        let Some(Removal { token, member }) = self.removing.take() else { return Ok(false) };
        self.change_members(token, &MemberChange::Remove(member))?;
        Ok(true)
    }

    /// Gives the lead up if this member does not vote any more: it led when its own removal, or the first step to it, was
    /// committed. raft goes on leading then, and would answer reads without asking the only one that votes.
    pub(crate) fn step_down_if_no_voter(&mut self) {
        let votes = self.membership.vote(self.member) == Some(MemberVote::Voter);
        if self.node.raft.state == StateRole::Leader && !votes {
            let term = self.node.raft.term;
            self.node.raft.become_follower(term, raft::INVALID_ID);
            self.set_election_timeout();
        }
    }
}
