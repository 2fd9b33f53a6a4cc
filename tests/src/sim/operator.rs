//! The operator: who adds members, lets them vote, removes them and hands the lead over, by `allocctl`'s means and manners.
//!
//! One chore at a time, each in a file of its own. Every step begins with a look at the cluster as its leader sees it; an answer
//! that does not come is asked for again, there or elsewhere, blindly or after another look; a refusal is obeyed. What is
//! promised bounds what is tried: nobody who is well is removed, and nobody let vote, if those whose disks have failed would
//! then be too many.

mod chore;
mod grow;
mod hand_over;
mod mistake;
mod shrink;

use std::collections::BTreeSet;

use allocd_replica::{ChangeRefused, Unavailable, VOTERS_MAX};
use allocd_types::cluster::{MemberChange, MemberVote};
use allocd_types::id::MemberId;

use self::chore::{Chore, Step};
use self::grow::Grow;
use self::hand_over::HandOver;
use self::mistake::Mistake;
use self::shrink::Shrink;
use super::order::{Look, Order, Told, Wanted, Word};
use super::random::Random;
use super::schedule::Changes;

/// How long an answer is waited for, in milliseconds.
const ANSWER_MILLIS: u64 = 2_000;
/// How long a chore is gone on with in times of trouble, in milliseconds.
const CHORE_MILLIS: u64 = 25_000;
/// How long the operator waits before another try, in milliseconds: from and to.
const PAUSE_MILLIS: (u64, u64) = (20, 600);

/// What the operator does.
#[derive(Debug)]
pub enum Deed {
    /// Asks a member.
    Send(u64, Order),
    /// Sets up and starts the machine of a new member.
    Install(u64),
    /// Switches a machine off for good.
    TakeAway(u64),
    /// Starts a former member on its disk.
    StartAgain(u64),
    /// Thinks aloud.
    Note(String),
}

/// What the operator sees without asking a member: the machines.
#[derive(Debug)]
pub struct Sight {
    /// Real time.
    pub real: u64,
    /// True once nothing goes wrong any more: what was begun is brought to an end, and nothing else is.
    pub is_peaceful: bool,
    /// Whose machines are there, and not known to be broken.
    pub present: Vec<u64>,
    /// Whose machines were ever set up.
    pub installed: BTreeSet<u64>,
    /// Whose disks have failed, so that they do not start.
    pub lost: BTreeSet<u64>,
    /// Whose disks have failed, whether anybody has noticed or not.
    pub doubtful: BTreeSet<u64>,
    /// Who was removed and has stopped, with the disk kept.
    pub former: Vec<u64>,
}

/// A question that waits for its answer.
#[derive(Debug)]
struct Question {
    number: u64,
    wanted: Wanted,
    ends_at: u64,
}

/// The operator.
#[derive(Debug)]
pub struct Operator {
    random: Random,
    ways: Changes,
    /// How many members are to vote.
    target: usize,
    chore: Option<Chore>,
    chore_ends_at: u64,
    /// The last look, until something was done.
    look: Option<Look>,
    question: Option<Question>,
    /// Who is asked next.
    asks: u64,
    numbers: u64,
    machines: u64,
    rests_until: u64,
    unsettled: BTreeSet<u64>,
    is_at_rest: bool,
}

impl Operator {
    /// An operator with ways of its own.
    #[must_use]
    pub fn new(ways: Changes, members: u64, mut random: Random) -> Self {
        Self {
            target: usize::try_from(members).expect("a count fits"),
            rests_until: random.between(0, ways.interval_max),
            random,
            ways,
            chore: None,
            chore_ends_at: 0,
            look: None,
            question: None,
            asks: 1,
            numbers: 0,
            machines: 0,
            unsettled: BTreeSet::new(),
            is_at_rest: false,
        }
    }

    /// True in peace, once everything that was begun has come to its end.
    #[must_use]
    pub const fn is_at_rest(&self) -> bool {
        self.is_at_rest
    }

    /// Members whose removal was asked for, and has not been seen to be made: it may be at any time.
    #[must_use]
    pub const fn unsettled(&self) -> &BTreeSet<u64> {
        &self.unsettled
    }

    /// Does nothing for a while.
    pub const fn rest_until(&mut self, real: u64) {
        self.rests_until = real;
    }

    /// Does what is to be done now; says when to come again.
    pub fn wake(&mut self, sight: &Sight, deeds: &mut Vec<Deed>) -> u64 {
        if let Some(question) = &self.question {
            if sight.real < question.ends_at {
                return question.ends_at;
            }
            let wanted = self.question.take().expect("it was just seen").wanted;
            self.ask_another(sight);
            let is_repeated = wanted != Wanted::Look && self.random.in_a_thousand(500);
            if is_repeated && self.is_tolerable(&wanted, sight) {
                return self.send(wanted, sight, deeds);
            }
            self.look = None;
        }
        if sight.real < self.rests_until {
            return self.rests_until;
        }
        let Some(look) = self.look.clone() else { return self.send(Wanted::Look, sight, deeds) };
        if self.chore.is_none() {
            self.chore = self.choose(&look, sight);
            self.chore_ends_at = sight.real + CHORE_MILLIS;
            self.is_at_rest = self.chore.is_none() && sight.is_peaceful;
            if let Some(chore) = &self.chore {
                deeds.push(Deed::Note(format!("begins {chore:?}")));
            }
        }
        let is_late = !sight.is_peaceful && sight.real > self.chore_ends_at;
        match self.chore.as_mut().filter(|_| !is_late) {
            None => self.end_chore(sight),
            Some(chore) => {
                let step = chore.next(&look, sight);
                self.take(step, sight, deeds)
            }
        }
    }

    /// Takes an answer; says when to come again.
    pub fn told(&mut self, told: Told, sight: &Sight, deeds: &mut Vec<Deed>) -> u64 {
        let Some(question) = self.question.take_if(|question| question.number == told.number) else {
            return self.question.as_ref().map_or(self.rests_until, |question| question.ends_at);
        };
        match told.word {
            Word::Looked(look) if look.leads => {
                self.unsettled.retain(|id| look.members.contains_key(id));
                self.look = Some(*look);
            }
            Word::Looked(look) => {
                self.turn_to(look.leader, sight);
                self.pause(sight);
            }
            Word::Changed(Ok(())) | Word::Transferred(Ok(())) => {
                deeds.push(Deed::Note(format!("is told that {:?} is done", question.wanted)));
                self.look_again(sight);
            }
            Word::Changed(Err(refused)) | Word::Transferred(Err(refused)) => {
                deeds.push(Deed::Note(format!("is refused {:?}: {refused}", question.wanted)));
                self.refused(&refused, sight);
            }
        }
        self.rests_until.max(sight.real)
    }

    /// Obeys a refusal.
    fn refused(&mut self, refused: &ChangeRefused, sight: &Sight) {
        match refused {
            ChangeRefused::Unavailable(
                Unavailable::NotLeader { leader }
                | Unavailable::OutcomeUnknown { leader }
                | Unavailable::Unconfirmed { leader },
            ) => self.turn_to(leader.map(MemberId::get), sight),
            ChangeRefused::Unavailable(Unavailable::Busy)
            | ChangeRefused::TooSoon
            | ChangeRefused::Pending
            | ChangeRefused::NotReady { .. }
            | ChangeRefused::NoMajority { .. }
            | ChangeRefused::Leads(_) => {}
            ChangeRefused::Unknown(_)
            | ChangeRefused::IdUsed { .. }
            | ChangeRefused::AddressTaken { .. }
            | ChangeRefused::TooMany { .. }
            | ChangeRefused::TooOld { .. }
            | ChangeRefused::LastVoter(_) => self.chore = None,
        }
        self.look_again(sight);
    }

    fn take(&mut self, step: Step, sight: &Sight, deeds: &mut Vec<Deed>) -> u64 {
        match step {
            Step::Ask(wanted) if self.is_tolerable(&wanted, sight) => self.send(wanted, sight, deeds),
            Step::WaitOrAsk(wanted)
                if self.random.in_a_thousand(self.ways.impatience) && self.is_tolerable(&wanted, sight) =>
            {
                self.send(wanted, sight, deeds)
            }
            Step::WaitOrAsk(_) => self.look_again(sight),
            Step::Install(id) => {
                deeds.push(Deed::Install(id));
                self.look_again(sight)
            }
            Step::TakeAway(id) => {
                if sight.doubtful.contains(&id) || !self.random.in_a_thousand(self.ways.left_alone) {
                    deeds.push(Deed::TakeAway(id));
                }
                self.end_chore(sight)
            }
            Step::StartAgain(id) => {
                deeds.push(Deed::StartAgain(id));
                self.look_again(sight)
            }
            Step::Ask(_) | Step::Done | Step::GiveUp => self.end_chore(sight),
        }
    }

    /// What to do, as things are; nothing if all is as it should be.
    fn choose(&mut self, look: &Look, sight: &Sight) -> Option<Chore> {
        if let Some(&member) = look.members.keys().find(|id| sight.lost.contains(id)) {
            return Some(Chore::Shrink(Shrink { member }));
        }
        let learner = look.members.iter().find(|(_, vote)| **vote == MemberVote::Learner);
        if let Some((&member, _)) = learner {
            let is_kept = look.voter_count() < VOTERS_MAX && self.random.in_a_thousand(800);
            let address = look.addresses.get(&member).filter(|_| is_kept);
            return Some(match address {
                Some(address) => Chore::Grow(Grow { address: address.clone(), id: None }),
                None => Chore::Shrink(Shrink { member }),
            });
        }
        if !sight.is_peaceful {
            if let Some(&member) = sight.former.first().filter(|_| self.random.in_a_thousand(250)) {
                return Some(Chore::Mistake(Mistake { member, is_made: false }));
            }
            let voters: Vec<u64> = look.voters().collect();
            if self.random.in_a_thousand(250) {
                return Some(Chore::HandOver(HandOver { to: *self.random.pick(&voters) }));
            }
            if look.voter_count() == self.target {
                self.target = *self.random.pick(self.ways.sizes);
            }
            if look.voter_count() > self.target {
                return Some(Chore::Shrink(Shrink { member: *self.random.pick(&voters) }));
            }
        }
        (look.voter_count() < self.target).then(|| {
            self.machines += 1;
            let address = format!("m{}:7421", self.machines);
            let id = self.random.in_a_thousand(300).then(|| MemberId::new(look.highest + 1));
            Chore::Grow(Grow { address, id })
        })
    }

    /// Whether those whose disks have failed would still be few enough after a change, even if whoever makes it is one of them.
    fn is_tolerable(&self, wanted: &Wanted, sight: &Sight) -> bool {
        let Wanted::Change(change) = wanted else { return true };
        let Some(look) = &self.look else { return false };
        let voters: BTreeSet<u64> = look.voters().collect();
        let failed = sight.doubtful.iter().filter(|id| look.members.contains_key(id)).count();
        if failed == 0 {
            return true;
        }
        match change {
            MemberChange::Add { .. } => true,
            MemberChange::Promote(_) => voters.len() + 1 - failed > voters.len().div_ceil(2),
            MemberChange::Remove(member) if !voters.contains(&member.get()) => true,
            MemberChange::Remove(member) => {
                let others = if sight.doubtful.contains(&member.get()) { failed - 1 } else { failed };
                voters.len() - 1 - others > voters.len() / 2
            }
        }
    }

    fn send(&mut self, wanted: Wanted, sight: &Sight, deeds: &mut Vec<Deed>) -> u64 {
        if let Wanted::Change(MemberChange::Remove(member)) = &wanted {
            self.unsettled.insert(member.get());
        }
        if wanted != Wanted::Look {
            deeds.push(Deed::Note(format!("asks {} for {wanted:?}", self.asks)));
        }
        self.numbers += 1;
        let number = self.numbers;
        let ends_at = sight.real + ANSWER_MILLIS;
        deeds.push(Deed::Send(self.asks, Order { number, wanted: wanted.clone() }));
        self.question = Some(Question { number, wanted, ends_at });
        ends_at
    }

    fn turn_to(&mut self, leader: Option<u64>, sight: &Sight) {
        match leader {
            Some(leader) if leader != self.asks => self.asks = leader,
            Some(_) | None => self.ask_another(sight),
        }
    }

    fn ask_another(&mut self, sight: &Sight) {
        self.asks = *self.random.pick(&sight.present);
    }

    fn look_again(&mut self, sight: &Sight) -> u64 {
        self.look = None;
        self.pause(sight)
    }

    const fn pause(&mut self, sight: &Sight) -> u64 {
        self.rests_until = sight.real + self.random.between(PAUSE_MILLIS.0, PAUSE_MILLIS.1);
        self.rests_until
    }

    fn end_chore(&mut self, sight: &Sight) -> u64 {
        (self.chore, self.look) = (None, None);
        let rest = if sight.is_peaceful { PAUSE_MILLIS.1 } else { self.ways.interval_max };
        self.rests_until = sight.real + self.random.between(PAUSE_MILLIS.0, rest);
        self.rests_until
    }
}
