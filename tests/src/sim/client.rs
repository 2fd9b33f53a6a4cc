//! The clients: agents that hold leases for jails and keep the deadline rule, and an operator.
//!
//! Each interface of a jail, and the operator, has a [`Seat`]: one call at a time. A seat says what happens by [`Out`] and when
//! it wants to be woken; it does not know whether its machine is held up.

use allocd_client::deadline::{HolderTime, UseUntil, renew_at};
use allocd_state::command::Command;
use allocd_state::response::Response;
use allocd_types::holder::Holder;
use allocd_types::id::{Generation, LeaseId};
use allocd_types::lease::Lease;
use allocd_types::rejection::Rejection;
use allocd_types::time::Span;

use super::call::{Call, Next};
use super::clock::Clock;
use super::message::{Ask, Outcome, Reply, Request};
use super::observation::Use;
use super::random::Random;
use super::{values, wish};

/// What a holder keeps in hand between looking at its clock and its last frame.
const MARGIN: Span = Span::from_millis(50);
/// The longest time between two things that a client does, in milliseconds.
const THINK_MAX: u64 = 3_000;
/// How long leases with a lifetime are asked for, in seconds.
const TTL_SECONDS: (u64, u64) = (8, 25);

/// What a seat does.
#[derive(Debug)]
pub enum Out {
    /// Sends an attempt to a member.
    Send(u64, Request),
    /// Asks for something new.
    Asked(u64, Ask),
    /// Has an answer.
    Answered(u64, Outcome),
    /// Uses values.
    Uses(Use),
    /// Has stopped using the values of a lease.
    Stops(LeaseId),
}

/// What a seat needs for a step.
pub struct Step<'a> {
    /// Real time.
    pub real: u64,
    /// The clock of the seat's machine.
    pub clock: &'a Clock,
    /// Chance.
    pub random: &'a mut Random,
    /// The number of the last operation.
    pub operations: &'a mut u64,
    /// The members that may be asked, in the order of their ids.
    pub members: &'a [u64],
    /// True while nothing new should be begun.
    pub is_closing: bool,
    /// What happens.
    pub out: &'a mut Vec<Out>,
}

impl Step<'_> {
    /// The member to be asked after this one.
    fn member_after(&self, member: u64) -> u64 {
        let next = self.members.iter().find(|id| **id > member).or_else(|| self.members.first());
        *next.expect("there is somebody to ask")
    }
}

/// A lease in use.
#[derive(Debug, Clone)]
struct Held {
    lease: Box<Lease>,
    until: UseUntil,
    renews_at: Option<HolderTime>,
    /// True once it was said that the cluster is in recovery: it has to be told what lives here.
    is_to_be_told: bool,
}

/// Who sits there.
#[derive(Debug, Clone)]
enum Part {
    Jail {
        holder: Holder,
        held: Option<Held>,
        /// A lease that was asked to end, as long as no answer came: it may end at any time, and is not used again.
        given_back: Option<(LeaseId, Generation)>,
        is_lazy: bool,
    },
    Operator {
        script: Vec<Command>,
        last_host: Option<String>,
    },
}

/// One interface of a jail, or the operator.
#[derive(Debug, Clone)]
pub struct Seat {
    number: usize,
    part: Part,
    call: Option<Call>,
    member: u64,
    thinks_until: u64,
}

impl Seat {
    /// A jail's interface.
    #[must_use]
    pub const fn jail(number: usize, holder: Holder) -> Self {
        let part = Part::Jail { holder, held: None, given_back: None, is_lazy: false };
        Self { number, part, call: None, member: 1, thinks_until: 0 }
    }

    /// The operator, with what has to be made first.
    #[must_use]
    pub fn operator(number: usize, mut script: Vec<Command>) -> Self {
        script.reverse();
        let part = Part::Operator { script, last_host: None };
        Self { number, part, call: None, member: 1, thinks_until: 0 }
    }

    /// The lease whose values it uses, if it uses any.
    #[must_use]
    pub fn uses(&self) -> Option<&Lease> {
        match &self.part {
            Part::Jail { held, .. } => held.as_ref().map(|held| &*held.lease),
            Part::Operator { .. } => None,
        }
    }

    /// Takes the interface down: the lease whose values it used.
    pub fn take_down(&mut self) -> Option<LeaseId> {
        match &mut self.part {
            Part::Jail { held, .. } => held.take().map(|held| held.lease.id),
            Part::Operator { .. } => None,
        }
    }

    /// Gives the operator something to say next, unless it has something to say already.
    pub fn say_next(&mut self, command: Command) {
        match &mut self.part {
            Part::Operator { script, .. } if script.is_empty() => script.push(command),
            Part::Operator { .. } | Part::Jail { .. } => {}
        }
    }

    /// True while a call waits for its answer.
    #[must_use]
    pub const fn is_calling(&self) -> bool {
        self.call.is_some()
    }

    /// Does what is to be done now; says when to come again.
    pub fn wake(&mut self, step: &mut Step<'_>) -> u64 {
        self.stop_if_due(step);
        if let Some(call) = &mut self.call {
            match call.next(step.real) {
                Next::Wait(_) => {}
                Next::Send => {
                    let request = call.attempt(self.number, step.real, step.clock.holder(step.real));
                    step.out.push(Out::Send(self.member, request));
                    // If this one does not answer, another one is asked.
                    self.member = step.member_after(self.member);
                }
                Next::GiveUp => {
                    self.part.gave_up(&call.ask);
                    self.call = None;
                }
            }
        }
        if self.call.is_none() && step.real >= self.thinks_until && !step.is_closing {
            self.thinks_until = step.real + step.random.between(20, THINK_MAX);
            self.begin(step);
        }
        self.next_wake(step)
    }

    /// Takes an answer; says when to come again.
    pub fn reply(&mut self, reply: Reply, step: &mut Step<'_>) -> u64 {
        self.stop_if_due(step);
        if let Outcome::Unavailable { leader: Some(leader) } = reply.outcome {
            self.member = leader;
        }
        let Some(call) = &mut self.call else { return self.next_wake(step) };
        if call.is_answered_by(&reply, step.real, step.random) {
            let sent_at = call.sent_at;
            self.call = None;
            step.out.push(Out::Answered(reply.operation, reply.outcome.clone()));
            self.take(&reply.outcome, sent_at, step);
        }
        self.next_wake(step)
    }

    fn next_wake(&self, step: &Step<'_>) -> u64 {
        let mut at = if step.is_closing { step.real + THINK_MAX } else { self.thinks_until };
        if let Some(call) = &self.call {
            at = match call.next(step.real) {
                Next::Wait(at) => at,
                Next::Send | Next::GiveUp => step.real,
            };
        }
        if let Part::Jail { held: Some(Held { until: UseUntil::Moment(end), .. }), .. } = &self.part {
            at = at.min(step.clock.real(*end));
        }
        at.max(step.real + 1)
    }

    /// The deadline rule: what may no longer be used is not.
    fn stop_if_due(&mut self, step: &mut Step<'_>) {
        if let Part::Jail { held, .. } = &mut self.part
            && let Some(ended) = held.take_if(|held| !held.until.allows(step.clock.holder(step.real)))
        {
            step.out.push(Out::Stops(ended.lease.id));
        }
    }

    fn begin(&mut self, step: &mut Step<'_>) {
        let operation = *step.operations + 1;
        let now = step.clock.holder(step.real);
        let Some(ask) = self.part.choose(operation, now, step) else { return };
        *step.operations = operation;
        step.out.push(Out::Asked(operation, ask.clone()));
        let mut call = Call::new(operation, ask, step.real, now);
        step.out.push(Out::Send(self.member, call.attempt(self.number, step.real, now)));
        self.member = step.member_after(self.member);
        self.call = Some(call);
    }

    fn take(&mut self, outcome: &Outcome, sent_at: HolderTime, step: &mut Step<'_>) {
        let Part::Jail { holder, held, given_back, is_lazy } = &mut self.part else { return };
        *given_back = None;
        let lease = match outcome {
            Outcome::Applied { result, .. } => match &**result {
                Ok(Response::Lease(granted)) => Some(&granted.lease),
                Ok(_) => None,
                // Nobody knows yet whether the lease is what the holder takes it for; what lives goes on.
                Err(Rejection::Recovering { .. }) => {
                    if let Some(held) = held {
                        held.is_to_be_told = true;
                    }
                    None
                }
                Err(_) => {
                    // Whatever was refused, the lease is not what the holder takes it for.
                    let ended = held.take();
                    step.out.extend(ended.map(|ended| Out::Stops(ended.lease.id)));
                    None
                }
            },
            Outcome::Read { lease, .. } => lease.as_deref(),
            Outcome::Unavailable { .. } => None,
        };
        // One of a former timeline says nothing about what may be used.
        let Some(lease) = lease.filter(|lease| !lease.is_unconfirmed) else { return };
        let other = held.take_if(|held| held.lease.id != lease.id);
        step.out.extend(other.map(|other| Out::Stops(other.lease.id)));
        let until = UseUntil::rule(sent_at, lease.remaining, MARGIN);
        if !until.allows(step.clock.holder(step.real)) {
            return;
        }
        *is_lazy = step.random.in_a_thousand(400);
        let renews_at = renew_at(sent_at, lease.remaining);
        *held = Some(Held { lease: Box::new(lease.clone()), until, renews_at, is_to_be_told: false });
        step.out.push(Out::Uses(usage(holder, lease, until, step.clock)));
    }
}

fn usage(holder: &Holder, lease: &Lease, until: UseUntil, clock: &Clock) -> Use {
    let due_at = match until {
        UseUntil::Moment(end) => Some(clock.real(end)),
        UseUntil::Forever => None,
    };
    Use { holder: holder.clone(), lease: lease.id, values: values::of_lease(lease), due_at }
}

impl Part {
    /// What the operator has to make first is asked for until it is there, and so is a deletion. A batch may have been done: it is
    /// not asked for under another id.
    fn gave_up(&mut self, ask: &Ask) {
        if let (Self::Operator { script, last_host: None }, Ask::Do(command)) = (self, ask)
            && !matches!(command, Command::BatchAllocate(..))
        {
            script.push(command.clone());
        }
    }

    /// What to ask for next, if anything.
    fn choose(&mut self, operation: u64, now: HolderTime, step: &mut Step<'_>) -> Option<Ask> {
        let chance = step.random.between(0, 999);
        match self {
            Self::Operator { script, last_host } => {
                let next = script.pop().unwrap_or_else(|| match last_host.take() {
                    Some(host) => wish::delete_host(&host),
                    None if operation.is_multiple_of(8) => wish::partial_batch(operation),
                    None if operation % 8 == 4 => wish::refused_batch(operation),
                    None => {
                        let host = format!("x{operation}");
                        let command = wish::create_host(&host, operation);
                        *last_host = Some(host);
                        command
                    }
                });
                Some(Ask::Do(next))
            }
            Self::Jail { held: None, given_back: Some((lease, generation)), .. } => {
                Some(Ask::Do(wish::release(*lease, *generation)))
            }
            Self::Jail { holder, held: None, .. } if chance < 150 => Some(Ask::Read(holder.clone())),
            Self::Jail { holder, held: None, .. } => {
                let seconds = step.random.between(TTL_SECONDS.0, TTL_SECONDS.1);
                let ttl = (chance < 750).then(|| Span::from_millis(seconds * 1_000));
                Some(Ask::Do(wish::allocate(holder, ttl, operation)))
            }
            Self::Jail { holder, held: held @ Some(_), given_back, is_lazy } => {
                let there = held.as_ref().expect("it was just seen");
                let (lease, generation) = (there.lease.id, there.lease.generation);
                if there.is_to_be_told && chance < 700 {
                    let ttl = there.lease.remaining.map(|_| Span::from_millis(TTL_SECONDS.0 * 1_000));
                    return Some(Ask::Do(wish::adopt(&there.lease, ttl, operation)));
                }
                if !*is_lazy && there.renews_at.is_some_and(|at| at <= now) {
                    return Some(Ask::Do(wish::renew(lease, generation)));
                }
                match chance {
                    0..150 => {
                        // The interface goes down before the lease is given back.
                        *held = None;
                        *given_back = Some((lease, generation));
                        step.out.push(Out::Stops(lease));
                        Some(Ask::Do(wish::release(lease, generation)))
                    }
                    150..300 => Some(Ask::Read(holder.clone())),
                    300..400 => {
                        // The agent starts again, knows nothing, and asks what its jail has.
                        *held = None;
                        step.out.push(Out::Stops(lease));
                        Some(Ask::Read(holder.clone()))
                    }
                    _ => None,
                }
            }
        }
    }
}
