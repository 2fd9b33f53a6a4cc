//! A cluster on a table: the network, the clock and the power switch are in the test's hand.

use std::collections::{BTreeMap, BTreeSet};

use allocd_state::command::Command;
use allocd_state::event::Event;
use allocd_types::allocation::MissingResource;
use allocd_types::cluster::MemberChange;
use allocd_types::host::HostSpec;
use allocd_types::id::{Caller, RequestId};
use allocd_types::label::Labels;
use allocd_types::name::HostName;
use allocd_types::time::Span;
use prost::bytes::Bytes;

use super::transfers::{Sending, Storing};
use super::upgrades::Programs;

use crate::change::ChangeRefused;
use crate::config::SnapshotLimits;
use crate::log::memory::MemoryLog;
use crate::proposals::Proposal;
use crate::replica::*;

/// Milliseconds that pass with a tick.
pub(super) const TICK_MILLIS: u64 = 100;
/// More rounds than any script needs to come to rest.
const ROUNDS_MAX: usize = 400;

pub(super) struct Cluster {
    voters: Vec<u64>,
    /// Members that joined later, with what they were told of the cluster.
    joined: BTreeMap<u64, Membership>,
    /// Members that know that they were removed.
    pub(super) removed: BTreeSet<u64>,
    pub(super) changes: BTreeMap<Token, Result<Membership, ChangeRefused>>,
    pub(super) running: BTreeMap<u64, Replica<MemoryLog>>,
    pub(super) disks: BTreeMap<u64, MemoryLog>,
    pub(super) wire: Vec<(u64, u64, Bytes)>,
    /// Members whose messages are lost, in both directions.
    pub(super) isolated: BTreeSet<u64>,
    /// Snapshots on their way to a disk.
    pub(super) storing: Vec<Storing>,
    /// Snapshots on their way to a peer.
    pub(super) sending: Vec<Sending>,
    /// How often a member was told to read anew.
    pub(super) installed: BTreeMap<u64, u64>,
    limits: SnapshotLimits,
    /// Which allocd each member runs.
    pub(super) programs: Programs,
    /// How large the parts are in which snapshots move.
    pub(super) part_bytes: usize,
    pub(super) answers: BTreeMap<Token, Answer>,
    pub(super) reads: BTreeMap<Token, Result<Arc<State>, Unavailable>>,
    pub(super) events: BTreeMap<u64, Vec<Event>>,
    /// Everything that happened, in order: two runs from one seed are equal.
    pub(super) history: Vec<(String, Bytes)>,
    seed: u64,
    starts: u64,
    tokens: u64,
    millis: u64,
}

impl Cluster {
    pub(super) fn of(voters: &[u64], seed: u64) -> Self {
        Self::with_limits(voters, seed, SnapshotLimits::NEVER)
    }

    /// A cluster that takes snapshots.
    pub(super) fn with_limits(voters: &[u64], seed: u64, limits: SnapshotLimits) -> Self {
        let mut cluster = Self {
            voters: voters.to_vec(),
            joined: BTreeMap::new(),
            removed: BTreeSet::new(),
            changes: BTreeMap::new(),
            running: BTreeMap::new(),
            disks: voters.iter().map(|&id| (id, MemoryLog::new())).collect(),
            wire: Vec::new(),
            isolated: BTreeSet::new(),
            storing: Vec::new(),
            sending: Vec::new(),
            installed: BTreeMap::new(),
            limits,
            programs: Programs::default(),
            part_bytes: 300,
            answers: BTreeMap::new(),
            reads: BTreeMap::new(),
            events: BTreeMap::new(),
            history: Vec::new(),
            seed,
            starts: 0,
            tokens: 0,
            millis: 0,
        };
        voters.iter().for_each(|&id| cluster.start(id));
        cluster
    }

    /// Three members with a leader.
    pub(super) fn with_leader() -> (Self, u64) {
        let mut cluster = Self::of(&[1, 2, 3], 1);
        let leader = cluster.elect();
        (cluster, leader)
    }

    pub(super) fn start(&mut self, id: u64) {
        self.starts += 1;
        let seed = self.seed.wrapping_mul(1_000_003) + id * 1_009 + self.starts;
        let joins = self.joined.get(&id).cloned();
        let voters = if joins.is_some() { vec![id] } else { self.voters.clone() };
        let voters = voters.into_iter().map(MemberId::new).collect();
        let disk = self.disks.remove(&id).expect("only a stopped member is started");
        let config = Config {
            snapshots: self.limits,
            joins,
            understands: self.programs.understands(id),
            level_of: self.programs.level_of,
            ..Config::new(MemberId::new(id), voters, seed)
        };
        match Replica::start(&config, disk) {
            Ok(replica) => drop(self.running.insert(id, replica)),
            Err(StartError::Fault(fault)) => self.programs.note_stop(id, fault),
            Err(error) => panic!("{id} does not start: {error}"),
        }
    }

    /// Starts a new member, which learns from another one who the cluster is.
    pub(super) fn join(&mut self, id: u64, from: u64) {
        self.joined.insert(id, self.running[&from].membership().clone());
        self.disks.insert(id, MemoryLog::new());
        self.start(id);
    }

    /// Switches a member off for good.
    pub(super) fn take_away(&mut self, id: u64) {
        self.crash(id, 0);
        self.disks.remove(&id);
        self.voters.retain(|&voter| voter != id);
        self.joined.remove(&id);
    }

    /// Asks a member for a change of members, and waits for the outcome.
    pub(super) fn change(&mut self, id: u64, change: &MemberChange) -> Result<Membership, ChangeRefused> {
        let token = self.token();
        self.member(id).change_members(token, change).unwrap();
        self.settle();
        self.ticks(2);
        self.changes.remove(&token).expect("a change is answered")
    }

    /// Cuts a member's power: of what it did not flush, the first `kept` changes are found again.
    pub(super) fn crash(&mut self, id: u64, kept: usize) {
        let replica = self.running.remove(&id).expect("only a running member crashes");
        self.disks.insert(id, replica.into_log().after_power_cut(kept));
        self.wire.retain(|&(from, to, _)| from != id && to != id);
        self.storing.retain(|storing| storing.id != id);
        self.sending.retain(|sending| sending.from != id);
        for sending in self.sending.iter_mut().filter(|sending| sending.to == id) {
            sending.is_broken = true;
        }
    }

    pub(super) fn member(&mut self, id: u64) -> &mut Replica<MemoryLog> {
        self.running.get_mut(&id).expect("the member runs")
    }

    pub(super) fn status(&self, id: u64) -> Status {
        self.running[&id].status()
    }

    /// The member that leads in the latest term of those that can be reached.
    pub(super) fn leader(&self) -> Option<u64> {
        let leads = |(&id, replica): (&u64, &Replica<MemoryLog>)| {
            let standing = replica.status().standing;
            (standing.role == Role::Leader && !self.isolated.contains(&id)).then_some((standing.term, id))
        };
        self.running.iter().filter_map(leads).max().map(|(_, id)| id)
    }

    /// Lets ticks pass until there is a leader whose term all that can be reached have applied an entry of.
    pub(super) fn elect(&mut self) -> u64 {
        for _ in 0..ROUNDS_MAX {
            self.tick();
            if let Some(leader) = self.leader() {
                let committed = self.status(leader).committed;
                let reached = self.running.iter().filter(|(id, _)| !self.isolated.contains(id));
                let is_done = self.running[&leader].node.raft.apply_to_current_term();
                if is_done && reached.clone().all(|(_, replica)| replica.applied == committed) {
                    return leader;
                }
            }
        }
        panic!("nobody was elected");
    }

    /// Lets one tick pass on every member, and delivers until the wire is silent.
    pub(super) fn tick(&mut self) {
        self.millis += TICK_MILLIS;
        for id in self.ids() {
            self.tick_one(id);
        }
        self.settle();
    }

    pub(super) fn ticks(&mut self, count: u64) {
        (0..count).for_each(|_| self.tick());
    }

    pub(super) fn tick_one(&mut self, id: u64) {
        let now = Monotonic(self.millis);
        let replica = self.member(id);
        replica.observe_time(now, WallTime::from_unix_millis(1_700_000_000_000 + now.0));
        replica.tick().unwrap();
    }

    /// Delivers until the wire is silent.
    pub(super) fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            for id in self.ids() {
                self.advance(id);
            }
            self.move_snapshots();
            if self.wire.is_empty() && self.storing.is_empty() && self.sending.is_empty() {
                return;
            }
            self.deliver();
        }
        panic!("the wire never falls silent");
    }

    /// Delivers what is on the wire now, except to and from the isolated.
    pub(super) fn deliver(&mut self) {
        for (from, to, message) in std::mem::take(&mut self.wire) {
            if self.isolated.contains(&from) || self.isolated.contains(&to) {
                continue;
            }
            self.tell_level(from, to);
            self.hand_over(to, &message);
        }
    }

    /// Gives a member a message, if it runs. What members say to each other is never refused, but what former ones say is.
    pub(super) fn hand_over(&mut self, to: u64, message: &[u8]) {
        let Some(replica) = self.running.get_mut(&to) else { return };
        match replica.step(message).unwrap() {
            Ok(()) => {}
            Err(Refusal::Stranger { from }) => assert!(replica.membership().is_former(from)),
            Err(refusal) => panic!("{to} refuses: {refusal}"),
        }
    }

    pub(super) fn advance(&mut self, id: u64) {
        let mut effects = Vec::new();
        let advanced = self.member(id).advance(&mut |effect| effects.push(effect));
        for effect in effects {
            self.perform(id, effect);
        }
        if let Err(fault) = advanced {
            self.stop(id, fault);
        }
    }

    fn perform(&mut self, id: u64, effect: Effect) {
        match effect {
            Effect::Send { to, message } => {
                self.history.push((format!("{id} to {to}"), message.clone()));
                self.wire.push((id, to.get(), message));
            }
            Effect::Answer { token, answer } => {
                self.note(format!("{id} answers {token:?}: {answer:?}"));
                assert!(self.answers.insert(token, answer).is_none(), "{token:?} is answered once");
            }
            Effect::Read { token, state } => {
                self.note(format!(
                    "{id} reads {token:?}: {:?}",
                    state.as_ref().map(|state| state.revision())
                ));
                assert!(self.reads.insert(token, state).is_none(), "{token:?} is answered once");
            }
            Effect::Events { revision, events, .. } => {
                self.note(format!("{id} at {revision}: {events:?}"));
                self.events.entry(id).or_default().extend(events);
            }
            Effect::State(state) => self.note(format!("{id} is at {}", state.revision())),
            Effect::StoreSnapshot { job, snapshot } => {
                self.note(format!("{id} takes a snapshot of {}", snapshot.index));
                self.storing.push(Storing::new(id, job, snapshot.parts(self.part_bytes).collect()));
            }
            Effect::SendSnapshot { to, understood, job, message, snapshot } => {
                self.history.push((format!("{id} sends a snapshot to {to}"), message.clone()));
                self.programs.note_sent(to.get(), snapshot.level, understood);
                self.sending.push(Sending::new(id, (to.get(), job), message, &snapshot, self.part_bytes));
            }
            Effect::Installed(state) => {
                self.note(format!("{id} is at {} by a snapshot", state.revision()));
                *self.installed.entry(id).or_default() += 1;
            }
            Effect::Changed { token, outcome } => {
                self.note(format!("{id} changes {token:?}: {outcome:?}"));
                assert!(self.changes.insert(token, *outcome).is_none(), "{token:?} is answered once");
            }
            Effect::Members(membership) => {
                self.note(format!("{id} has members {membership:?}"));
                // Who finds that it is a member no more stops.
                if membership.vote(MemberId::new(id)).is_none() {
                    self.removed.insert(id);
                }
            }
            Effect::Role(standing) => self.note(format!("{id} is {standing:?}")),
        }
    }

    fn note(&mut self, line: String) {
        self.history.push((line, Bytes::new()));
    }

    fn token(&mut self) -> Token {
        self.tokens += 1;
        Token(self.tokens)
    }

    /// Asks a member to create a host, under a request id.
    pub(super) fn create_host(&mut self, id: u64, request_id: &str, host: &str) -> Token {
        self.propose(id, request_id, create_host(host))
    }

    pub(super) fn propose(&mut self, id: u64, request_id: &str, command: Command) -> Token {
        let token = self.token();
        let proposal = Proposal {
            token,
            request_id: RequestId::new(request_id).unwrap(),
            caller: Caller::new("script").unwrap(),
            expires_in: Span::from_seconds(30),
            command,
        };
        self.member(id).propose(vec![proposal]).unwrap();
        token
    }

    /// Has a command applied, and waits for it.
    pub(super) fn apply(&mut self, id: u64, request_id: &str, command: Command) {
        let token = self.propose(id, request_id, command);
        self.settle();
        assert!(self.is_applied(token), "{:?}", self.answers.get(&token));
    }

    /// Creates hosts one by one through a member, and waits for each.
    pub(super) fn create_hosts(&mut self, id: u64, names: impl IntoIterator<Item = String>) {
        for name in names {
            self.apply(id, &format!("create-{name}"), create_host(&name));
        }
    }

    /// Has many entries written that change little: each deletes a host that is not there.
    pub(super) fn fill_log(&mut self, id: u64, name: &str, entries: usize) {
        let nobody = HostName::new("nobody").unwrap();
        for number in 0..entries {
            let command = Command::DeleteHost(nobody.clone(), MissingResource::Allow);
            self.apply(id, &format!("{name}{number}"), command);
        }
    }

    pub(super) fn read(&mut self, id: u64) -> Token {
        let token = self.token();
        self.member(id).read(token);
        token
    }

    pub(super) fn is_applied(&self, token: Token) -> bool {
        matches!(self.answers.get(&token), Some(Answer::Applied { outcome, .. }) if outcome.is_ok())
    }

    pub(super) fn unavailable(&self, token: Token) -> Option<Unavailable> {
        match self.answers.get(&token)? {
            Answer::Unavailable(unavailable) => Some(*unavailable),
            Answer::Applied { .. } | Answer::UpgradePending(_) | Answer::TooLarge { .. } => None,
        }
    }

    pub(super) fn digest(&self, id: u64) -> Digest {
        self.running[&id].digest()
    }

    /// All members run and have the same state.
    pub(super) fn assert_equal(&self) {
        let members = self.voters.iter().chain(self.joined.keys());
        let digests: BTreeSet<String> = members.map(|&id| self.digest(id).to_string()).collect();
        assert_eq!(digests.len(), 1, "all members are equal");
    }

    pub(super) fn ids(&self) -> Vec<u64> {
        self.running.keys().copied().collect()
    }

    pub(super) fn others(&self, id: u64) -> Vec<u64> {
        self.voters.iter().copied().filter(|&other| other != id).collect()
    }

    /// How often the events of a member tell that a host was created.
    pub(super) fn times_created(&self, id: u64, host: &str) -> usize {
        let is_it = |event: &&Event| matches!(event, Event::HostCreated(spec) if spec.name.as_str() == host);
        self.events.get(&id).map_or(0, |events| events.iter().filter(is_it).count())
    }
}

pub(super) fn create_host(name: &str) -> Command {
    Command::CreateHost(HostSpec {
        name: HostName::new(name).unwrap(),
        bridges: BTreeMap::new(),
        labels: Labels::default(),
    })
}
