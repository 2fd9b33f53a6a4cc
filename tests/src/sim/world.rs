//! The world: everything there is in one run, and the queue of what happens next.
//!
//! Real time advances from one happening to the next; happenings of the same moment keep the order in which they were put in
//! the queue. Whatever members and clients do is performed here, shown to the checkers, and put into the trace.

use std::collections::BTreeMap;

use allocd_replica::{Effect, Role, StartError};
use prost::bytes::Bytes;

use super::check::Checkers;
use super::client::Seat;
use super::clock::Clock;
use super::fault::Fault;
use super::machine::{JAILS, Machine, machine_of};
use super::member::{Input, Member};
use super::message::{Reply, Request};
use super::network::{CLIENT, Network};
use super::observation::Seen;
use super::random::Random;
use super::run::Options;
use super::schedule::Profile;
use super::trace::Trace;
use super::transfer::Packet;
use super::wish;

/// How many hosts have an agent.
const HOSTS: u64 = 3;
/// Digests are compared at every so manieth index: they are costly.
const DIGEST_EVERY: u64 = 8;

/// What happens at a moment.
#[derive(Debug)]
pub(super) enum Happening {
    /// A member has a round.
    Round(u64),
    /// A peer's message arrives.
    Message { from: u64, to: u64, message: Bytes },
    /// A client's attempt arrives.
    Request { to: u64, request: Request },
    /// An answer arrives.
    Reply { from: u64, reply: Reply },
    /// A seat looks what there is to do.
    Wake(usize),
    /// A piece of a snapshot, or an answer to one, arrives.
    Packet(Box<Packet>),
    /// A member is switched on.
    Start(u64),
    /// Something goes wrong.
    Trouble,
}

/// What happened how often.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Operations that were answered.
    pub(super) operations: u64,
    /// Elections that were won.
    pub(super) elections: u64,
    /// Members that lost their power.
    pub(super) crashes: u64,
    /// Times that ways were closed.
    pub(super) partitions: u64,
    /// Snapshots that came from a peer and took the place of a log.
    pub(super) snapshots: u64,
    /// Snapshots that a member took of itself.
    pub(super) snapshots_taken: u64,
    /// Snapshots that were sent and did not arrive, as far as the sender was told.
    pub(super) snapshots_failed: u64,
}

/// Everything there is.
pub(super) struct World {
    pub(super) real: u64,
    pub(super) random: Random,
    pub(super) profile: Profile,
    pub(super) members: Vec<Member>,
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
    pub(super) fault: Option<Fault>,
    /// How far each member has been seen to have applied its log.
    pub(super) applied: Vec<u64>,
    pub(super) last_operation: u64,
    pub(super) wakes: Vec<u64>,
    queue: BTreeMap<(u64, u64), Happening>,
    queued: u64,
}

impl World {
    pub(super) fn new(seed: u64, options: Options, trace: Trace) -> Self {
        let fault = options.fault;
        let mut random = Random::seeded(seed);
        let profile = Profile::drawn(&mut random);
        let ids = 1..=profile.members;
        let members: Vec<Member> = ids
            .clone()
            .map(|id| Member::new(id, profile.members, Clock::drawn(&mut random), profile.snapshots, fault))
            .collect();
        let machine = |_| Machine { clock: Clock::drawn(&mut random), paused_until: 0 };
        let machines: Vec<Machine> = (0..=HOSTS).map(machine).collect();
        let jails = (0..HOSTS).flat_map(|host| (0..JAILS).map(move |jail| (host, jail)));
        let mut seats: Vec<Seat> = (0..)
            .zip(jails)
            .map(|(number, (host, jail))| {
                let holder = format!("{}/j{jail}", wish::host_name(host));
                Seat::jail(number, holder.parse().expect("a holder"))
            })
            .collect();
        seats.push(Seat::operator(seats.len(), wish::setup(HOSTS)));
        let network = Network::new(profile.quality, random.fork());
        let mut world = Self {
            real: 0,
            applied: vec![0; members.len()],
            answered: vec![0; seats.len()],
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
        &mut self.members[offset(id)]
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Round(member) => self.round(member),
            Happening::Message { from, to, message } => {
                if self.network.is_open(from, to) {
                    self.put(to, Input::Message { from, message });
                }
            }
            Happening::Request { to, request } => {
                if self.network.is_open(CLIENT + machine_of(request.seat), to) {
                    self.put(to, Input::Request(Box::new(request)));
                }
            }
            Happening::Packet(packet) => {
                if self.network.is_open(packet.from, packet.to) {
                    self.put(packet.to, Input::Packet(packet));
                }
            }
            Happening::Reply { from, reply } => self.reply(from, reply),
            Happening::Wake(seat) => self.wake(seat),
            Happening::Start(member) => self.start(member),
            Happening::Trouble => self.trouble(),
        }
    }

    /// Puts something before a member, which has a round soon.
    fn put(&mut self, id: u64, input: Input) {
        let delay = self.random.between(0, 2);
        let real = self.real;
        let member = self.member(id);
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
        self.see_applied(id);
        if let Some(stop) = round.stop {
            let is_meant = self.member(id).control.borrow().has_failed;
            self.trace.note(real, format_args!("member {id} stops: {stop}"));
            // A disk with a fault may be found out by the replica, which is well; then the member just stays away.
            let has_disk_fault =
                self.fault.is_some_and(|fault| fault.disk() != super::fault::disk::DiskFault::None);
            if !is_meant && !has_disk_fault {
                self.checkers.note("stops", real, format!("member {id} stopped of itself: {stop:?}"));
            }
            // One that came upon rot would do so again at every start: it is taken away.
            let member = self.member(id);
            member.is_lost = is_meant && !member.control.borrow().rotten.is_empty();
            self.crash(id);
        }
    }

    fn perform(&mut self, id: u64, effects: Vec<Effect>) {
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
                Effect::Events { revision, events } => {
                    self.trace.note(real, format_args!("member {id} at {revision}: {events:?}"));
                    let revision = revision.get();
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
                Effect::Answer { .. } | Effect::Read { .. } => unreachable!("answers leave by the door"),
                Effect::Members(_) => {}
                Effect::Changed { .. } => unreachable!("nobody asks for a change of members"),
                Effect::StoreSnapshot { .. } | Effect::SendSnapshot { .. } => {
                    unreachable!("a member moves its snapshots itself")
                }
            }
        }
    }

    /// Shows what a member has applied since it was looked at last.
    fn see_applied(&mut self, id: u64) {
        let Some(replica) = self.members[offset(id)].replica() else { return };
        let (from, to) = (self.applied[offset(id)] + 1, replica.status().applied);
        let control = self.members[offset(id)].control.borrow();
        for index in from..=to {
            match control.written.get(&index) {
                Some(record) => self.checkers.see(self.real, Seen::Applied { member: id, record }),
                None => self.checkers.note(
                    "one_log",
                    self.real,
                    format!("member {id} applied index {index}, which its disk never had"),
                ),
            }
        }
        if from <= to && to.is_multiple_of(DIGEST_EVERY) {
            let digest = replica.digest();
            self.checkers.see(self.real, Seen::Digest { member: id, index: to, digest });
        }
        self.applied[offset(id)] = to;
    }

    fn start(&mut self, id: u64) {
        let real = self.real;
        let mut random = self.random.fork();
        let member = self.member(id);
        if member.replica().is_some() || member.is_lost {
            return;
        }
        match member.start(real, &mut random) {
            Ok(effects) => {
                member.round_at = Some(real);
                self.applied[offset(id)] = 0;
                self.trace.note(real, format_args!("member {id} starts"));
                self.happen_in(0, Happening::Round(id));
                self.perform(id, effects);
                self.see_applied(id);
            }
            Err(why) => self.not_started(id, &why),
        }
    }

    fn not_started(&mut self, id: u64, why: &StartError) {
        let real = self.real;
        let is_rotten = !self.member(id).control.borrow().rotten.is_empty();
        let is_meant = self.member(id).control.borrow().has_failed;
        self.trace.note(real, format_args!("member {id} does not start: {why}"));
        if is_rotten {
            self.member(id).is_lost = true;
        } else if is_meant {
            self.happen_in(1_000, Happening::Start(id));
        } else {
            self.checkers.note("stops", real, format!("member {id} does not start: {why:?}"));
        }
    }

    pub(super) fn crash(&mut self, id: u64) {
        let mut random = self.random.fork();
        let real = self.real;
        if self.member(id).replica().is_none() {
            return;
        }
        let kept = self.member(id).crash(&mut random);
        self.counts.crashes += 1;
        self.trace.note(real, format_args!("member {id} has no power; {kept} unflushed writes are kept"));
        let delay =
            if random.in_a_thousand(400) { random.between(5, 100) } else { random.between(100, 6_000) };
        self.happen_in(delay, Happening::Start(id));
    }
}

pub(super) fn offset(id: u64) -> usize {
    usize::try_from(id - 1).expect("an id fits")
}
