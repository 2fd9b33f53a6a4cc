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
use tokio::time::{Interval, interval};
use tonic::Status;

use crate::phase::{Phase, Phases};
use crate::view::View;
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
    phases: Phases,
    signs: Interval,
    /// Messages that are ready, the next one last.
    ready: Vec<WatchLeasesResponse>,
    last: Revision,
    ended: bool,
}

/// The messages of one watch, from the first after `last` on. Dropped when the client hangs up.
pub(super) fn watch(
    subscription: Subscription,
    last: Revision,
    view: Arc<View>,
    phases: Phases,
) -> impl Stream<Item = Message> {
    // The first message comes at once: what was missed, or where now is.
    let is_behind = subscription.is_behind();
    let ready = if is_behind { Vec::new() } else { vec![sign(last, view.moment().now)] };
    let mut signs = interval(SIGN_OF_LIFE);
    signs.reset();
    let watch = Watch { subscription, view, phases, signs, ready, last, ended: false };
    stream::unfold(watch, |mut watch| async move { watch.next().await.map(|message| (message, watch)) })
}

impl Watch {
    async fn next(&mut self) -> Option<Message> {
        if let Some(message) = self.ready.pop() {
            return Some(Ok(message));
        }
        if self.ended {
            return None;
        }
        tokio::select! {
            told = self.subscription.next() => match told {
                Ok(told) => {
                    self.last = told.revision;
                    self.ready = messages(&told);
                    self.ready.pop().map(Ok)
                }
                Err(problem) => Some(self.end(&problem)),
            },
            () = self.phases.reached(Phase::Stops) => {
                Some(self.end(&Problem::new(Reason::ShuttingDown, "this member is stopping").hint("watch on another member")))
            }
            _ = self.signs.tick() => {
                // A member that is cut off from its leader hears of nothing; its watchers must not take that for silence.
                if self.view.standing.borrow().leader.is_none() {
                    return Some(self.end(&Problem::new(Reason::NoLeader, "this member hears of no leader").hint("watch on another member")));
                }
                Some(Ok(sign(self.last, self.view.moment().now)))
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

/// The messages of one revision, the first one last. There is always one.
fn messages(told: &Told) -> Vec<WatchLeasesResponse> {
    let Told { revision, now, by: _, changes } = told;
    let message = |changes: &[_], more| {
        Answer { value: Changes { changes: changes.to_vec(), more }, revision: *revision, now: *now }.into()
    };
    let mut parts = changes.chunks(CHANGES_PER_MESSAGE_MAX).rev();
    let last = message(parts.next().unwrap_or_default(), MoreOfRevision::Complete);
    std::iter::once(last).chain(parts.map(|part| message(part, MoreOfRevision::Follows))).collect()
}
