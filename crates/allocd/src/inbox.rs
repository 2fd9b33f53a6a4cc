//! The way to the replica: bounded, and refusing rather than waiting.
//!
//! A call takes a seat when it comes and gives it back when it is answered, wherever it is meanwhile: `queue_calls_max` bounds
//! all that wait at this member. Whoever hangs up gives no seat back before its time, or hanging up would be a way around it.

use std::sync::Arc;

use allocd_replica::{
    Answer, ChangeRefused, Delivery, Level, Membership, Progress, Refusal, Snapshot, SnapshotJob, Status,
    Unavailable,
};
use allocd_state::command::Command;
use allocd_state::machine::Machine;
use allocd_state::state::State;
use allocd_types::cluster::MemberChange;
use allocd_types::id::{Caller, MemberId, RequestId};
use allocd_types::time::Span;
use prost::bytes::Bytes;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Most messages of peers that may wait, beside the calls.
const MESSAGES_WAITING_MAX: usize = 4_096;

/// What the replica is told.
pub(crate) enum Input {
    /// A message from a peer, which understands this.
    Message { from: MemberId, level: Level, message: Bytes },
    /// A command, and who waits for its answer.
    Propose {
        request_id: RequestId,
        caller: Caller,
        expires_in: Span,
        command: Box<Command>,
        waiter: Waiter<Answer>,
    },
    /// A linearizable read, and who waits for the state.
    Read(Waiter<Result<Arc<State>, Unavailable>>),
    /// A read that may be stale, and who waits for the state as far as this member has applied it.
    Look(Waiter<Arc<State>>),
    /// How the member is, and all it has applied, to be digested by whoever asks.
    Inspect(oneshot::Sender<Inspected>),
    /// A peer cannot be reached.
    Unreachable(MemberId),
    /// A snapshot that is taken, sent or installed goes on.
    Snapshot(SnapshotInput),
    /// A change of members, and who waits for it.
    Change { change: MemberChange, waiter: Waiter<Result<Membership, ChangeRefused>> },
    /// Hand the lead to a member. The answer says whether that is begun.
    Transfer { to: MemberId, answer: oneshot::Sender<Result<(), ChangeRefused>> },
    /// A peer says where it is that this member has not heard of.
    PeersChanged,
    /// A peer says that this member was removed.
    Removed { by: MemberId },
    /// Finish what is under way, hand the lead over if there is one, and end.
    Stop,
}

impl Input {
    /// Whether taking it in may mean to write.
    pub(crate) const fn may_write(&self) -> bool {
        match self {
            Self::Message { .. }
            | Self::Propose { .. }
            | Self::Read(_)
            | Self::Look(_)
            | Self::Inspect(_)
            | Self::Unreachable(_) => false,
            Self::Snapshot(_)
            | Self::Change { .. }
            | Self::Transfer { .. }
            | Self::PeersChanged
            | Self::Removed { .. }
            | Self::Stop => true,
        }
    }
}

/// A member as it is.
pub(crate) struct Inspected {
    pub(crate) status: Status,
    pub(crate) machine: Machine,
    pub(crate) progress: Vec<Progress>,
}

/// What the replica is told of snapshots, which are encoded and decoded elsewhere. Answers come when it is done.
pub(crate) enum SnapshotInput {
    /// A peer announces one.
    Begin { message: Bytes, level: Level, answer: oneshot::Sender<Result<SnapshotJob, Refusal>> },
    /// The next bytes of one. False if it is not wanted any more.
    Part { job: SnapshotJob, bytes: Bytes, answer: oneshot::Sender<bool> },
    /// All bytes of an own one were written. False if it is not wanted any more.
    Finish { job: SnapshotJob, answer: oneshot::Sender<bool> },
    /// A peer's is whole.
    Install { job: SnapshotJob, snapshot: Box<Snapshot>, answer: oneshot::Sender<Result<(), Refusal>> },
    /// One comes to nothing.
    Abandon(SnapshotJob),
    /// What became of one that was sent.
    Sent { to: MemberId, job: SnapshotJob, delivery: Delivery },
}

/// Who waits for an answer, and the seat that is taken until it is given.
pub(crate) struct Waiter<T> {
    answer: oneshot::Sender<T>,
    _seat: OwnedSemaphorePermit,
}

impl<T> Waiter<T> {
    /// Whoever waited may have given up; its request is decided all the same.
    pub(crate) fn answer(self, answer: T) {
        let _ = self.answer.send(answer);
    }
}

/// The way to the replica. Calls have seats, and peers have room beside them: neither keeps the other out.
#[derive(Clone)]
pub(crate) struct Inbox {
    inputs: Sender<Input>,
    seats: Arc<Semaphore>,
}

impl Inbox {
    /// An inbox with so many seats, and where the inputs come out.
    pub(crate) fn new(calls_max: usize) -> (Self, Receiver<Input>) {
        let (inputs, receiver) = channel(calls_max + MESSAGES_WAITING_MAX);
        (Self { inputs, seats: Arc::new(Semaphore::new(calls_max)) }, receiver)
    }

    /// Hands an input in.
    pub(crate) fn offer(&self, input: Input) -> Result<(), Refused> {
        self.inputs.try_send(input).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Full,
            TrySendError::Closed(_) => Refused::Ended,
        })
    }

    /// Hands in a call, if there is a seat for it, and gives back where its answer comes.
    pub(crate) fn call<T>(
        &self,
        input: impl FnOnce(Waiter<T>) -> Input,
    ) -> Result<oneshot::Receiver<T>, Refused> {
        let seat = Arc::clone(&self.seats).try_acquire_owned().map_err(|_| Refused::Full)?;
        let (answer, answered) = oneshot::channel();
        self.offer(input(Waiter { answer, _seat: seat }))?;
        Ok(answered)
    }

    /// Hands an input in and waits for its answer. Blocks, and waits while the inbox is full: for threads that may.
    pub(crate) fn ask<T>(&self, input: impl FnOnce(oneshot::Sender<T>) -> Input) -> Result<T, Refused> {
        let (answer, answered) = oneshot::channel();
        self.inputs.blocking_send(input(answer)).map_err(|_| Refused::Ended)?;
        answered.blocking_recv().map_err(|_| Refused::Ended)
    }

    /// Hands an input in that has no answer. Blocks while the inbox is full: for threads that may.
    pub(crate) fn tell(&self, input: Input) {
        // A member that has ended needs to know nothing.
        let _ = self.inputs.blocking_send(input);
    }

    /// Tells the member to stop. Blocks while the inbox is full.
    pub(crate) fn stop(&self) {
        self.tell(Input::Stop);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_its_seat_until_it_is_answered_even_if_it_hung_up() {
        let (inbox, mut inputs) = Inbox::new(1);
        drop(inbox.call(Input::Read).unwrap());
        let Ok(Input::Read(waiter)) = inputs.try_recv() else { panic!("a read was handed in") };
        assert_eq!(inbox.call(Input::Read).unwrap_err(), Refused::Full);
        waiter.answer(Err(Unavailable::Busy));
        assert!(inbox.call(Input::Read).is_ok());
    }

    #[test]
    fn peers_and_calls_have_room_beside_each_other() {
        let (inbox, _inputs) = Inbox::new(1);
        let (from, level) = (MemberId::new(2), Level::NEWEST);
        let message = || Input::Message { from, level, message: Bytes::new() };
        for _ in 0..MESSAGES_WAITING_MAX {
            inbox.offer(message()).unwrap();
        }
        assert!(inbox.call(Input::Read).is_ok());
        assert_eq!(inbox.offer(message()), Err(Refused::Full));
    }
}
