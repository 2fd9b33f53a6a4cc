//! The one thread that owns the member: everything it does comes in through a bounded inbox, everything that follows goes out
//! through channels that refuse rather than wait.
//!
//! Each round drains the inbox, tells the time once, ticks at most once, and advances: one flush and one wake-up for the
//! whole round. Nobody else touches the replica, so nothing guards it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use allocd_proto::peer::v1::SnapshotAnnouncement;
use allocd_replica::log::LogStore;
use allocd_replica::{
    Answer, ChangeRefused, Effect, Fault, Membership, Monotonic, Proposal, Replica, Snapshot, SnapshotJob,
    Token, Unavailable,
};
use allocd_state::event::Event;
use allocd_state::state::State;
use allocd_types::id::{MemberId, Revision};
use allocd_types::time::WallTime;
use prost::bytes::Bytes;
use tokio::sync::oneshot;

use crate::inbox::{Input, Inspected, SnapshotInput, Waiter};
use crate::post::Post;
use crate::snapshots::{self, Parcel};
use crate::view::View;
use crate::watch_hub::{Told, WatchHub};

/// Most inputs that one round takes.
const INPUTS_PER_ROUND_MAX: usize = 1_024;
/// How long the thread goes on after it was told to stop, for those who wait and for the lead to be handed over.
const FINISH_MAX: Duration = Duration::from_secs(3);

/// Where effects go.
pub(crate) struct Outlets {
    pub(crate) view: Arc<View>,
    pub(crate) post: Post,
    pub(crate) hub: Arc<WatchHub>,
}

/// Starts the thread. What it ends with is told when it has let go of everything, the log included.
pub(crate) fn spawn<S: LogStore + Send + 'static>(
    replica: Replica<S>,
    outlets: Outlets,
    inputs: Receiver<Input>,
    tick: Duration,
) -> std::io::Result<oneshot::Receiver<Result<End, Fault>>>
where
    Replica<S>: Send,
{
    let (ended, end) = oneshot::channel();
    thread::Builder::new().name("replica".to_owned()).spawn(move || {
        let mut owner = Owner {
            replica,
            outlets,
            waiting: Waiting::default(),
            started: Instant::now(),
            events: Vec::new(),
            stop: None,
            removed: None,
        };
        let outcome = owner.run(&inputs, tick);
        drop(owner);
        // Nobody listens if the whole process is ending.
        let _ = ended.send(outcome);
    })?;
    Ok(end)
}

/// Who waits for what.
#[derive(Default)]
struct Waiting {
    next: u64,
    answers: BTreeMap<Token, Waiter<Answer>>,
    reads: BTreeMap<Token, Waiter<Result<Arc<State>, Unavailable>>>,
    changes: BTreeMap<Token, Waiter<Result<Membership, ChangeRefused>>>,
}

impl Waiting {
    fn token(&mut self) -> Token {
        self.next += 1;
        Token(self.next)
    }

    fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.reads.is_empty() && self.changes.is_empty()
    }
}

struct Owner<S: LogStore> {
    replica: Replica<S>,
    outlets: Outlets,
    waiting: Waiting,
    started: Instant,
    /// Events that wait for the state they made, to be told with it.
    events: Vec<(Revision, Vec<Event>)>,
    /// The stop that was asked for.
    stop: Option<Stop>,
    /// Who says that this member was removed, if somebody does.
    removed: Option<Option<MemberId>>,
}

/// How the thread ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It was told to.
    Stopped,
    /// The member is none any more, as its log says, or a peer.
    Removed { by: Option<MemberId> },
}

struct Stop {
    ends_at: Instant,
    has_handed_over: bool,
}

impl<S: LogStore> Owner<S> {
    fn run(&mut self, inputs: &Receiver<Input>, tick: Duration) -> Result<End, Fault> {
        let mut next_tick = Instant::now() + tick;
        loop {
            let first = match inputs.recv_timeout(next_tick.saturating_duration_since(Instant::now())) {
                Ok(input) => Some(input),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(End::Stopped),
            };
            let (now, wall) = (self.monotonic(), wall_time());
            self.replica.observe_time(now, wall);
            if Instant::now() >= next_tick {
                self.replica.tick()?;
                // One long flush must not make up for several ticks.
                next_tick = Instant::now() + tick;
            }
            let mut proposals = Vec::new();
            let more = std::iter::from_fn(|| inputs.try_recv().ok());
            for input in first.into_iter().chain(more).take(INPUTS_PER_ROUND_MAX) {
                self.take(input, &mut proposals)?;
            }
            if !proposals.is_empty() {
                self.replica.propose(proposals)?;
            }
            self.advance()?;
            if let Some(by) = self.removed {
                return Ok(End::Removed { by });
            }
            if self.has_finished()? {
                return Ok(End::Stopped);
            }
        }
    }

    /// Whether the stop that was asked for is over: nobody waits, and another member leads if one can.
    fn has_finished(&mut self) -> Result<bool, Fault> {
        let Some(stop) = &mut self.stop else { return Ok(false) };
        if Instant::now() >= stop.ends_at {
            return Ok(true);
        }
        if !self.waiting.is_empty() {
            return Ok(false);
        }
        if !std::mem::replace(&mut stop.has_handed_over, true) {
            self.replica.hand_over_leadership();
            if self.replica.is_handing_over() {
                tracing::info!("hands the lead over");
            }
            self.advance()?;
        }
        Ok(!self.replica.is_handing_over())
    }

    fn take(&mut self, input: Input, proposals: &mut Vec<Proposal>) -> Result<(), Fault> {
        match input {
            Input::Message { from, level, message } => {
                self.replica.note_level(from, level);
                if let Err(refusal) = self.replica.step(&message)? {
                    tracing::debug!(%refusal, "a peer's message was dropped");
                }
            }
            Input::Propose { request_id, caller, expires_in, command, waiter } => {
                let token = self.waiting.token();
                self.waiting.answers.insert(token, waiter);
                proposals.push(Proposal { token, request_id, caller, expires_in, command: *command });
            }
            Input::Read(waiter) => {
                let token = self.waiting.token();
                self.waiting.reads.insert(token, waiter);
                self.replica.read(token);
            }
            Input::Look(waiter) => {
                let state = self.replica.share_state();
                self.outlets.view.show(Arc::clone(&state));
                waiter.answer(state);
            }
            Input::Inspect(answer) => {
                // Whoever asked may have gone.
                let _ = answer.send(Inspected {
                    status: self.replica.status(),
                    machine: self.replica.machine(),
                    progress: self.replica.progress(),
                });
            }
            Input::Unreachable(peer) => self.replica.note_unreachable(peer),
            Input::Snapshot(input) => self.take_snapshot(input)?,
            Input::Change { change, waiter } => {
                let token = self.waiting.token();
                self.waiting.changes.insert(token, waiter);
                self.replica.change_members(token, &change)?;
            }
            Input::Transfer { to, answer } => {
                // Whoever asked may have gone.
                let _ = answer.send(self.replica.transfer_leadership(to));
            }
            Input::PeersChanged => self.outlets.post.follow(),
            Input::Removed { by } => self.removed = Some(Some(by)),
            Input::Stop => {
                self.stop = Some(Stop { ends_at: Instant::now() + FINISH_MAX, has_handed_over: false });
            }
        }
        Ok(())
    }

    /// Whoever waits for an answer here may have gone, and needs none then.
    fn take_snapshot(&mut self, input: SnapshotInput) -> Result<(), Fault> {
        match input {
            SnapshotInput::Begin { message, level, answer } => {
                let _ = answer.send(self.replica.begin_install(&message, level)?);
            }
            SnapshotInput::Part { job, bytes, answer } => {
                let _ = answer.send(self.replica.add_snapshot_part(job, &bytes)?);
            }
            SnapshotInput::Finish { job, answer } => {
                let _ = answer.send(self.replica.finish_snapshot(job)?);
            }
            SnapshotInput::Install { job, snapshot, answer } => {
                let _ = answer.send(self.replica.install(job, *snapshot)?);
            }
            SnapshotInput::Abandon(job) => self.replica.abandon_snapshot(job),
            SnapshotInput::Sent { to, job, delivery } => self.replica.report_snapshot(to, job, delivery),
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<(), Fault> {
        let Self { replica, outlets, waiting, events, .. } = self;
        replica.advance(&mut |effect| perform(effect, outlets, waiting, events))?;
        if self.replica.membership().vote(self.outlets.post.member).is_none() {
            self.removed = Some(None);
        }
        Ok(())
    }

    fn monotonic(&self) -> Monotonic {
        Monotonic(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

fn perform(
    effect: Effect,
    outlets: &mut Outlets,
    waiting: &mut Waiting,
    events: &mut Vec<(Revision, Vec<Event>)>,
) {
    match effect {
        Effect::Send { to, message } => outlets.post.send(to, message),
        Effect::Events { revision, events: changed } => events.push((revision, changed)),
        Effect::State(state) => {
            for (revision, changed) in events.drain(..) {
                outlets.hub.publish(told(revision, &state, &changed));
            }
            outlets.view.outdate(&state);
        }
        Effect::Answer { token, answer } => {
            if let Some(waiter) = waiting.answers.remove(&token) {
                waiter.answer(answer);
            }
        }
        Effect::Read { token, state } => {
            if let Some(waiter) = waiting.reads.remove(&token) {
                waiter.answer(state);
            }
        }
        Effect::Installed(state) => {
            events.clear();
            tracing::info!(revision = state.revision().get(), "installed a peer's snapshot");
            outlets.hub.begin_anew(state.revision());
            outlets.view.outdate(&state);
        }
        Effect::StoreSnapshot { job, snapshot } => store(job, snapshot, &outlets.post),
        Effect::SendSnapshot { to, understood, job, message, snapshot } => {
            if snapshot.level > understood {
                tracing::warn!(
                    peer = to.get(),
                    level = snapshot.level.get(),
                    understood = understood.get(),
                    "a member needs a snapshot that it does not understand, and will stop; install a newer allocd there"
                );
            }
            send((to, job), message, snapshot, &outlets.post);
        }
        Effect::Changed { token, outcome } => {
            if let Some(waiter) = waiting.changes.remove(&token) {
                waiter.answer(*outcome);
            }
        }
        Effect::Members(membership) => {
            let members = membership.members();
            tracing::info!(index = membership.index(), ?members, "the members changed");
            // Connections are laid out in the runtime that will make them.
            let _runtime = outlets.post.runtime.enter();
            outlets.post.peers.follow(&membership);
            outlets.post.follow();
        }
        Effect::Role(standing) => {
            let leader = standing.leader.map(MemberId::get);
            tracing::info!(role = ?standing.role, term = standing.term, leader, "the member's role");
            outlets.view.standing.send_replace(standing);
        }
    }
}

/// Encodes an own snapshot elsewhere.
fn store(job: SnapshotJob, snapshot: Snapshot, post: &Post) {
    let inbox = post.inbox.clone();
    post.runtime.spawn_blocking(move || snapshots::store(job, &snapshot, &inbox));
}

/// Encodes and sends a snapshot elsewhere.
fn send((to, job): (MemberId, SnapshotJob), message: Bytes, snapshot: Snapshot, post: &Post) {
    let announcement = SnapshotAnnouncement {
        cluster_id: post.cluster.to_string(),
        from: post.member.get(),
        to: to.get(),
        message,
        level: snapshot.level.get(),
    };
    let parcel = Parcel { announcement, snapshot, to, job, channel: post.peers.get(to) };
    post.runtime.spawn(parcel.send(post.inbox.clone()));
}

/// What a revision changed, as watchers are told.
pub(crate) fn told(revision: Revision, state: &State, events: &[Event]) -> Told {
    Told { revision, now: state.now(), changes: events.iter().map(|event| state.tell(event)).collect() }
}

/// The wall clock, which only labels.
pub(crate) fn wall_time() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime::from_unix_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
