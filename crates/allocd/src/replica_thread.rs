//! The one thread that owns the member: everything it does comes in through a bounded inbox, everything that follows goes out
//! through channels that refuse rather than wait.
//!
//! Each round drains the inbox, tells the time once, ticks at most once, and advances: one flush and one wake-up for the
//! whole round. Nobody else touches the replica, so nothing guards it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use allocd_replica::log::LogStore;
use allocd_replica::{
    Answer, Effect, Fault, Monotonic, Proposal, Replica, Standing, Status, Token, Unavailable,
};
use allocd_state::command::Command;
use allocd_state::state::State;
use allocd_types::id::{Caller, Digest, MemberId, RequestId};
use allocd_types::time::{Span, WallTime};
use arc_swap::ArcSwap;
use prost::bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};

use crate::watch_hub::WatchHub;

/// Most inputs that one round takes.
const INPUTS_PER_ROUND_MAX: usize = 1_024;

/// What the thread is told.
pub(crate) enum Input {
    /// A message from a peer.
    Message(Bytes),
    /// A command, and where its answer goes.
    Propose {
        request_id: RequestId,
        caller: Caller,
        expires_in: Span,
        command: Box<Command>,
        answer: oneshot::Sender<Answer>,
    },
    /// A linearizable read, and where the state goes.
    Read(oneshot::Sender<Result<Arc<State>, Unavailable>>),
    /// How the member is.
    Inspect(oneshot::Sender<(Status, Digest)>),
    /// A peer cannot be reached.
    Unreachable(MemberId),
    /// Hand the lead over if there is one, and end.
    Stop,
}

/// The way into the thread.
#[derive(Clone)]
pub(crate) struct Inbox(SyncSender<Input>);

impl Inbox {
    /// Hands an input in, or says that the inbox is full (true) or the thread has ended (false).
    pub(crate) fn offer(&self, input: Input) -> Result<(), Refused> {
        self.0.try_send(input).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Full,
            TrySendError::Disconnected(_) => Refused::Ended,
        })
    }
}

/// Why the inbox takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Too much waits already.
    Full,
    /// The member has stopped.
    Ended,
}

/// What everybody may look at without asking the thread.
pub(crate) struct View {
    /// The state as far as this member has applied it.
    pub(crate) state: ArcSwap<State>,
    /// Where the member stands.
    pub(crate) standing: watch::Sender<Standing>,
}

/// Where effects go.
pub(crate) struct Outlets {
    pub(crate) view: Arc<View>,
    pub(crate) peers: BTreeMap<MemberId, mpsc::Sender<Bytes>>,
    pub(crate) hub: Arc<WatchHub>,
}

/// Starts the thread. What it ends with is told when it ends.
pub(crate) fn spawn<S: LogStore + Send + 'static>(
    replica: Replica<S>,
    outlets: Outlets,
    tick: Duration,
    inputs_max: usize,
) -> std::io::Result<(Inbox, oneshot::Receiver<Result<(), Fault>>)>
where
    Replica<S>: Send,
{
    let (sender, receiver) = sync_channel(inputs_max);
    let (ended, end) = oneshot::channel();
    thread::Builder::new().name("replica".to_owned()).spawn(move || {
        let mut owner = Owner {
            replica,
            outlets,
            waiting: Waiting::default(),
            started: Instant::now(),
            events: Vec::new(),
        };
        // Nobody listens if the whole process is ending.
        let _ = ended.send(owner.run(&receiver, tick));
    })?;
    Ok((Inbox(sender), end))
}

/// Who waits for what.
#[derive(Default)]
struct Waiting {
    next: u64,
    answers: BTreeMap<Token, oneshot::Sender<Answer>>,
    reads: BTreeMap<Token, oneshot::Sender<Result<Arc<State>, Unavailable>>>,
}

impl Waiting {
    fn token(&mut self) -> Token {
        self.next += 1;
        Token(self.next)
    }
}

struct Owner<S: LogStore> {
    replica: Replica<S>,
    outlets: Outlets,
    waiting: Waiting,
    started: Instant,
    /// Events that wait for the state they made, to be told with it.
    events: Vec<(allocd_types::id::Revision, Vec<allocd_state::event::Event>)>,
}

impl<S: LogStore> Owner<S> {
    fn run(&mut self, inputs: &Receiver<Input>, tick: Duration) -> Result<(), Fault> {
        let mut next_tick = Instant::now() + tick;
        loop {
            let first = match inputs.recv_timeout(next_tick.saturating_duration_since(Instant::now())) {
                Ok(input) => Some(input),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let (now, wall) = (self.monotonic(), wall_time());
            self.replica.observe_time(now, wall);
            if Instant::now() >= next_tick {
                self.replica.tick()?;
                // One long flush must not make up for several ticks.
                next_tick = Instant::now() + tick;
            }
            let mut proposals = Vec::new();
            let mut goes_on = true;
            let more = std::iter::from_fn(|| inputs.try_recv().ok());
            for input in first.into_iter().chain(more).take(INPUTS_PER_ROUND_MAX) {
                goes_on &= self.take(input, &mut proposals)?;
            }
            if !proposals.is_empty() {
                self.replica.propose(proposals)?;
            }
            self.advance()?;
            if !goes_on {
                return Ok(());
            }
        }
    }

    /// Takes one input; false if it was the last.
    fn take(&mut self, input: Input, proposals: &mut Vec<Proposal>) -> Result<bool, Fault> {
        match input {
            Input::Message(message) => {
                if let Err(refusal) = self.replica.step(&message)? {
                    tracing::debug!(%refusal, "a peer's message was dropped");
                }
            }
            Input::Propose { request_id, caller, expires_in, command, answer } => {
                let token = self.waiting.token();
                self.waiting.answers.insert(token, answer);
                proposals.push(Proposal { token, request_id, caller, expires_in, command: *command });
            }
            Input::Read(answer) => {
                let token = self.waiting.token();
                self.waiting.reads.insert(token, answer);
                self.replica.read(token);
            }
            Input::Inspect(answer) => {
                // Whoever asked may have gone.
                let _ = answer.send((self.replica.status(), self.replica.digest()));
            }
            Input::Unreachable(peer) => self.replica.note_unreachable(peer),
            Input::Stop => return Ok(false),
        }
        Ok(true)
    }

    fn advance(&mut self) -> Result<(), Fault> {
        let Self { replica, outlets, waiting, events, .. } = self;
        replica.advance(&mut |effect| perform(effect, outlets, waiting, events))
    }

    fn monotonic(&self) -> Monotonic {
        Monotonic(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

fn perform(
    effect: Effect,
    outlets: &Outlets,
    waiting: &mut Waiting,
    events: &mut Vec<(allocd_types::id::Revision, Vec<allocd_state::event::Event>)>,
) {
    match effect {
        Effect::Send { to, message } => {
            if let Some(peer) = outlets.peers.get(&to) {
                // A full queue loses the message: raft sends it again, or something newer.
                let _ = peer.try_send(message);
            }
        }
        Effect::Events { revision, events: changed } => events.push((revision, changed)),
        Effect::State(state) => {
            for (revision, changed) in events.drain(..) {
                let changes = changed.iter().map(|event| state.tell(event)).collect();
                outlets.hub.publish(revision, state.now(), changes);
            }
            outlets.view.state.store(state);
        }
        // Whoever waited may have given up; its request is decided all the same.
        Effect::Answer { token, answer } => {
            if let Some(waiter) = waiting.answers.remove(&token) {
                let _ = waiter.send(answer);
            }
        }
        Effect::Read { token, state } => {
            if let Some(waiter) = waiting.reads.remove(&token) {
                let _ = waiter.send(state);
            }
        }
        Effect::Role(standing) => {
            tracing::info!(role = ?standing.role, term = standing.term, leader = ?standing.leader, "the member's role");
            outlets.view.standing.send_replace(standing);
        }
    }
}

fn wall_time() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime::from_unix_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
