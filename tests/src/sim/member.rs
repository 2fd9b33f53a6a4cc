//! One member: a replica on its disk, with its clock and its door, switched on and off.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use allocd_replica::log::memory::MemoryLog;
use allocd_replica::log::{LogError, LogStore};
use allocd_replica::{
    Config, Effect, Fault as Stop, Level, Monotonic, Proposal, Replica, Role, StartError, Token,
};
use allocd_types::id::MemberId;
use prost::bytes::Bytes;

use super::clock::Clock;
use super::disk::{Control, Disk};
use super::fault::Fault;
use super::fault::disk::DiskFault;
use super::fault::door::{Door, Honest};
use super::fault::snapshot::SnapshotFault;
use super::message::{Ask, Outcome, Reply, Request};
use super::random::Random;
use super::schedule::Snapshots;
use super::transfer::{Moved, Packet, Transfers};

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
}

/// A replica that runs, or what is on its disk.
enum Power {
    On(Box<Replica<Disk>>),
    Off(Box<MemoryLog>),
}

/// One member.
pub struct Member {
    id: u64,
    voters: u64,
    power: Power,
    /// The hand on its disk.
    pub control: Rc<RefCell<Control>>,
    /// Its clocks.
    pub clock: Clock,
    /// Until when it is held up, in real time.
    pub paused_until: u64,
    /// When its next round is, if it runs.
    pub round_at: Option<u64>,
    /// True once its disk has rotted so that it can never start again.
    pub is_lost: bool,
    fault: Option<Fault>,
    door: Box<dyn Door>,
    snapshots: Snapshots,
    transfers: Transfers,
    inbox: Vec<Input>,
    starts: u64,
    next_tick: u64,
    tokens: u64,
    asked: BTreeMap<Token, Request>,
}

/// What a round led to.
pub struct Round {
    /// Effects that are the world's to perform: all but answers and the moving of snapshots.
    pub effects: Vec<Effect>,
    /// Answers to clients.
    pub replies: Vec<Reply>,
    /// What came of snapshots under way.
    pub moved: Moved,
    /// Why the replica stopped, if it did.
    pub stop: Option<Stop>,
}

impl Member {
    /// A member that is off, with an empty disk.
    #[must_use]
    pub fn new(id: u64, voters: u64, clock: Clock, snapshots: Snapshots, fault: Option<Fault>) -> Self {
        Self {
            id,
            voters,
            power: Power::Off(Box::default()),
            control: Rc::default(),
            clock,
            paused_until: 0,
            round_at: None,
            is_lost: false,
            fault,
            door: Box::new(Honest),
            snapshots,
            transfers: Transfers::new(id, 0, snapshots, SnapshotFault::None, Random::seeded(0)),
            inbox: Vec::new(),
            starts: 0,
            next_tick: 0,
            tokens: 0,
            asked: BTreeMap::new(),
        }
    }

    /// The replica, if it runs.
    #[must_use]
    pub fn replica(&self) -> Option<&Replica<Disk>> {
        match &self.power {
            Power::On(replica) => Some(replica),
            Power::Off(_) => None,
        }
    }

    /// Starts it; the effects of what is replayed.
    ///
    /// # Errors
    /// Why it does not start.
    pub fn start(&mut self, real: u64, random: &mut Random) -> Result<Vec<Effect>, StartError> {
        let Power::Off(found) = &self.power else { return Ok(Vec::new()) };
        self.starts += 1;
        let (rotten, written) = {
            let control = self.control.borrow();
            (control.rotten.clone(), control.written.clone())
        };
        self.control = Rc::new(RefCell::new(Control { rotten, written, ..Control::default() }));
        let disk = Disk::holding((**found).clone(), Rc::clone(&self.control), self.disk_fault());
        let voters = (1..=self.voters).map(MemberId::new).collect();
        let config = Config {
            snapshots: self.snapshots.limits,
            ..Config::new(MemberId::new(self.id), voters, random.draw())
        };
        let mut effects = Vec::new();
        let start = || Replica::start_telling(&config, disk, &mut |effect| effects.push(effect));
        let replica = unless_the_disk_failed(&self.control, start)??;
        self.power = Power::On(Box::new(replica));
        self.door = match self.fault {
            Some(fault) => fault.door(self.id, self.starts),
            None => Box::new(Honest),
        };
        self.transfers =
            Transfers::new(self.id, self.starts, self.snapshots, self.snapshot_fault(), random.fork());
        self.clock.restart(real);
        self.next_tick = 0;
        Ok(effects)
    }

    /// Cuts its power; says how many writes were found again of those that were not flushed.
    pub fn crash(&mut self, random: &mut Random) -> u64 {
        self.inbox.clear();
        self.asked.clear();
        self.round_at = None;
        let power = std::mem::replace(&mut self.power, Power::Off(Box::default()));
        let Power::On(replica) = power else {
            self.power = power;
            return 0;
        };
        let disk = replica.into_log();
        let unflushed = u64::try_from(disk.unflushed()).expect("a count fits");
        let kept = random.between(0, unflushed);
        let found = disk.after_power_cut(usize::try_from(kept).expect("below a count"));
        // What a disk finds again that is not what was written is for the other checkers to find.
        if self.disk_fault() != DiskFault::ForgottenQuarantine {
            let records = found
                .read(found.first_index(), found.last_index() + 1, u64::MAX)
                .expect("memory gives everything");
            self.control.borrow_mut().written =
                records.into_iter().map(|record| (record.index, record)).collect();
        }
        self.power = Power::Off(Box::new(found));
        kept
    }

    /// Puts something before it, to be taken in the next round.
    pub fn put(&mut self, input: Input) {
        if self.replica().is_some() {
            self.inbox.push(input);
        }
    }

    /// One round: time, a tick if one is due, everything that waits, and what follows from it.
    pub fn round(&mut self, real: u64) -> Round {
        let mut round =
            Round { effects: Vec::new(), replies: Vec::new(), moved: Moved::default(), stop: None };
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
                        let _ = replica.step(&message)?;
                    }
                    Input::Packet(packet) => {
                        self.transfers.take(*packet, replica, now, &mut round.moved)?;
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
                            Ask::Read(_) => replica.read(token),
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

    fn snapshot_fault(&self) -> SnapshotFault {
        self.fault.map_or(SnapshotFault::None, Fault::snapshot)
    }

    fn disk_fault(&self) -> DiskFault {
        self.fault.map_or(DiskFault::None, Fault::disk)
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
                Effect::Send { .. }
                | Effect::Events { .. }
                | Effect::State(_)
                | Effect::Installed(_)
                | Effect::Changed { .. }
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
                (Err(Err(why)), _) => Outcome::of_unavailable(why),
                (Err(Ok(_)), Ask::Do(_)) => unreachable!("a command is not answered with a state"),
            };
            let outcome = self.door.leave(&request, outcome);
            round.replies.push(reply(&request, outcome));
        }
    }
}

/// Does something with a replica. raft panics where a read fails, which ends a member as surely as a stop: it counts as one, if
/// a read has failed. Any other panic is the simulator's to find.
fn unless_the_disk_failed<T>(control: &RefCell<Control>, act: impl FnOnce() -> T) -> Result<T, Stop> {
    catch_unwind(AssertUnwindSafe(act)).map_err(|panic| {
        if !control.borrow().has_failed {
            resume_unwind(panic);
        }
        Stop::Log(LogError::Corrupted { index: 0, reason: "a read failed, and raft panicked" })
    })
}

const fn reply(request: &Request, outcome: Outcome) -> Reply {
    Reply { seat: request.seat, operation: request.operation, attempt: request.attempt, outcome }
}
