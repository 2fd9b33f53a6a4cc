//! Changes of members: one at a time, each checked before it is proposed, each answered once it is applied.
//!
//! Only single steps are taken, so any two majorities overlap (thesis §4.1), and none before the leader has committed an entry of
//! its own term (the gap in the thesis that was found in 2015). A new member learns before it votes, so that it holds up nobody.
//! Removals have a file of their own.

use allocd_types::cluster::{MemberChange, MemberVote};
use allocd_types::id::MemberId;
use raft_proto::eraftpb::{ConfChangeType, ConfChangeV2};
use raft_proto::new_conf_change_single;

use crate::codec::Level;
use crate::effects::{Effect, Token, Unavailable};
use crate::fault::Fault;
use crate::log::LogStore;
use crate::membership::Membership;
use crate::removal::Removal;
use crate::replica::Replica;

/// Most members that vote.
pub const VOTERS_MAX: usize = 5;
/// Most members in all: a learner or two beside the voters, to replace those that fail.
pub const MEMBERS_MAX: usize = 7;
/// How many entries a learner may be behind to be promoted: what is sent in a few messages.
pub const LAG_MAX: u64 = 1_000;

/// Why a change of members, or a transfer of the lead, is refused. Nothing was proposed, except where it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefused {
    /// Another member leads, or none, or the lead was lost before the outcome was known.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The leader is too new.
    #[error("the leader has just been elected and has not committed anything yet")]
    TooSoon,
    /// One change at a time.
    #[error("another change of members is under way")]
    Pending,
    /// There is no such member.
    #[error("there is no member {0}")]
    Unknown(MemberId),
    /// Ids only rise.
    #[error("member id {id} was used before or is below one that was; the next free one is {next}")]
    IdUsed {
        /// The id that was asked for.
        id: MemberId,
        /// The lowest that may be.
        next: MemberId,
    },
    /// Another member is reached there.
    #[error("member {member} is reached at {address} already")]
    AddressTaken {
        /// The member there.
        member: MemberId,
        /// Where.
        address: String,
    },
    /// There are as many as may be.
    #[error("there are {there} {what} already, and no more than {most} may be")]
    TooMany {
        /// Members or voters.
        what: &'static str,
        /// How many there are.
        there: usize,
        /// How many may be.
        most: usize,
    },
    /// It would hold up the others, or lose what they count on.
    #[error("member {member} is not ready: {why}")]
    NotReady {
        /// The member.
        member: MemberId,
        /// What it lacks.
        why: String,
    },
    /// It would stop, and vote no more.
    #[error("member {member} understands the log up to level {understood}, and level {in_use} is in use")]
    TooOld {
        /// The member.
        member: MemberId,
        /// What it understands.
        understood: Level,
        /// What it would have to.
        in_use: Level,
    },
    /// The leader goes last.
    #[error("member {0} leads; hand the lead to another one before it is removed")]
    Leads(MemberId),
    /// A cluster has a member that votes.
    #[error("member {0} is the only one that votes")]
    LastVoter(MemberId),
    /// Without it there would be no majority.
    #[error(
        "without member {member}, {there} of {voters} voters would be there, which is no majority; bring another one back first"
    )]
    NoMajority {
        /// The member.
        member: MemberId,
        /// How many of the other voters are there.
        there: usize,
        /// How many other voters there are.
        voters: usize,
    },
}

/// How a peer follows, as the leader knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The peer.
    pub member: MemberId,
    /// Whether it votes.
    pub vote: MemberVote,
    /// The last entry that it is known to have.
    pub matched: u64,
    /// Ticks since it was heard of; `None` if never by this leader.
    pub silent_ticks: Option<u64>,
    /// Whether it gets a snapshot just now.
    pub gets_snapshot: bool,
}

/// The change that is under way, and who waits for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pending {
    index: u64,
    term: u64,
    token: Token,
    then: Option<Removal>,
}

/// What is to be proposed.
pub(crate) struct Step {
    pub(crate) change: ConfChangeV2,
    /// The removal that this is only the first step of.
    pub(crate) then: Option<MemberId>,
}

impl<S: LogStore> Replica<S> {
    /// Proposes a change of members. Answered by an [`Effect::Changed`], now or later. One that is so already is a success.
    ///
    /// # Errors
    /// [`Fault`] if the replica has to stop.
    pub fn change_members(&mut self, token: Token, change: &MemberChange) -> Result<(), Fault> {
        let step = match self.check_change(change) {
            Ok(Some(step)) => step,
            Ok(None) => {
                let outcome = Ok(self.membership.clone());
                self.queue(Effect::Changed { token, outcome: Box::new(outcome) });
                return Ok(());
            }
            Err(refused) => {
                self.queue(Effect::Changed { token, outcome: Box::new(Err(refused)) });
                return Ok(());
            }
        };
        let Step { change, then } = step;
        let then = then.map(|member| Removal { token, member });
        match self.node.propose_conf_change(Vec::new(), change) {
            Ok(()) => {
                let (index, term) = (self.last_index(), self.node.raft.term);
                self.changing = Some(Pending { index, term, token, then });
                Ok(())
            }
            Err(raft::Error::ProposalDropped) => {
                let outcome = Err(Unavailable::Busy.into());
                self.queue(Effect::Changed { token, outcome: Box::new(outcome) });
                Ok(())
            }
            Err(error) => Err(Fault::raft("propose a change of members")(error)),
        }
    }

    /// Hands the lead to a voter that is there. What came of it is seen in the standings.
    ///
    /// # Errors
    /// [`ChangeRefused`] if this member does not lead, or the other one cannot.
    pub fn transfer_leadership(&mut self, to: MemberId) -> Result<(), ChangeRefused> {
        self.check_leads()?;
        match self.membership.vote(to) {
            None => Err(ChangeRefused::Unknown(to)),
            Some(MemberVote::Learner) => {
                Err(ChangeRefused::NotReady { member: to, why: "it does not vote".to_owned() })
            }
            Some(MemberVote::Voter) if to == self.member => Ok(()),
            Some(MemberVote::Voter) if !self.is_there(to) => Err(absent(to)),
            Some(MemberVote::Voter) => {
                self.start_transfer(to);
                Ok(())
            }
        }
    }

    /// Who belongs to the cluster, as far as this member has applied.
    #[must_use]
    pub const fn membership(&self) -> &Membership {
        &self.membership
    }

    /// How the peers follow; empty on a member that does not lead.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        if !self.is_leader() {
            return Vec::new();
        }
        let peers = self.membership.members().into_iter().filter(|&(member, _)| member != self.member);
        let progress = peers.filter_map(|(member, vote)| {
            let known = self.node.raft.prs().get(member.get())?;
            Some(Progress {
                member,
                vote,
                matched: known.matched,
                silent_ticks: self.heard.get(&member).map(|&at| self.ticks - at),
                gets_snapshot: known.state == raft::ProgressState::Snapshot,
            })
        });
        progress.collect()
    }

    /// Answers who waits for a change, if it was the one that was just applied.
    pub(crate) fn answer_change(&mut self, index: u64, term: u64) {
        let Some(pending) = self.changing.take_if(|pending| pending.index <= index) else { return };
        let is_it = (pending.index, pending.term) == (index, term);
        if is_it && pending.then.is_some() {
            self.removing = pending.then;
            return;
        }
        let outcome = if is_it {
            Ok(self.membership.clone())
        } else {
            Err(Unavailable::OutcomeUnknown { leader: self.leader() }.into())
        };
        self.queue(Effect::Changed { token: pending.token, outcome: Box::new(outcome) });
    }

    /// Ends the leadership: whoever waits for a change will get no answer from here.
    pub(crate) fn abandon_change(&mut self) {
        self.answer_change(u64::MAX, 0);
    }

    fn check_leads(&self) -> Result<(), ChangeRefused> {
        if self.is_leader() { Ok(()) } else { Err(Unavailable::NotLeader { leader: self.leader() }.into()) }
    }

    /// The step to propose; none if it is so already.
    fn check_change(&self, change: &MemberChange) -> Result<Option<Step>, ChangeRefused> {
        self.check_leads()?;
        if !self.node.raft.apply_to_current_term() {
            return Err(ChangeRefused::TooSoon);
        }
        if self.node.raft.has_pending_conf() {
            return Err(ChangeRefused::Pending);
        }
        match change {
            MemberChange::Add { member, address } => self.check_addition(*member, address),
            MemberChange::Promote(member) => self.check_promotion(*member),
            MemberChange::Remove(member) => self.check_removal(*member),
        }
    }

    fn check_addition(&self, member: Option<MemberId>, address: &str) -> Result<Option<Step>, ChangeRefused> {
        let members = self.membership.members();
        let there = members.keys().copied().find(|&there| self.membership.address(there) == Some(address));
        if let Some(there) = there {
            let is_it = member.is_none_or(|member| member == there);
            let taken = || ChangeRefused::AddressTaken { member: there, address: address.to_owned() };
            return if is_it { Ok(None) } else { Err(taken()) };
        }
        let next = MemberId::new(self.membership.highest().get() + 1);
        let id = member.unwrap_or(next);
        if id < next {
            return Err(ChangeRefused::IdUsed { id, next });
        }
        if members.len() >= MEMBERS_MAX {
            return Err(ChangeRefused::TooMany { what: "members", there: members.len(), most: MEMBERS_MAX });
        }
        Ok(Some(step(id, ConfChangeType::AddLearnerNode, address)))
    }

    fn check_promotion(&self, member: MemberId) -> Result<Option<Step>, ChangeRefused> {
        match self.membership.vote(member) {
            None => return Err(ChangeRefused::Unknown(member)),
            Some(MemberVote::Voter) => return Ok(None),
            Some(MemberVote::Learner) => {}
        }
        let there = self.membership.voters();
        if there >= VOTERS_MAX {
            return Err(ChangeRefused::TooMany { what: "voters", there, most: VOTERS_MAX });
        }
        if !self.is_there(member) {
            return Err(absent(member));
        }
        let (understood, in_use) = (self.level_told(member).unwrap_or_default(), self.levels.in_use);
        if understood < in_use {
            return Err(ChangeRefused::TooOld { member, understood, in_use });
        }
        let matched = self.node.raft.prs().get(member.get()).map_or(0, |progress| progress.matched);
        let behind = self.node.raft.raft_log.committed.saturating_sub(matched);
        if behind > LAG_MAX {
            let why =
                format!("it is {behind} entries behind, and at most {LAG_MAX} may be left to catch up with");
            return Err(ChangeRefused::NotReady { member, why });
        }
        Ok(Some(step(member, ConfChangeType::AddNode, "")))
    }

    /// Whether a member was heard of within an election timeout: one that has just gone is taken for there until then.
    pub(crate) fn is_there(&self, member: MemberId) -> bool {
        let timeout = u64::try_from(self.node.raft.election_timeout()).unwrap_or(u64::MAX);
        member == self.member || self.heard.get(&member).is_some_and(|&at| self.ticks - at <= timeout)
    }
}

fn absent(member: MemberId) -> ChangeRefused {
    ChangeRefused::NotReady { member, why: "it does not answer".to_owned() }
}

pub(crate) fn step(member: MemberId, change: ConfChangeType, address: &str) -> Step {
    let change = ConfChangeV2 {
        changes: vec![new_conf_change_single(member.get(), change)],
        context: address.as_bytes().to_vec().into(),
        ..ConfChangeV2::default()
    };
    Step { change, then: None }
}
