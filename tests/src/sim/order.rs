//! What the operator and members say to each other about the cluster itself, as `allocctl cluster` does.

use std::collections::BTreeMap;

use allocd_replica::{ChangeRefused, Membership, Progress};
use allocd_types::cluster::{MemberChange, MemberVote};
use allocd_types::id::MemberId;

/// What the operator wants of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Say who there is, who leads, and how each follows.
    Look,
    /// Have a change of members made.
    Change(MemberChange),
    /// Hand the lead over.
    Transfer(MemberId),
}

/// One attempt of the operator at a member.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its number: an answer to a former one comes too late.
    pub number: u64,
    /// What is wanted.
    pub wanted: Wanted,
}

/// A member's answer to one attempt.
#[derive(Debug, Clone)]
pub struct Told {
    /// To which attempt.
    pub number: u64,
    /// The answer.
    pub word: Word,
}

/// What a member says to the operator.
#[derive(Debug, Clone)]
pub enum Word {
    /// How it looks from there.
    Looked(Box<Look>),
    /// The change was made, or why not.
    Changed(Result<(), ChangeRefused>),
    /// The transfer was begun, or why not.
    Transferred(Result<(), ChangeRefused>),
}

/// The cluster as one member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Who leads, as far as it knows.
    pub leader: Option<u64>,
    /// Whether it does itself.
    pub leads: bool,
    /// The members, and who of them votes.
    pub members: BTreeMap<u64, MemberVote>,
    /// The highest id that was ever used.
    pub highest: u64,
    /// Where those are reached that were added.
    pub addresses: BTreeMap<u64, String>,
    /// How the others follow, if it leads.
    pub progress: Vec<Progress>,
}

impl Look {
    /// What a member that leads, or knows who does, says.
    #[must_use]
    pub fn new(
        (leader, leads): (Option<u64>, bool),
        membership: &Membership,
        progress: Vec<Progress>,
    ) -> Self {
        let members = membership.members();
        let address = |id: &MemberId| Some((id.get(), membership.address(*id)?.to_owned()));
        Self {
            leader,
            leads,
            addresses: members.keys().filter_map(address).collect(),
            members: members.into_iter().map(|(id, vote)| (id.get(), vote)).collect(),
            highest: membership.highest().get(),
            progress,
        }
    }

    /// Who votes.
    pub fn voters(&self) -> impl Iterator<Item = u64> + '_ {
        self.members.iter().filter(|(_, vote)| **vote == MemberVote::Voter).map(|(id, _)| *id)
    }

    /// How many members vote.
    #[must_use]
    pub fn voter_count(&self) -> usize {
        self.voters().count()
    }

    /// Who was added there, if it is a member.
    #[must_use]
    pub fn member_at(&self, address: &str) -> Option<u64> {
        self.addresses.iter().find(|(_, there)| *there == address).map(|(id, _)| *id)
    }
}
