//! Who belongs to the cluster, as the world sees it, and what the operator does to it.

use std::collections::{BTreeMap, BTreeSet};

use allocd_replica::Membership;
use allocd_types::cluster::MemberVote;
use allocd_types::id::MemberId;

use super::clock::Clock;
use super::machine::operator_machine;
use super::member::{Begins, Input, Member};
use super::network::CLIENT;
use super::observation::Seen;
use super::operator::{Deed, Operator, Sight};
use super::order::Told;
use super::world::{Happening, World};

/// How long after a change of members no disk fails, in milliseconds: until then it may be that only one member knows of it.
const SETTLED_MILLIS: u64 = 5_000;

/// The latest members that anybody was seen to have.
#[derive(Debug, Clone, Default)]
pub(super) struct Latest {
    index: u64,
    votes: BTreeMap<u64, MemberVote>,
    changed_at: u64,
}

impl Latest {
    /// The members that a cluster begins with.
    pub(super) fn founding(voters: impl Iterator<Item = u64>) -> Self {
        Self { index: 0, votes: voters.map(|id| (id, MemberVote::Voter)).collect(), changed_at: 0 }
    }
}

impl World {
    /// Whose machines are there; those of former members are not once they have stopped.
    pub(super) fn present(&self) -> Vec<u64> {
        let there = self.members.iter().filter(|(_, member)| !member.is_away && !member.is_removed);
        there.map(|(id, _)| *id).collect()
    }

    /// Who belongs to the cluster and has a disk that can be read.
    pub(super) fn sound(&self) -> impl Iterator<Item = (u64, &Member)> {
        let members = self.members.iter().filter(|(id, _)| self.latest.votes.contains_key(id));
        members.filter(|(_, member)| !member.is_lost).map(|(id, member)| (*id, member))
    }

    /// True once the operator has brought everything to its end, if there is one.
    pub(super) fn is_settled(&self) -> bool {
        self.operator.as_ref().is_none_or(Operator::is_at_rest)
    }

    /// Whether another disk may fail: there have to be enough sound ones left, whatever change of members is under way.
    pub(super) fn may_rot(&self, id: u64) -> bool {
        let failed = self.members.iter().filter(|(id, member)| {
            self.latest.votes.contains_key(id) && !member.control.borrow().rotten.is_empty()
        });
        let failed = failed.count();
        let voters = self.latest.votes.iter().filter(|(_, vote)| **vote == MemberVote::Voter);
        let Some(operator) = &self.operator else { return failed < voters.count().saturating_sub(1) / 2 };
        let voters = voters.filter(|(id, _)| !operator.unsettled().contains(id)).count();
        let is_known = self.sound().all(|(_, member)| {
            member.replica().is_some_and(|replica| replica.membership().index() == self.latest.index)
        });
        let is_member = self.latest.votes.contains_key(&id);
        let is_settled = self.latest.index == 0 || self.real > self.latest.changed_at + SETTLED_MILLIS;
        is_member && is_settled && is_known && failed < voters.saturating_sub(1) / 2
    }

    /// Notes the members as one member has them.
    pub(super) fn note_members(&mut self, id: u64, membership: &Membership) {
        let votes: BTreeMap<u64, MemberVote> =
            membership.members().into_iter().map(|(member, vote)| (member.get(), vote)).collect();
        let index = membership.index();
        let with = |wanted| votes.iter().filter(move |(_, vote)| **vote == wanted).map(|(id, _)| *id);
        let (voters, learners): (BTreeSet<u64>, BTreeSet<u64>) =
            (with(MemberVote::Voter).collect(), with(MemberVote::Learner).collect());
        let seen = Seen::Members { member: id, index, voters: &voters, learners: &learners };
        self.checkers.see(self.real, seen);
        if index > self.latest.index {
            self.trace.note(
                self.real,
                format_args!("the members as of {index}: {voters:?} vote, {learners:?} learn"),
            );
            self.latest = Latest { index, votes, changed_at: self.real };
            self.counts.membership_changes += 1;
        }
    }

    /// What a member answers whose sender it knows to be one no more, in place of taking its message.
    pub(super) fn refuse_former(&mut self, from: u64, to: u64) -> bool {
        let Some(replica) = self.members.get(&to).and_then(Member::replica) else { return false };
        let membership = replica.membership();
        if membership.index() == 0 || !membership.is_former(MemberId::new(from)) {
            return false;
        }
        for delay in self.network.send(to, from) {
            self.happen_in(delay, Happening::Removed { by: to, member: from });
        }
        true
    }

    /// A member is told by a peer that it is none any more.
    pub(super) fn removed(&mut self, by: u64, member: u64) {
        if self.network.is_open(by, member) && self.members[&member].replica().is_some() {
            self.trace.note(self.real, format_args!("member {member} is told by {by} that it was removed"));
            self.stop_former(member);
        }
    }

    /// A member that knows that it is none any more stops, and its disk is kept.
    pub(super) fn stop_former(&mut self, id: u64) {
        self.trace.note(self.real, format_args!("member {id} was removed and stops"));
        let member = self.member(id);
        member.is_removed = true;
        member.switch_off();
    }

    /// The operator does what is to be done.
    pub(super) fn operate(&mut self) {
        if self.operates_at == Some(self.real) && !self.is_operator_held_up(Happening::Operate) {
            self.with_operator(Operator::wake);
        }
    }

    /// The operator gets an answer.
    pub(super) fn told(&mut self, from: u64, told: Told) {
        let is_open = self.network.is_open(from, CLIENT + operator_machine());
        if is_open && !self.is_operator_held_up(Happening::Told { from, told: told.clone() }) {
            self.with_operator(|operator, sight, deeds| operator.told(told, sight, deeds));
        }
    }

    /// If the operator's machine is held up, things happen to it later.
    fn is_operator_held_up(&mut self, happening: Happening) -> bool {
        let until = self.machines[usize::try_from(operator_machine()).expect("a place fits")].paused_until;
        if until <= self.real {
            return false;
        }
        if matches!(happening, Happening::Operate) {
            self.operates_at = Some(until);
        }
        self.happen_in(until - self.real, happening);
        true
    }

    fn with_operator(&mut self, act: impl FnOnce(&mut Operator, &Sight, &mut Vec<Deed>) -> u64) {
        let Some(mut operator) = self.operator.take() else { return };
        let mut deeds = Vec::new();
        let next = act(&mut operator, &self.sight(), &mut deeds).max(self.real + 1);
        let is_over = operator.is_at_rest();
        self.operator = Some(operator);
        deeds.into_iter().for_each(|deed| self.perform_deed(deed));
        self.operates_at = (!is_over).then_some(next);
        if !is_over {
            self.happen_in(next - self.real, Happening::Operate);
        }
    }

    fn sight(&self) -> Sight {
        let those = |is: fn(&Member) -> bool| {
            self.members.iter().filter(move |(_, member)| is(member)).map(|(id, _)| *id)
        };
        Sight {
            real: self.real,
            is_peaceful: !self.is_troubled,
            present: those(|member| !member.is_lost && !member.is_away && !member.is_removed).collect(),
            installed: those(|_| true).collect(),
            lost: those(|member| member.is_lost).collect(),
            doubtful: those(|member| member.is_lost || !member.control.borrow().rotten.is_empty()).collect(),
            former: those(|member| member.is_removed && !member.is_away).collect(),
        }
    }

    fn perform_deed(&mut self, deed: Deed) {
        match deed {
            Deed::Send(to, order) => {
                for delay in self.network.send(CLIENT + operator_machine(), to) {
                    self.happen_in(delay, Happening::Order { to, order: order.clone() });
                }
            }
            Deed::Install(id) => {
                self.trace.note(self.real, format_args!("the operator sets member {id} up"));
                let clock = Clock::drawn(&mut self.operator_random);
                let member = Member::new(id, Begins::Joining, clock, self.profile.snapshots, self.fault);
                self.members.insert(id, member);
                self.happen_in(0, Happening::Start(id));
            }
            Deed::TakeAway(id) => {
                self.trace.note(self.real, format_args!("the operator takes member {id} away"));
                if let Some(member) = self.members.get_mut(&id) {
                    member.is_away = true;
                    member.switch_off();
                }
            }
            Deed::StartAgain(id) => {
                self.trace.note(self.real, format_args!("the operator starts former member {id} by mistake"));
                let member = self.member(id);
                (member.is_removed, member.is_away) = (false, false);
                self.happen_in(0, Happening::Start(id));
            }
            Deed::Note(what) => self.trace.note(self.real, format_args!("the operator {what}")),
        }
    }

    /// Who the cluster is, as a new member learns it from those that it may ask: the newest answer counts.
    pub(super) fn ask_who(&mut self, id: u64) -> Option<Membership> {
        let asked: Vec<u64> = self.latest.votes.keys().copied().filter(|peer| *peer != id).collect();
        let mut newest: Option<Membership> = None;
        for peer in asked {
            let is_asked = self.operator_random.in_a_thousand(700);
            let is_open = self.network.is_open(id, peer) && self.network.is_open(peer, id);
            let Some(replica) =
                self.members.get(&peer).and_then(Member::replica).filter(|_| is_asked && is_open)
            else {
                continue;
            };
            let found = replica.membership();
            if newest.as_ref().is_none_or(|newest| newest.index() < found.index()) {
                newest = Some(found.clone());
            }
        }
        newest
            .filter(|newest| newest.vote(MemberId::new(id)).is_some() || newest.is_former(MemberId::new(id)))
    }

    /// Hands an order to a member.
    pub(super) fn order(&mut self, to: u64, input: Input) {
        if self.network.is_open(CLIENT + operator_machine(), to) {
            self.put(to, input);
        }
    }
}
