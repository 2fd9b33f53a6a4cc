//! What follows from a round, done: messages are sent, those who wait are answered, watchers are told. Nothing here waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use allocd_proto::peer::v1::SnapshotAnnouncement;
use allocd_replica::{
    Answer, Author, ChangeRefused, Effect, Membership, Snapshot, SnapshotJob, Token, Unavailable,
};
use allocd_state::event::Event;
use allocd_state::state::State;
use allocd_types::id::{MemberId, Revision};
use prost::bytes::Bytes;

use crate::inbox::Waiter;
use crate::post::Post;
use crate::snapshots::{self, Parcel};
use crate::view::View;
use crate::watch_hub::{Told, WatchHub};

/// Where effects go.
pub(crate) struct Outlets {
    pub(crate) view: Arc<View>,
    pub(crate) post: Post,
    pub(crate) hub: Arc<WatchHub>,
}

/// What a command changed, until the state that it made is there to tell it by.
pub(crate) struct Untold {
    pub(crate) revision: Revision,
    pub(crate) by: Author,
    pub(crate) events: Vec<Event>,
}

impl Untold {
    /// It as watchers are told, as this state has it.
    pub(crate) fn told(self, state: &State) -> Told {
        let changes = self.events.iter().map(|event| state.tell(event)).collect();
        Told { revision: self.revision, now: state.now(), by: self.by, changes }
    }
}

/// Who waits for what.
#[derive(Default)]
pub(crate) struct Waiting {
    next: u64,
    pub(crate) answers: BTreeMap<Token, Waiter<Answer>>,
    pub(crate) reads: BTreeMap<Token, Waiter<Result<Arc<State>, Unavailable>>>,
    pub(crate) changes: BTreeMap<Token, Waiter<Result<Membership, ChangeRefused>>>,
}

impl Waiting {
    pub(crate) fn token(&mut self) -> Token {
        self.next += 1;
        Token(self.next)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.reads.is_empty() && self.changes.is_empty()
    }
}

/// Performs one effect. Events wait for the state they made, to be told with it.
pub(crate) fn perform(
    effect: Effect,
    outlets: &mut Outlets,
    waiting: &mut Waiting,
    events: &mut Vec<Untold>,
) {
    match effect {
        Effect::Send { to, message } => outlets.post.send(to, message),
        Effect::Events { revision, by, events: changed } => {
            events.push(Untold { revision, by, events: changed });
        }
        Effect::State(state) => {
            for untold in events.drain(..) {
                outlets.hub.publish(untold.told(&state));
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
