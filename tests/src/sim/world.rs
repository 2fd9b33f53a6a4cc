//! The world: everything there is in one run, and the queue of what happens next.
//!
//! Real time advances from one happening to the next; happenings of the same moment keep the order in which they were put in
//! the queue. Whatever members and clients do is performed here, shown to the checkers, and put into the trace.

use std::collections::BTreeMap;

use allocd_replica::{Effect, Role};
use allocd_types::name::HostName;
use prost::bytes::Bytes;

use super::check::Checkers;
use super::client::{Boot, Seat};
use super::clock::Clock;
use super::counts::Counts;
use super::fault::Fault;
use super::fault::agent::AgentFault;
use super::machine::{HOSTS, JAILS, MANAGED, Machine, machine_of, operator_machine, place_of};
use super::member::{Begins, Input, Member};
use super::members::Latest;
use super::message::{Reply, Request};
use super::network::{CLIENT, Network};
use super::observation::Seen;
use super::operator::Operator;
use super::order::{Order, Told};
use super::random::Random;
use super::restore::Restoring;
use super::run::Options;
use super::schedule::Profile;
use super::trace::Trace;
use super::transfer::Packet;
use super::values::SUSPECTS_KEPT;
use super::wish;

/// What happens at a moment.
#[derive(Debug)]
pub(super) enum Happening {
    /// A member has a round.
    Round(u64),
    /// A peer's message arrives.
    Message { from: u64, to: u64, message: Bytes },
    /// A client's attempt arrives.
    Request { to: u64, request: Box<Request> },
    /// An answer arrives.
    Reply { from: u64, reply: Reply },
    /// A seat looks what there is to do.
    Wake(usize),
    /// A piece of a snapshot, or an answer to one, arrives.
    Packet(Box<Packet>),
    /// A member is switched on.
    Start(u64),
    /// A peer's word arrives that a member is none any more.
    Removed { by: u64, member: u64 },
    /// The operator's attempt arrives.
    Order { to: u64, order: Order },
    /// An answer arrives at the operator.
    Told { from: u64, told: Told },
    /// The operator looks what there is to do.
    Operate,
    /// A backup is taken.
    BackUp,
    /// All members are lost.
    LoseAll,
    /// A new cluster begins with the backup.
    Restore,
    /// The operator compares what lives with what the new cluster has.
    Compare,
    /// Something goes wrong.
    Trouble,
}

/// Everything there is.
pub(super) struct World {
    pub(super) real: u64,
    pub(super) random: Random,
    pub(super) profile: Profile,
    pub(super) members: BTreeMap<u64, Member>,
    pub(super) latest: Latest,
    /// Who changes the members, if anybody does.
    pub(super) operator: Option<Operator>,
    pub(super) operator_random: Random,
    pub(super) operates_at: Option<u64>,
    pub(super) restoring: Restoring,
    pub(super) machines: Vec<Machine>,
    pub(super) seats: Vec<Seat>,
    pub(super) network: Network,
    pub(super) checkers: Checkers,
    pub(super) trace: Trace,
    pub(super) counts: Counts,
    /// True until everything is healed.
    pub(super) is_troubled: bool,
    /// True once clients begin nothing new.
    pub(super) is_closing: bool,
    /// How long clients may be held up.
    pub(super) client_pause_max: u64,
    /// Operations of each seat that were answered.
    pub(super) answered: Vec<u64>,
    /// Operations of each seat that were asked for.
    pub(super) asked: Vec<u64>,
    pub(super) fault: Option<Fault>,
    /// How far anybody has been seen to have applied the log.
    pub(super) applied: u64,
    pub(super) last_operation: u64,
    pub(super) wakes: Vec<u64>,
    queue: BTreeMap<(u64, u64), Happening>,
    queued: u64,
}

impl World {
    pub(super) fn new(seed: u64, options: Options, trace: Trace) -> Self {
        let fault = options.fault;
        let mut random = Random::seeded(seed);
        let mut profile = Profile::drawn(&mut random);
        let ids = 1..=profile.members;
        let begins = Begins::Founding(profile.members);
        let member = |id| (id, Member::new(id, begins, Clock::drawn(&mut random), profile.snapshots, fault));
        let members: BTreeMap<u64, Member> = ids.clone().map(member).collect();
        let machine = |_| Machine { clock: Clock::drawn(&mut random), paused_until: 0 };
        let mut machines: Vec<Machine> = (0..=HOSTS).map(machine).collect();
        if options.is_steady {
            profile.restore = None;
        }
        let seats = seats(seed, &profile, fault);
        let network = Network::new(profile.quality, random.fork());
        // From a generator of its own, so that what else a seed draws does not depend on it.
        let mut apart = random.clone().fork().fork();
        let mut clocks = apart.clone().fork();
        while machines.len() <= place_of(seats.len() - 1) {
            machines.push(Machine { clock: Clock::drawn(&mut clocks), paused_until: 0 });
        }
        let changes = profile.changes.filter(|_| !options.is_steady);
        let operator = changes.map(|changes| Operator::new(changes, profile.members, apart.fork()));
        let mut world = Self {
            real: 0,
            applied: 0,
            latest: Latest::founding(ids.clone()),
            operator,
            operator_random: apart,
            operates_at: Some(0),
            restoring: Restoring::default(),
            answered: vec![0; seats.len()],
            asked: vec![0; seats.len()],
            wakes: vec![0; seats.len()],
            random,
            profile,
            members,
            machines,
            seats,
            network,
            checkers: Checkers::all(),
            trace,
            counts: Counts::default(),
            is_troubled: true,
            is_closing: false,
            client_pause_max: options.client_pause_max(),
            fault,
            last_operation: 0,
            queue: BTreeMap::new(),
            queued: 0,
        };
        ids.for_each(|id| world.happen_in(0, Happening::Start(id)));
        (0..world.seats.len()).for_each(|seat| world.wake_at(seat, 0));
        world.happen_in(3_000, Happening::Trouble);
        if world.operator.is_some() {
            world.happen_in(0, Happening::Operate);
        }
        if let Some(restore) = world.profile.restore {
            world.happen_in(restore.backed_up_at, Happening::BackUp);
        }
        world
    }

    /// Lets everything happen up to a moment, or up to the first violation.
    pub(super) fn run_until(&mut self, end: u64) {
        while let Some(next) = self.queue.first_entry()
            && next.key().0 <= end
            && self.checkers.violation().is_none()
        {
            let ((real, _), happening) = next.remove_entry();
            self.real = real;
            self.happen(happening);
        }
        self.real = self.real.max(end);
    }

    pub(super) fn happen_in(&mut self, millis: u64, happening: Happening) {
        self.queued += 1;
        self.queue.insert((self.real + millis, self.queued), happening);
    }

    pub(super) fn member(&mut self, id: u64) -> &mut Member {
        self.members.get_mut(&id).expect("it was set up")
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Round(member) => self.round(member),
            Happening::Message { from, to, message } => {
                if self.network.is_open(from, to) && !self.refuse_former(from, to) {
                    self.see_vote(from, to, &message);
                    self.put(to, Input::Message { from, message });
                }
            }
            Happening::Request { to, request } => {
                if self.network.is_open(CLIENT + machine_of(request.seat), to) {
                    self.put(to, Input::Request(request));
                }
            }
            Happening::Packet(packet) => {
                let (from, to) = (packet.from, packet.to);
                if self.network.is_open(from, to) && !self.refuse_former(from, to) {
                    self.put(packet.to, Input::Packet(packet));
                }
            }
            Happening::Reply { from, reply } => self.reply(from, reply),
            Happening::Wake(seat) => self.wake(seat),
            Happening::Start(member) => self.start(member),
            Happening::Removed { by, member } => self.removed(by, member),
            Happening::Order { to, order } => self.order(to, Input::Order(order)),
            Happening::Told { from, told } => self.told(from, told),
            Happening::Operate => self.operate(),
            Happening::BackUp => self.back_up(),
            Happening::LoseAll => self.lose_all(),
            Happening::Restore => self.restore(),
            Happening::Compare => self.compare(),
            Happening::Trouble => self.trouble(),
        }
    }

    /// Puts something before a member, which has a round soon.
    pub(super) fn put(&mut self, id: u64, input: Input) {
        let delay = self.random.between(0, 2);
        let real = self.real;
        // Nobody is at an address where no machine is.
        let Some(member) = self.members.get_mut(&id) else { return };
        member.put(input);
        if member.replica().is_some() && member.round_at.is_none_or(|at| at > real + delay) {
            member.round_at = Some(real + delay);
            self.happen_in(delay, Happening::Round(id));
        }
    }

    fn round(&mut self, id: u64) {
        let real = self.real;
        let member = self.member(id);
        if member.round_at != Some(real) || member.replica().is_none() {
            return;
        }
        if member.paused_until > real {
            let wait = member.paused_until - real;
            member.round_at = Some(real + wait);
            self.happen_in(wait, Happening::Round(id));
            return;
        }
        let round = member.round(real);
        let next = member.next_round(real);
        member.round_at = Some(next);
        self.happen_in(next - real, Happening::Round(id));
        let installed = round.effects.iter().filter(|effect| matches!(effect, Effect::Installed(_)));
        self.counts.snapshots += u64::try_from(installed.count()).expect("a count fits");
        self.perform(id, round.effects);
        self.carry(id, round.moved);
        for reply in round.replies {
            for delay in self.network.send(id, CLIENT + machine_of(reply.seat)) {
                self.happen_in(delay, Happening::Reply { from: id, reply: reply.clone() });
            }
        }
        for told in round.told {
            for delay in self.network.send(id, CLIENT + operator_machine()) {
                self.happen_in(delay, Happening::Told { from: id, told: told.clone() });
            }
        }
        self.see_applied(id);
        if let Some(stop) = round.stop {
            let is_meant = self.member(id).control.borrow().has_failed;
            self.trace.note(real, format_args!("member {id} stops: {stop}"));
            // A disk with a fault may be found out by the replica, which is well; then the member just stays away.
            let has_disk_fault = self.fault.is_some_and(Fault::is_of_disks);
            if !is_meant && !has_disk_fault {
                self.checkers.note("stops", real, format!("member {id} stopped of itself: {stop:?}"));
            }
            // One that came upon rot would do so again at every start: it is taken away.
            let member = self.member(id);
            member.is_lost = is_meant && !member.control.borrow().rotten.is_empty();
            self.crash(id);
        } else if self.member(id).is_former() {
            self.stop_former(id);
        }
    }

    pub(super) fn perform(&mut self, id: u64, effects: Vec<Effect>) {
        let real = self.real;
        for effect in effects {
            match effect {
                Effect::Send { to, message } => {
                    self.trace.digest_bytes(&message);
                    for delay in self.network.send(id, to.get()) {
                        let message = message.clone();
                        self.happen_in(delay, Happening::Message { from: id, to: to.get(), message });
                    }
                }
                Effect::Events { revision, events, .. } => {
                    self.trace.note(real, format_args!("member {id} at {revision}: {events:?}"));
                    let revision = revision.get();
                    self.counts.take(revision, &events);
                    self.checkers.see(real, Seen::Events { member: id, revision, events: &events });
                }
                Effect::State(state) => self.checkers.see(real, Seen::State { member: id, state: &state }),
                Effect::Role(standing) => {
                    self.trace.note(real, format_args!("member {id} is {standing:?}"));
                    self.checkers.see(real, Seen::Role { member: id, standing });
                    if standing.role == Role::Leader {
                        self.counts.elections += 1;
                        self.crash_after_election();
                    }
                }
                Effect::Installed(state) => self.begin_anew(id, &state),
                Effect::Answer { .. } | Effect::Read { .. } | Effect::Changed { .. } => {
                    unreachable!("answers leave by the door")
                }
                Effect::Members(membership) => self.note_members(id, &membership),
                Effect::StoreSnapshot { .. } | Effect::SendSnapshot { .. } => {
                    unreachable!("a member moves its snapshots itself")
                }
            }
        }
    }
}

/// Everybody who asks: jails, the operator, and in some seeds hosts with agents and their manager.
fn seats(seed: u64, profile: &Profile, fault: Option<Fault>) -> Vec<Seat> {
    let jails = (0..HOSTS).flat_map(|host| (0..JAILS).map(move |jail| (host, jail)));
    let mut seats: Vec<Seat> = (0..)
        .zip(jails)
        .map(|(number, (host, jail))| {
            let holder = format!("{}/j{jail}", wish::host_name(host));
            Seat::jail(number, holder.parse().expect("a holder"))
        })
        .collect();
    let mut script: Vec<_> = profile.restore.iter().flat_map(|_| wish::other_units()).collect();
    script.extend(wish::setup(HOSTS));
    let managed = managed(seed);
    seats.push(Seat::operator(seats.len(), script));
    if !managed.is_empty() {
        let of_agents = fault.map_or(AgentFault::None, Fault::agent);
        let boot = fault.map_or(Boot::AfterAsking, Fault::boot);
        managed.iter().for_each(|host| seats.push(Seat::agent(seats.len(), host.clone(), of_agents)));
        // In every other of these seeds the network frees suspects.
        let free_suspects_after = (seed % 4 == 1).then_some(SUSPECTS_KEPT);
        let script = wish::managed_setup(&managed, free_suspects_after);
        seats.push(Seat::manager(seats.len(), managed, script, boot));
    }
    seats
}

/// The hosts with agents: every other seed has them.
fn managed(seed: u64) -> Vec<HostName> {
    let count = if seed % 2 == 1 { MANAGED } else { 0 };
    (0..count).map(managed_host).collect()
}

/// The name of a host with an agent.
pub(super) fn managed_host(number: usize) -> HostName {
    HostName::new(&format!("m{number}")).expect("a name")
}
