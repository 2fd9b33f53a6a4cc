//! The replica: what goes in, and the state it keeps.
//!
//! A caller's loop is: tell the time, hand in what has come (a tick at most once a loop, so that one slow flush does not
//! count as several), then [`Replica::advance`] once, which does all the work and hands out the effects.

use std::collections::BTreeMap;
use std::sync::Arc;

use allocd_state::machine::Machine;
use allocd_state::state::State;
use allocd_types::id::{Digest, MemberId};
use allocd_types::time::{ClusterTime, WallTime};
use raft::{RawNode, StateRole};

use crate::change::Pending;
use crate::codec::Level;
use crate::config::Config;
use crate::effects::{Answer, Effect, Role, Standing, Status, Token, Unavailable};
use crate::election::ElectionTimer;
use crate::fault::{Fault, StartError};
use crate::founding;
use crate::inbox::{self, Receiver, Refusal, Verdict};
use crate::levels::Levels;
use crate::log::{LogStore, Position};
use crate::logger;
use crate::membership::Membership;
use crate::proposals::Waiting;
use crate::random::Random;
use crate::reads::Reads;
use crate::removal::Removal;
use crate::snapshots::{self, Snapshots};
use crate::storage::StoredLog;
use crate::time::{LeaderClock, Monotonic};

/// One Raft member.
pub struct Replica<S: LogStore> {
    pub(crate) node: RawNode<StoredLog<S>>,
    pub(crate) machine: Machine,
    /// The machine's state as of `applied`, once it was handed out. Let go of before the machine changes: what nobody else
    /// holds is changed in place, and what somebody holds is copied first.
    pub(crate) shared: Option<Arc<State>>,
    pub(crate) applied: u64,
    /// The members as the log has them; changes up to its index are contained in it.
    pub(crate) membership: Membership,
    /// The change of members that is under way.
    pub(crate) changing: Option<Pending>,
    /// The removal whose second step is to be proposed.
    pub(crate) removing: Option<Removal>,
    /// When each peer was heard of, in ticks.
    pub(crate) heard: BTreeMap<MemberId, u64>,
    /// Ticks since the start.
    pub(crate) ticks: u64,
    pub(crate) levels: Levels,
    pub(crate) waiting: Waiting,
    pub(crate) reads: Reads,
    pub(crate) snapshots: Snapshots,
    pub(crate) entropy: Random,
    pub(crate) wall_time: WallTime,
    pub(crate) member: MemberId,
    now: Monotonic,
    clock: Option<LeaderClock>,
    election: ElectionTimer,
    standing: Standing,
    /// Effects of what was handed in, for the next [`Replica::advance`].
    queued: Vec<Effect>,
}

impl<S: LogStore> Replica<S> {
    /// Starts a member on its log: begins the cluster in an empty one, and replays any other.
    ///
    /// # Errors
    /// [`StartError`] if the configuration is none or not the log's, or the log cannot be replayed.
    pub fn start(config: &Config, log: S) -> Result<Self, StartError> {
        Self::start_telling(config, log, &mut drop)
    }

    /// The same, telling the effects of what is replayed: the events as they were told before, and the state.
    ///
    /// # Errors
    /// [`StartError`] if the configuration is none or not the log's, or the log cannot be replayed.
    pub fn start_telling(
        config: &Config,
        log: S,
        perform: &mut dyn FnMut(Effect),
    ) -> Result<Self, StartError> {
        config.check_member()?;
        let mut log = StoredLog::new(log);
        let membership = founding::begin_or_compare(config, &mut log)?;
        let mut random = Random::seeded(config.seed);
        let election = ElectionTimer::new(Random::seeded(random.next()), config.election_ticks);
        let reads = Reads::new(config.member, random.next());
        let snapshot = snapshots::restore(&log, config.understands)?;
        let at = log.store().snapshot().map_or_else(Position::default, |stored| stored.mark.at);
        log.note_applied(at);
        let node = RawNode::new(&config.for_raft(at.index), log, &logger::logger())
            .map_err(Fault::raft("start raft on the log"))?;
        node.store().take_failure().map_err(Fault::from)?;
        let standing = Standing { role: Role::Follower, term: node.raft.term, leader: None };
        let has_snapshot = snapshot.is_some();
        let in_use = snapshot.as_ref().map_or(Level::FIRST, |snapshot| snapshot.level);
        let machine = snapshot.map_or_else(Machine::new, |snapshot| snapshot.machine);
        let mut replica = Self {
            node,
            shared: None,
            machine,
            applied: at.index,
            membership,
            changing: None,
            removing: None,
            heard: BTreeMap::new(),
            ticks: 0,
            levels: Levels::new(config, in_use),
            waiting: Waiting::default(),
            reads,
            snapshots: Snapshots::new(config.snapshots, at.index),
            entropy: Random::seeded(random.next()),
            wall_time: WallTime::default(),
            member: config.member,
            now: Monotonic::default(),
            clock: None,
            election,
            standing,
            queued: Vec::new(),
        };
        replica.set_election_timeout();
        if has_snapshot {
            perform(Effect::Installed(replica.share_state()));
        }
        // What is known to be committed is applied before anybody can ask.
        replica.handle_ready(perform)?;
        Ok(replica)
    }

    /// Tells the time. The monotonic one may stand still but not go back; the wall clock only labels.
    pub fn observe_time(&mut self, now: Monotonic, wall_time: WallTime) {
        self.now = self.now.max(now);
        self.wall_time = wall_time;
    }

    /// Lets a tick pass: elections, heartbeats, deadlines.
    ///
    /// # Errors
    /// [`Fault`] if the replica has to stop.
    pub fn tick(&mut self) -> Result<(), Fault> {
        self.ticks += 1;
        self.node.tick();
        if self.node.raft.state != StateRole::Leader && self.node.raft.election_elapsed == 0 {
            // It has just stood for election. Should that come to nothing, it waits another time.
            self.election.redraw();
        }
        self.set_election_timeout();
        let leader = self.leader();
        for token in self.reads.tick() {
            self.queue(Effect::Read { token, state: Err(Unavailable::Unconfirmed { leader }) });
        }
        self.propose_tick_if_due()?;
        self.node.store().take_failure()?;
        Ok(())
    }

    /// Takes a message from a peer, or drops it and says why.
    ///
    /// # Errors
    /// [`Fault`] if the replica has to stop.
    pub fn step(&mut self, message: &[u8]) -> Result<Result<(), Refusal>, Fault> {
        let message = match self.with_receiver(|receiver| inbox::check(message, receiver)) {
            Verdict::Take(message) => *message,
            Verdict::Refuse(refusal) => return Ok(Err(refusal)),
            Verdict::LostEntries { commit, last } => return Err(Fault::LostEntries { commit, last }),
        };
        let sender = MemberId::new(message.from);
        // Of strangers nothing is kept.
        if self.membership.vote(sender).is_some() {
            self.heard.insert(sender, self.ticks);
        }
        match self.node.step(message) {
            Ok(()) => {}
            // Who is newer than all that this member has heard of may lead it, but has nothing to answer it.
            Err(raft::Error::StepPeerNotFound) => return Ok(Err(Refusal::Stranger { from: sender })),
            Err(error) => return Err(Fault::raft("take a peer's message")(error)),
        }
        self.set_election_timeout();
        self.node.store().take_failure()?;
        Ok(Ok(()))
    }

    /// Asks for a state at least as new as now. Answered by an [`Effect::Read`].
    pub fn read(&mut self, token: Token) {
        if !self.reads.add(token) {
            self.queue(Effect::Read { token, state: Err(Unavailable::Busy) });
        }
    }

    /// Notes that a peer could not be reached, so that raft probes it before it sends it much again.
    pub fn note_unreachable(&mut self, peer: MemberId) {
        self.node.report_unreachable(peer.get());
    }

    /// Does all that follows from what was handed in, and hands out the effects, to be performed in their order.
    ///
    /// # Errors
    /// [`Fault`] if the replica has to stop. Effects handed out before stay valid.
    pub fn advance(&mut self, perform: &mut dyn FnMut(Effect)) -> Result<(), Fault> {
        self.advance_in_memory(perform)?;
        self.keep_log_short(perform)
    }

    /// The same without what may wait: a snapshot that is due, and what is no longer needed of the log. Touches no disk unless
    /// [`Replica::waits_for_disk`] says so.
    ///
    /// # Errors
    /// [`Fault`] if the replica has to stop. Effects handed out before stay valid.
    pub fn advance_in_memory(&mut self, perform: &mut dyn FnMut(Effect)) -> Result<(), Fault> {
        if self.leader().is_some()
            && let Some(context) = self.reads.ask()
        {
            self.node.read_index(context);
        }
        self.handle_ready(perform)?;
        if self.go_on_removing()? {
            self.handle_ready(perform)?;
        }
        self.note_standing(perform);
        for token in self.reads.take_ready(self.applied) {
            let state = self.told_now();
            self.queue(Effect::Read { token, state });
        }
        self.queued.drain(..).for_each(perform);
        self.node.store().take_failure()?;
        Ok(())
    }

    /// The state as a read tells it. What remains of a lifetime counts from the leader's clock: the state's own time stands
    /// still between entries, and a holder that went by it would outlive its lease. A follower has no such clock.
    fn told_now(&mut self) -> Result<Arc<State>, Unavailable> {
        if !self.state().has_lifetimes() {
            return Ok(self.share_state());
        }
        if !self.is_leader() {
            return Err(Unavailable::NotLeader { leader: self.leader() });
        }
        Ok(Arc::new(self.state().told_at(self.cluster_time())))
    }

    /// The state as far as this member has applied it; another one may be ahead.
    #[must_use]
    pub const fn state(&self) -> &State {
        self.machine.state()
    }

    /// The same to be kept: a fixed version, taken in constant time. As long as somebody keeps it, changes copy what they touch.
    pub fn share_state(&mut self) -> Arc<State> {
        Arc::clone(self.shared.get_or_insert_with(|| Arc::new(self.machine.state().clone())))
    }

    /// What all members that have applied as much have in common: the allocation state, cluster time, the request memory.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.machine.digest()
    }

    /// The same to be digested elsewhere: a version of its own, which shares its structure and costs nothing to make.
    #[must_use]
    pub fn machine(&self) -> Machine {
        self.machine.clone()
    }

    /// Where this member stands.
    #[must_use]
    pub fn status(&self) -> Status {
        Status {
            standing: self.standing,
            committed: self.node.raft.raft_log.committed,
            applied: self.applied,
            last: self.last_index(),
            proposals_waiting: self.waiting.count(),
            reads_waiting: self.reads.count(),
            understands: self.levels.understands,
            level_in_use: self.levels.in_use,
        }
    }

    /// Ends the replica and gives its log back.
    #[must_use]
    pub fn into_log(self) -> S {
        let raft::Raft { r, .. } = self.node.raft;
        r.raft_log.store.into_store()
    }

    /// Tells the checks of the inbox what they have to know of this member.
    pub(crate) fn with_receiver<T>(&self, check: impl FnOnce(Receiver<'_>) -> T) -> T {
        let raft = &self.node.raft;
        check(Receiver {
            member: self.member,
            term: raft.term,
            committed: raft.raft_log.committed,
            last: raft.raft_log.last_index(),
            // This member may lag behind the change by which a newer one came.
            is_member: &|id| id != raft::INVALID_ID && !self.membership.is_former(MemberId::new(id)),
            membership: &self.membership,
            term_of: &|index| {
                // raft says 0 of what was compacted.
                let is_kept = index + 1 >= raft.raft_log.first_index();
                if is_kept { raft.raft_log.term(index).ok() } else { None }
            },
        })
    }

    pub(crate) fn queue(&mut self, effect: Effect) {
        self.queued.push(effect);
    }

    pub(crate) fn is_leader(&self) -> bool {
        // Both: raft may have lost the lead already, and may have won one that is not yet told of.
        self.node.raft.state == StateRole::Leader && self.standing.role == Role::Leader
    }

    /// Who leads, as far as raft knows now.
    pub(crate) fn leader(&self) -> Option<MemberId> {
        let id = self.node.raft.leader_id;
        (id != raft::INVALID_ID).then(|| MemberId::new(id))
    }

    pub(crate) fn last_index(&self) -> u64 {
        self.node.raft.raft_log.last_index()
    }

    /// Cluster time as this leader would stamp it.
    pub(crate) fn cluster_time(&self) -> ClusterTime {
        self.clock.map_or_else(|| self.machine.state().now(), |clock| clock.read(self.now))
    }

    pub(crate) fn catch_up_clock(&mut self) {
        if let Some(clock) = &mut self.clock {
            clock.catch_up(self.now, self.machine.state().now());
        }
    }

    /// Compares where raft stands with what was told of it, and draws the consequences.
    pub(crate) fn note_standing(&mut self, perform: &mut dyn FnMut(Effect)) {
        let standing =
            Standing { role: role(self.node.raft.state), term: self.node.raft.term, leader: self.leader() };
        let before = std::mem::replace(&mut self.standing, standing);
        if before == standing {
            return;
        }
        if standing.role != Role::Leader || before.term != standing.term {
            self.clock = None;
            let leader = standing.leader;
            let abandoned = self.waiting.abandon();
            self.answer_all(abandoned, &Answer::Unavailable(Unavailable::OutcomeUnknown { leader }));
            self.abandon_change();
        }
        if standing.role == Role::Leader && self.clock.is_none() {
            self.clock = Some(LeaderClock::inherit(self.now, self.machine.state().now()));
        }
        perform(Effect::Role(standing));
    }

    pub(crate) fn set_election_timeout(&mut self) {
        let raft = &mut self.node.raft;
        raft.set_randomized_election_timeout(self.election.timeout(raft.term, role(raft.state)));
    }
}

const fn role(state: StateRole) -> Role {
    match state {
        StateRole::Follower => Role::Follower,
        StateRole::Candidate | StateRole::PreCandidate => Role::Candidate,
        StateRole::Leader => Role::Leader,
    }
}

#[cfg(test)]
mod tests;
