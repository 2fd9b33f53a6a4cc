//! What a replica asks its caller to do, and the values that go with it.
//!
//! Effects are handed out one by one, in an order that matters: messages of a leader before its flush, everything else
//! after; the events and the state of a commit before the answers that tell of it.

use std::sync::Arc;

use allocd_state::event::Event;
use allocd_state::response::Response;
use allocd_state::state::State;
use allocd_types::id::{Caller, MemberId, RequestId, Revision};
use allocd_types::rejection::Rejection;
use allocd_types::time::WallTime;
use prost::bytes::Bytes;

use crate::change::ChangeRefused;
use crate::codec::{Level, Snapshot};
use crate::levels::UpgradePending;
use crate::membership::Membership;
use crate::snapshots::SnapshotJob;

/// What a caller calls its own proposal or read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// Who asked for a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The caller, as it calls itself.
    pub caller: Caller,
    /// The id that it gave the request.
    pub request_id: RequestId,
    /// What the command is called.
    pub command: &'static str,
    /// The leader's wall clock then: a label for people.
    pub labelled_at: WallTime,
}

/// One thing to be done by the caller.
#[derive(Debug)]
pub enum Effect {
    /// Send a message to a peer; it may be lost, repeated or overtaken.
    Send {
        /// The peer.
        to: MemberId,
        /// The message, for the peer's [`crate::Replica::step`].
        message: Bytes,
    },
    /// Tell the watchers what a command changed.
    Events {
        /// The revision that the command made.
        revision: Revision,
        /// Who asked for it.
        by: Author,
        /// What changed, in order.
        events: Vec<Event>,
    },
    /// What was shown of the state is outdated; this is the newer one. To let go of it soon keeps changes cheap
    /// ([`crate::Replica::share_state`] gives it again).
    State(Arc<State>),
    /// Answer a proposal.
    Answer {
        /// Which one.
        token: Token,
        /// What became of it.
        answer: Answer,
    },
    /// Answer a read.
    Read {
        /// Which one.
        token: Token,
        /// A state at least as new as the read itself, to be queried.
        state: Result<Arc<State>, Unavailable>,
    },
    /// Encode a snapshot elsewhere, hand its parts in by [`crate::Replica::add_snapshot_part`], then finish or abandon it.
    StoreSnapshot {
        /// What to call it by.
        job: SnapshotJob,
        /// What to encode.
        snapshot: Snapshot,
    },
    /// Send a snapshot to a peer in a call of its own: the message for its [`crate::Replica::begin_install`], then the parts.
    /// Then, in any case, tell [`crate::Replica::report_snapshot`].
    SendSnapshot {
        /// The peer.
        to: MemberId,
        /// What it said that it understands. If the snapshot is above, it will stop: a person has to know of it.
        understood: Level,
        /// What to call it by.
        job: SnapshotJob,
        /// The message that announces it.
        message: Bytes,
        /// What to encode.
        snapshot: Snapshot,
    },
    /// Show a state that a snapshot brought. What happened before it is not known: watchers have to read anew.
    Installed(Arc<State>),
    /// Answer a change of members.
    Changed {
        /// Which one.
        token: Token,
        /// The members after it, or why it was refused.
        outcome: Box<Result<Membership, ChangeRefused>>,
    },
    /// Reach the members that there are now, and no others. A member that is none of them any more should stop.
    Members(Membership),
    /// Note a change of roles.
    Role(Standing),
}

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It was applied, with this outcome, on every member alike.
    Applied {
        /// The revision after it.
        revision: Revision,
        /// The machine's yes or no.
        outcome: Box<Result<Response, Rejection>>,
    },
    /// It was not, or nobody here can know; try again with the same request id.
    Unavailable(Unavailable),
    /// It was not proposed: a member would not understand it.
    UpgradePending(UpgradePending),
    /// It can never be applied: no entry may be so large.
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The most there may be: [`crate::COMMAND_BYTES_MAX`].
        bytes_max: usize,
    },
}

/// Why a member has no answer. Whoever asks again keeps the request id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// Another member leads, or none does. Nothing was proposed.
    #[error("this member does not lead")]
    NotLeader {
        /// Who does, as far as this member knows.
        leader: Option<MemberId>,
    },
    /// The leadership was lost in between. It may have been applied or not.
    #[error("the leadership was lost before the outcome was known")]
    OutcomeUnknown {
        /// Who leads now, as far as this member knows.
        leader: Option<MemberId>,
    },
    /// Too much is waiting already. Nothing was proposed.
    #[error("too much is waiting to be committed")]
    Busy,
    /// No majority confirmed the read in time.
    #[error("no majority confirmed the read in time")]
    Unconfirmed {
        /// Who leads, as far as this member knows.
        leader: Option<MemberId>,
    },
}

/// A member's part in its term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It follows a leader, or waits for one.
    Follower,
    /// It stands for election, or asks whether it should.
    Candidate,
    /// It leads.
    Leader,
}

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its part.
    pub role: Role,
    /// Its term.
    pub term: u64,
    /// Who leads in that term, as far as it knows.
    pub leader: Option<MemberId>,
}

/// A member's progress, for operators and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Where it stands.
    pub standing: Standing,
    /// The highest index it knows to be committed.
    pub committed: u64,
    /// The highest index it has applied.
    pub applied: u64,
    /// The last index of its log.
    pub last: u64,
    /// Proposals that wait for their commit.
    pub proposals_waiting: usize,
    /// Reads that wait for a confirmation or for their index.
    pub reads_waiting: usize,
    /// What it understands of the log.
    pub understands: Level,
    /// The highest level of what it has applied.
    pub level_in_use: Level,
}
