//! The one task that owns the member: everything it does comes in through a bounded inbox, everything that follows goes out
//! through channels that refuse rather than wait.
//!
//! Each round drains the inbox, tells the time once, ticks at most once, and advances: one flush for the whole round. Nobody
//! else touches the replica, so nothing guards it. A round that waits for the disk does so on a thread that may block; the
//! runtime sends meanwhile what the round says first, and gathers what the next one takes (decision 0012).

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use allocd_replica::log::LogStore;
use allocd_replica::{Fault, Monotonic, Proposal, Replica};
use allocd_types::id::MemberId;
use allocd_types::time::WallTime;
use tokio::sync::mpsc::Receiver;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use crate::disk_thread::DiskThread;
use crate::inbox::{Input, Inspected, SnapshotInput};
use crate::perform::{Outlets, Untold, Waiting, perform};

/// Most inputs that one round takes.
const INPUTS_PER_ROUND_MAX: usize = 1_024;
/// How long the task goes on after it was told to stop, for those who wait and for the lead to be handed over.
const FINISH_MAX: Duration = Duration::from_secs(3);

/// Starts the task. What it ends with is told when it has let go of everything, the log included; nothing is, if it panicked.
pub(crate) fn spawn<S: LogStore + Send + 'static>(
    replica: Replica<S>,
    outlets: Outlets,
    inputs: Receiver<Input>,
    tick: Duration,
) -> io::Result<oneshot::Receiver<Result<End, Fault>>>
where
    Replica<S>: Send,
{
    let disk = DiskThread::start()?;
    let (ended, end) = oneshot::channel();
    let owner = Owner {
        replica,
        outlets,
        waiting: Waiting::default(),
        started: Instant::now(),
        events: Vec::new(),
        stop: None,
        removed: None,
    };
    tokio::spawn(async move {
        if let Some(outcome) = Box::new(owner).run(&disk, inputs, tick).await {
            // Nobody listens if the whole process is ending.
            let _ = ended.send(outcome);
        }
    });
    Ok(end)
}

struct Owner<S: LogStore> {
    replica: Replica<S>,
    outlets: Outlets,
    waiting: Waiting,
    started: Instant,
    /// Events that wait for the state they made, to be told with it.
    events: Vec<Untold>,
    /// The stop that was asked for.
    stop: Option<Stop>,
    /// Who says that this member was removed, if somebody does.
    removed: Option<Option<MemberId>>,
}

/// How the task ended.
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

impl<S: LogStore + Send + 'static> Owner<S>
where
    Replica<S>: Send,
{
    /// Round after round, until the end. Nothing, if a round panicked.
    async fn run(
        self: Box<Self>,
        disk: &DiskThread,
        mut inputs: Receiver<Input>,
        tick: Duration,
    ) -> Option<Result<End, Fault>> {
        let mut owner = self;
        let mut next_tick = Instant::now() + tick;
        loop {
            let first = match timeout_at(next_tick.into(), inputs.recv()).await {
                Ok(Some(input)) => Some(input),
                Ok(None) => return Some(Ok(End::Stopped)),
                Err(_) => None,
            };
            let is_due = Instant::now() >= next_tick;
            if is_due {
                // One long flush must not make up for several ticks.
                next_tick = Instant::now() + tick;
            }
            let more = std::iter::from_fn(|| inputs.try_recv().ok());
            let taken = first.into_iter().chain(more).take(INPUTS_PER_ROUND_MAX).collect();
            let outcome;
            (owner, outcome) = owner.round(disk, is_due, taken).await?;
            match outcome {
                Ok(None) => {}
                Ok(Some(end)) => return Some(Ok(end)),
                Err(fault) => return Some(Err(fault)),
            }
        }
    }

    /// One round, as far as it may wait for the disk on a thread that may block.
    async fn round(
        mut self: Box<Self>,
        disk: &DiskThread,
        is_due: bool,
        mut inputs: Vec<Input>,
    ) -> Option<Ended<S>> {
        let may_write = is_due || self.stop.is_some() || inputs.iter().any(Input::may_write);
        if !may_write {
            let outcome = self.take_all(std::mem::take(&mut inputs));
            if outcome.is_err() || !self.replica.waits_for_disk() {
                let outcome = outcome.and_then(|()| self.advance_in_memory());
                return Some((self, outcome.map(|()| None)));
            }
        }
        let round = move || {
            let outcome = self.round_with_disk(is_due, inputs);
            (self, outcome)
        };
        disk.run(round).await
    }
}

/// What a round leaves behind: the owner, and the end if it is one.
type Ended<S> = (Box<Owner<S>>, Result<Option<End>, Fault>);

impl<S: LogStore> Owner<S> {
    fn round_with_disk(&mut self, is_due: bool, inputs: Vec<Input>) -> Result<Option<End>, Fault> {
        if is_due {
            self.tell_time();
            self.replica.tick()?;
        }
        self.take_all(inputs)?;
        self.advance()?;
        if let Some(by) = self.removed {
            return Ok(Some(End::Removed { by }));
        }
        Ok(self.has_finished()?.then_some(End::Stopped))
    }

    /// Takes in what has come.
    fn take_all(&mut self, inputs: Vec<Input>) -> Result<(), Fault> {
        self.tell_time();
        let mut proposals = Vec::new();
        for input in inputs {
            self.take(input, &mut proposals)?;
        }
        if proposals.is_empty() { Ok(()) } else { self.replica.propose(proposals) }
    }

    fn tell_time(&mut self) {
        self.replica.observe_time(self.monotonic(), wall_time());
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

    /// The same where there is nothing to wait for. Neither a removal nor a stop comes to its end by it.
    fn advance_in_memory(&mut self) -> Result<(), Fault> {
        let Self { replica, outlets, waiting, events, .. } = self;
        replica.advance_in_memory(&mut |effect| perform(effect, outlets, waiting, events))
    }

    fn monotonic(&self) -> Monotonic {
        Monotonic(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// The wall clock, which only labels.
pub(crate) fn wall_time() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime::from_unix_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
