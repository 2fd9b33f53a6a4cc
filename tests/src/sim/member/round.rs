//! A member's round: everything that waits for it goes in, and what follows from it comes out.

use std::collections::BTreeMap;

use allocd_replica::{Effect, Fault as Stop, Level, Monotonic, Proposal, Replica, Role, Token};
use allocd_types::id::MemberId;
use prost::bytes::Bytes;

use super::super::disk::Disk;
use super::super::fault::Fault;
use super::super::message::{Ask, Outcome, Reply, Request};
use super::super::order::{Look, Order, Told, Wanted, Word};
use super::super::transfer::{Moved, Packet};
use super::{Member, Power, unless_the_disk_failed};

/// How often a member ticks, in milliseconds of its own.
const TICK_MILLIS: u64 = 100;

/// What waits for a member's next round.
#[derive(Debug, Clone)]
pub enum Input {
    /// A peer's message.
    Message {
        /// Who sent it.
        from: u64,
        /// The message.
        message: Bytes,
    },
    /// A client's attempt.
    Request(Box<Request>),
    /// A piece of a peer's snapshot, or a peer's answer to one.
    Packet(Box<Packet>),
    /// The operator's attempt.
    Order(Order),
}

/// What a round led to.
pub struct Round {
    /// Effects that are the world's to perform: all but answers and the moving of snapshots.
    pub effects: Vec<Effect>,
    /// Answers to clients.
    pub replies: Vec<Reply>,
    /// Answers to the operator.
    pub told: Vec<Told>,
    /// What came of snapshots under way.
    pub moved: Moved,
    /// Why the replica stopped, if it did.
    pub stop: Option<Stop>,
}

impl Member {
    /// One round: time, a tick if one is due, everything that waits, and what follows from it.
    pub fn round(&mut self, real: u64) -> Round {
        let mut round = Round {
            effects: Vec::new(),
            replies: Vec::new(),
            told: Vec::new(),
            moved: Moved::default(),
            stop: None,
        };
        let Power::On(replica) = &mut self.power else { return round };
        let Monotonic(now) = self.clock.monotonic(real);
        let wall = self.clock.wall(real);
        let told = if self.fault == Some(Fault::WallClockExpiry) { wall.unix_millis() } else { now };
        replica.observe_time(Monotonic(told), wall);
        let mut inbox = std::mem::take(&mut self.inbox);
        let is_tick_due = now >= self.next_tick;
        if is_tick_due {
            self.next_tick = now + TICK_MILLIS;
        }
        let mut proposals = Vec::new();
        let hand_in = || {
            if is_tick_due {
                replica.tick()?;
            }
            self.transfers.advance(replica, now, &mut round.moved)?;
            for input in inbox.drain(..) {
                match input {
                    // A refusal is the inbox's business: whatever it drops, raft sends again.
                    Input::Message { from, message } => {
                        replica.note_level(MemberId::new(from), Level::NEWEST);
                        // Whatever the inbox drops, raft sends again.
                        let _ = replica.step(&message)?;
                    }
                    Input::Packet(packet) => {
                        self.transfers.take(*packet, replica, now, &mut round.moved)?;
                    }
                    Input::Order(order) => {
                        self.tokens += 1;
                        let token = Token(self.tokens);
                        round.told.extend(take_order(replica, order, token, &mut self.orders)?);
                    }
                    Input::Request(mut request) => {
                        let leads = replica.status().standing.role == Role::Leader;
                        if let Some(outcome) = self.door.enter(&mut request, replica.state(), leads) {
                            round.replies.push(reply(&request, outcome));
                            continue;
                        }
                        self.tokens += 1;
                        let token = Token(self.tokens);
                        match &request.ask {
                            Ask::Read(_) | Ask::ReadHost(_) => replica.read(token),
                            Ask::Do(command) => proposals.push(Proposal {
                                token,
                                request_id: request.request_id.clone(),
                                caller: request.caller.clone(),
                                expires_in: request.expires_in,
                                command: command.clone(),
                            }),
                        }
                        self.asked.insert(token, *request);
                    }
                }
            }
            if !proposals.is_empty() {
                replica.propose(std::mem::take(&mut proposals))?;
            }
            replica.advance(&mut |effect| round.effects.push(effect))
        };
        round.stop = unless_the_disk_failed(&self.control, hand_in).flatten().err();
        self.take_own(&mut round, now);
        round
    }

    /// When it has something to do though nothing comes, in real time.
    #[must_use]
    pub fn next_round(&self, real: u64) -> u64 {
        let Monotonic(now) = self.clock.monotonic(real);
        let next = self.transfers.next_at().map_or(self.next_tick, |at| at.min(self.next_tick));
        real + next.saturating_sub(now).max(1)
    }

    /// Performs what is the member's own: lets answers out by the door, and begins to move snapshots. Leaves the other effects.
    fn take_own(&mut self, round: &mut Round, now: u64) {
        for effect in std::mem::take(&mut round.effects) {
            let (token, answer) = match effect {
                Effect::Answer { token, answer } => (token, Ok(answer)),
                Effect::Read { token, state } => (token, Err(state)),
                Effect::StoreSnapshot { job, snapshot } => {
                    self.transfers.store(job, &snapshot, now);
                    continue;
                }
                Effect::SendSnapshot { to, understood: _, job, message, snapshot } => {
                    self.transfers.send((to, job), message, snapshot, now, &mut round.moved);
                    continue;
                }
                Effect::Changed { token, outcome } => {
                    if let Some(number) = self.orders.remove(&token) {
                        let word = Word::Changed(outcome.map(drop));
                        round.told.push(Told { number, word });
                    }
                    continue;
                }
                Effect::Send { .. }
                | Effect::Events { .. }
                | Effect::State(_)
                | Effect::Installed(_)
                | Effect::Members(_)
                | Effect::Role(_) => {
                    round.effects.push(effect);
                    continue;
                }
            };
            let Some(request) = self.asked.remove(&token) else { continue };
            let outcome = match (answer, &request.ask) {
                (Ok(answer), _) => Outcome::of_answer(answer),
                (Err(Ok(state)), Ask::Read(holder)) => Outcome::of_state(&state, holder),
                (Err(Ok(state)), Ask::ReadHost(host)) => Outcome::of_host(&state, host),
                (Err(Err(why)), _) => Outcome::of_unavailable(why),
                (Err(Ok(_)), Ask::Do(_)) => unreachable!("a command is not answered with a state"),
            };
            let outcome = self.door.leave(&request, outcome);
            round.replies.push(reply(&request, outcome));
        }
    }
}

/// Takes what the operator wants. What can be answered at once is.
fn take_order(
    replica: &mut Replica<Disk>,
    order: Order,
    token: Token,
    orders: &mut BTreeMap<Token, u64>,
) -> Result<Option<Told>, Stop> {
    let number = order.number;
    let word = match order.wanted {
        Wanted::Change(change) => {
            orders.insert(token, number);
            replica.change_members(token, &change)?;
            return Ok(None);
        }
        Wanted::Transfer(to) => Word::Transferred(replica.transfer_leadership(to)),
        Wanted::Look => look(replica),
    };
    Ok(Some(Told { number, word }))
}

fn look(replica: &Replica<Disk>) -> Word {
    let standing = replica.status().standing;
    let leader = standing.leader.map(MemberId::get);
    let leads = standing.role == Role::Leader;
    Word::Looked(Box::new(Look::new((leader, leads), replica.membership(), replica.progress())))
}

const fn reply(request: &Request, outcome: Outcome) -> Reply {
    Reply { seat: request.seat, operation: request.operation, attempt: request.attempt, outcome }
}
