//! The clients: jails that hold leases and keep the deadline rule, hosts with agents, a manager of those, and an operator.
//!
//! Each interface of a jail, and the operator, has a [`Seat`]: one call at a time. A seat says what happens by [`Out`] and when
//! it wants to be woken; it does not know whether its machine is held up.

use allocd_client::deadline::HolderTime;
use allocd_state::command::Command;
use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;
use allocd_types::lease::Lease;
use allocd_types::name::HostName;

mod agent;
mod jail;
mod manager;
mod operator;

use self::agent::Agent;
use self::jail::Jail;
use self::manager::Manager;
use self::operator::Operator;
use super::call::{Call, Next};
use super::clock::Clock;
use super::fault::agent::AgentFault;
use super::message::{Ask, Outcome, Reply, Request};
use super::observation::Use;
use super::random::Random;

/// The longest time between two things that a client does, in milliseconds.
const THINK_MAX: u64 = 3_000;
/// The same of hosts with agents and their manager, who have to do with each other.
const MANAGED_THINK_MAX: u64 = 600;

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
    /// Cuts the power of a host with an agent.
    PowerOff(usize),
    /// Switches it on again: one that was declared off asks first what has become of what it had.
    PowerOn(usize, Boot),
}

/// How a host with an agent starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boot {
    /// By its files, whatever the cluster says.
    Alone,
    /// After its agent has heard from the cluster.
    AfterAsking,
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

/// Who sits there.
#[derive(Debug, Clone)]
enum Part {
    Jail(Jail),
    Operator(Operator),
    Agent(Agent),
    Manager(Manager),
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
        Self::new(number, Part::Jail(Jail::new(holder)))
    }

    /// The operator, with what has to be made first.
    #[must_use]
    pub fn operator(number: usize, script: Vec<Command>) -> Self {
        Self::new(number, Part::Operator(Operator::new(script)))
    }

    /// A host with an agent.
    #[must_use]
    pub const fn agent(number: usize, host: HostName, fault: AgentFault) -> Self {
        Self::new(number, Part::Agent(Agent::new(host, fault)))
    }

    /// Who manages hosts with agents, has made their network with `script`, and starts one that was declared off like this.
    #[must_use]
    pub fn manager(number: usize, hosts: Vec<HostName>, script: Vec<Command>, boot: Boot) -> Self {
        Self::new(number, Part::Manager(Manager::new(hosts, script, boot)))
    }

    const fn new(number: usize, part: Part) -> Self {
        Self { number, part, call: None, member: 1, thinks_until: 0 }
    }

    /// The host that it uses values on; of others, whose business that is not, one that is not there.
    #[must_use]
    pub fn host(&self) -> HostName {
        match &self.part {
            Part::Jail(jail) => jail.holder().host.clone(),
            Part::Agent(agent) => agent.host().clone(),
            Part::Operator(_) | Part::Manager(_) => HostName::new("nowhere").expect("a name"),
        }
    }

    /// Whether what it asks for needs a level of the log that members have to be heard of first.
    #[must_use]
    pub const fn needs_agents_level(&self) -> bool {
        match &self.part {
            Part::Agent(_) | Part::Manager(_) => true,
            Part::Jail(_) | Part::Operator(_) => false,
        }
    }

    /// The cluster was lost, and begins anew with a backup.
    pub fn begin_anew(&mut self) {
        match &mut self.part {
            Part::Manager(manager) => manager.begin_anew(),
            Part::Jail(_) | Part::Operator(_) | Part::Agent(_) => {}
        }
    }

    /// Its host's power is cut: the leases whose values were in use.
    pub fn power_off(&mut self) -> Vec<LeaseId> {
        match &mut self.part {
            Part::Agent(agent) => {
                self.call = None;
                agent.power_off()
            }
            Part::Jail(_) | Part::Operator(_) | Part::Manager(_) => Vec::new(),
        }
    }

    /// Its host is switched on: what is in use at once.
    pub fn power_on(&mut self, boot: Boot) -> Vec<Use> {
        match &mut self.part {
            Part::Agent(agent) => agent.power_on(boot),
            Part::Jail(_) | Part::Operator(_) | Part::Manager(_) => Vec::new(),
        }
    }

    /// The lease whose values it uses, if it uses any.
    #[must_use]
    pub fn uses(&self) -> Option<&Lease> {
        match &self.part {
            Part::Jail(jail) => jail.uses(),
            Part::Operator(_) | Part::Agent(_) | Part::Manager(_) => None,
        }
    }

    /// Takes the interface down: the lease whose values it used.
    pub fn take_down(&mut self) -> Option<LeaseId> {
        match &mut self.part {
            Part::Jail(jail) => jail.take_down(),
            Part::Operator(_) | Part::Agent(_) | Part::Manager(_) => None,
        }
    }

    /// Gives the operator something to say next, unless it has something to say already.
    pub fn say_next(&mut self, command: Command) {
        if let Part::Operator(operator) = &mut self.part {
            operator.say_next(command);
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
                    match &mut self.part {
                        Part::Operator(operator) => operator.gave_up(&call.ask),
                        Part::Agent(agent) => agent.gave_up(&call.ask),
                        Part::Jail(_) | Part::Manager(_) => {}
                    }
                    self.call = None;
                }
            }
        }
        if self.call.is_none() && step.real >= self.thinks_until && !step.is_closing {
            let think_max = match &self.part {
                Part::Jail(_) | Part::Operator(_) => THINK_MAX,
                Part::Agent(_) | Part::Manager(_) => MANAGED_THINK_MAX,
            };
            self.thinks_until = step.real + step.random.between(20, think_max);
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
            let (sent_at, ask) = (call.sent_at, call.ask.clone());
            self.call = None;
            step.out.push(Out::Answered(reply.operation, reply.outcome.clone()));
            match &mut self.part {
                Part::Jail(jail) => jail.take(&reply.outcome, sent_at, step),
                Part::Operator(_) => {}
                Part::Agent(agent) => agent.take(&ask, &reply.outcome, step),
                Part::Manager(manager) => manager.take(&ask, &reply.outcome),
            }
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
        if let Part::Jail(jail) = &self.part
            && let Some(end) = jail.ends_at()
        {
            at = at.min(step.clock.real(end));
        }
        at.max(step.real + 1)
    }

    fn stop_if_due(&mut self, step: &mut Step<'_>) {
        if let Part::Jail(jail) = &mut self.part {
            jail.stop_if_due(step);
        }
    }

    fn begin(&mut self, step: &mut Step<'_>) {
        let operation = *step.operations + 1;
        let now = step.clock.holder(step.real);
        let Some(ask) = self.part.choose(operation, now, step) else { return };
        *step.operations = operation;
        step.out.push(Out::Asked(operation, ask.clone()));
        let mut call = match &self.part {
            Part::Jail(_) | Part::Operator(_) => Call::new(operation, ask, step.real, now),
            Part::Agent(agent) if agent.is_hasty(&ask, step.random) => {
                Call::hasty(operation, ask, step.real, now)
            }
            Part::Agent(_) | Part::Manager(_) => Call::patient(operation, ask, step.real, now),
        };
        step.out.push(Out::Send(self.member, call.attempt(self.number, step.real, now)));
        self.member = step.member_after(self.member);
        self.call = Some(call);
    }
}

impl Part {
    /// What to ask for next, if anything.
    fn choose(&mut self, operation: u64, now: HolderTime, step: &mut Step<'_>) -> Option<Ask> {
        let chance = step.random.between(0, 999);
        match self {
            Self::Jail(jail) => jail.choose(chance, operation, now, step),
            Self::Operator(operator) => Some(operator.choose(operation)),
            Self::Agent(agent) => agent.choose(chance, step),
            Self::Manager(manager) => manager.choose(chance, operation, step),
        }
    }
}
