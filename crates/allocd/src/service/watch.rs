//! The stream of one watcher: what it missed, then what comes, and a sign of life while nothing does.

use std::sync::Arc;
use std::time::Duration;

use allocd_proto::status::status;
use allocd_proto::v1::WatchLeasesResponse;
use allocd_types::answer::{Answer, Changes, MoreOfRevision};
use allocd_types::id::Revision;
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::time::ClusterTime;
use futures::Stream;
use futures::stream;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, interval};
use tonic::Status;

use crate::replica_thread::View;
use crate::watch_hub::{Subscription, Told};

/// How often a watcher hears something even if nothing changes.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);
/// Most changes in one message; a revision with more is told in several.
const CHANGES_PER_MESSAGE_MAX: usize = 256;

type Message = Result<WatchLeasesResponse, Status>;

/// A watch under way.
struct Watch {
    subscription: Subscription,
    view: Arc<View>,
    signs: Interval,
    /// Messages that are ready, the next one last.
    ready: Vec<Message>,
    last: Revision,
    ended: bool,
}

/// The messages of one watch. Dropped when the client hangs up.
pub(super) fn watch(mut subscription: Subscription, view: Arc<View>) -> impl Stream<Item = Message> {
    // The first message comes at once: what was missed, or where now is.
    let last = subscription.last;
    let mut ready: Vec<Message> = subscription.backlog.drain(..).flat_map(messages).map(Ok).collect();
    if ready.is_empty() {
        ready.push(Ok(sign(last, view.state.load().now())));
    }
    ready.reverse();
    let mut signs = interval(SIGN_OF_LIFE);
    signs.reset();
    let watch = Watch { subscription, view, signs, ready, last, ended: false };
    stream::unfold(watch, |mut watch| async move { watch.next().await.map(|message| (message, watch)) })
}

impl Watch {
    async fn next(&mut self) -> Option<Message> {
        if let Some(message) = self.ready.pop() {
            return Some(message);
        }
        if self.ended {
            return None;
        }
        tokio::select! {
            told = self.subscription.live.recv() => match told {
                Ok(told) => {
                    self.last = told.revision;
                    self.ready = messages(told).map(Ok).collect();
                    self.ready.reverse();
                    self.ready.pop()
                }
                Err(RecvError::Lagged(missed)) => {
                    let message = format!("the watcher fell {missed} revisions behind and was cut off");
                    Some(self.end(&Problem::new(Reason::WatcherTooSlow, message).hint("watch again from the last complete revision + 1")))
                }
                Err(RecvError::Closed) => Some(self.end(&Problem::new(Reason::ShuttingDown, "this member is stopping"))),
            },
            _ = self.signs.tick() => {
                // A member that is cut off from its leader hears of nothing; its watchers must not take that for silence.
                if self.view.standing.borrow().leader.is_none() {
                    return Some(self.end(&Problem::new(Reason::NoLeader, "this member hears of no leader").hint("watch on another member")));
                }
                Some(Ok(sign(self.last, self.view.state.load().now())))
            }
        }
    }

    fn end(&mut self, problem: &Problem) -> Message {
        self.ended = true;
        Err(status(problem))
    }
}

fn sign(revision: Revision, now: ClusterTime) -> WatchLeasesResponse {
    Answer { value: Changes { changes: Vec::new(), more: MoreOfRevision::Complete }, revision, now }.into()
}

/// The messages of one revision.
fn messages(told: Told) -> impl Iterator<Item = WatchLeasesResponse> {
    let Told { revision, now, changes } = told;
    let parts: Vec<Vec<_>> = changes.chunks(CHANGES_PER_MESSAGE_MAX).map(<[_]>::to_vec).collect();
    let count = parts.len();
    parts.into_iter().enumerate().map(move |(at, changes)| {
        let more = if at + 1 == count { MoreOfRevision::Complete } else { MoreOfRevision::Follows };
        Answer { value: Changes { changes, more }, revision, now }.into()
    })
}
