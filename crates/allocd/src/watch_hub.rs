//! The watch hub: keeps the recent changes by revision, for whoever watches.
//!
//! There is one memory for all watchers, bounded by the number of changes in it; a watcher is only a place in it. One that asks
//! for what is no longer kept is told so, and one that does not keep up is cut off; neither holds up anybody else.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use allocd_replica::Author;
use allocd_types::change::Change;
use allocd_types::id::Revision;
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::time::ClusterTime;
use tokio::sync::watch;

/// Most changes that are kept; the last revision is kept however many it has.
const CHANGES_KEPT_MAX: usize = 65_536;

/// What one revision changed.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) revision: Revision,
    pub(crate) now: ClusterTime,
    pub(crate) by: Author,
    pub(crate) changes: Vec<Option<Change>>,
}

/// The last revisions without a gap, as many as may be kept.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    revisions: VecDeque<(usize, T)>,
    changes: usize,
}

impl<T> Kept<T> {
    pub(crate) const fn new() -> Self {
        Self { revisions: VecDeque::new(), changes: 0 }
    }

    /// Keeps what is told of the next revision, and lets go of the oldest beyond the bound.
    pub(crate) fn push(&mut self, changes: usize, told: T) {
        self.revisions.push_back((changes, told));
        self.changes += changes;
        while self.changes > CHANGES_KEPT_MAX && self.revisions.len() > 1 {
            self.changes -= self.revisions.pop_front().map_or(0, |(changes, _)| changes);
        }
    }

    /// All that is kept, the oldest first.
    pub(crate) fn into_told(self) -> impl Iterator<Item = T> {
        self.revisions.into_iter().map(|(_, told)| told)
    }
}

/// The recent changes.
pub(crate) struct WatchHub {
    recent: Mutex<Kept<Arc<Told>>>,
    last: watch::Sender<Revision>,
}

/// A watcher's place.
pub(crate) struct Subscription {
    hub: Arc<WatchHub>,
    last: watch::Receiver<Revision>,
    next: Revision,
}

impl WatchHub {
    /// An empty hub whose next change is of the revision after this.
    pub(crate) fn new(last: Revision) -> Self {
        Self { recent: Mutex::new(Kept::new()), last: watch::Sender::new(last) }
    }

    /// Tells what the next revision changed.
    pub(crate) fn publish(&self, told: Told) {
        let revision = told.revision;
        self.lock().push(told.changes.len(), Arc::new(told));
        self.last.send_replace(revision);
    }

    /// Lets go of everything: what was changed up to this revision is not known.
    pub(crate) fn begin_anew(&self, last: Revision) {
        *self.lock() = Kept::new();
        self.last.send_replace(last);
    }

    /// The last revision that was told.
    pub(crate) fn last(&self) -> Revision {
        *self.last.borrow()
    }

    /// Begins a watch from a revision on; 0 is the first after the current one.
    pub(crate) fn subscribe(self: &Arc<Self>, from: Revision) -> Result<Subscription, Problem> {
        let last = self.last.subscribe();
        let current = *last.borrow();
        let next = if from.get() == 0 { current.next() } else { from };
        let first_kept = self.first_kept();
        if next < first_kept {
            return Err(Problem::new(
                Reason::Compacted,
                format!("revision {next} is no longer kept; the first that is: {first_kept}"),
            )
            .hint("list everything anew, then watch from the list's revision + 1")
            .with("first_revision", first_kept));
        }
        Ok(Subscription { hub: Arc::clone(self), last, next })
    }

    /// Everything that is kept, the oldest first, and the first revision of it.
    pub(crate) fn kept(&self) -> (Revision, Vec<Arc<Told>>) {
        let next = self.last().next();
        let kept: Vec<_> = self.lock().revisions.iter().map(|(_, told)| Arc::clone(told)).collect();
        (kept.first().map_or(next, |told| told.revision), kept)
    }

    fn first_kept(&self) -> Revision {
        let last = self.last();
        self.lock().revisions.front().map_or(last.next(), |(_, told)| told.revision)
    }

    /// The lock is held for moments only and nothing in it panics; a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Kept<Arc<Told>>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// Whether something can be told at once.
    pub(crate) fn is_behind(&self) -> bool {
        self.next <= self.hub.last()
    }

    /// Waits for what the next revision changed. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Arc<Told>, Problem> {
        loop {
            if self.next <= *self.last.borrow_and_update() {
                return self.take();
            }
            // The sender lives in the hub, which lives as long as this.
            let _ = self.last.changed().await;
        }
    }

    fn take(&mut self) -> Result<Arc<Told>, Problem> {
        let recent = self.hub.lock();
        let first = recent.revisions.front().map_or(self.next, |(_, told)| told.revision);
        let place = self.next.get().checked_sub(first.get()).and_then(|place| usize::try_from(place).ok());
        let told = place.and_then(|place| recent.revisions.get(place)).map(|(_, told)| Arc::clone(told));
        let told = told.ok_or_else(|| {
            let message = format!("the watcher fell back to revision {}, which is no longer kept", self.next);
            Problem::new(Reason::WatcherTooSlow, message)
                .hint("watch again from the last complete revision + 1")
        })?;
        self.next = self.next.next();
        Ok(told)
    }
}

#[cfg(test)]
mod tests {
    use allocd_types::id::{Caller, RequestId};
    use allocd_types::time::WallTime;
    use futures::FutureExt as _;

    use super::*;

    fn by() -> Author {
        Author {
            caller: Caller::new("ops").unwrap(),
            request_id: RequestId::new("r1").unwrap(),
            command: "CreateHost",
            labelled_at: WallTime::default(),
        }
    }

    fn publish(hub: &WatchHub, revisions: std::ops::RangeInclusive<u64>) {
        for revision in revisions.map(Revision::new) {
            hub.publish(Told { revision, now: ClusterTime::default(), by: by(), changes: vec![None] });
        }
    }

    #[test]
    fn after_a_gap_nobody_is_told_what_was_before_it() {
        let hub = Arc::new(WatchHub::new(Revision::new(0)));
        publish(&hub, 1..=3);
        let mut watch = hub.subscribe(Revision::new(0)).unwrap();
        hub.begin_anew(Revision::new(9));
        let problem = watch.next().now_or_never().unwrap().unwrap_err();
        assert_eq!(problem.reason, Reason::WatcherTooSlow);
        assert_eq!(hub.subscribe(Revision::new(9)).map(drop).unwrap_err().reason, Reason::Compacted);
        let mut watch = hub.subscribe(Revision::new(10)).unwrap();
        publish(&hub, 10..=10);
        assert_eq!(told(&mut watch), Some(10));
    }

    /// The revision that is told at once, if one is.
    fn told(watch: &mut Subscription) -> Option<u64> {
        watch.next().now_or_never().map(|told| told.unwrap().revision.get())
    }

    #[test]
    fn a_watch_begins_where_it_is_told_without_a_gap() {
        let hub = Arc::new(WatchHub::new(Revision::new(4)));
        publish(&hub, 5..=7);
        let mut watch = hub.subscribe(Revision::new(6)).unwrap();
        assert!(watch.is_behind());
        assert_eq!([told(&mut watch), told(&mut watch), told(&mut watch)], [Some(6), Some(7), None]);
        publish(&hub, 8..=8);
        assert_eq!(told(&mut watch), Some(8));
        let mut from_now = hub.subscribe(Revision::default()).unwrap();
        assert!(!from_now.is_behind());
        assert_eq!(told(&mut from_now), None);
    }

    #[test]
    fn a_watch_from_a_later_revision_hears_of_none_before() {
        let hub = Arc::new(WatchHub::new(Revision::new(4)));
        let mut watch = hub.subscribe(Revision::new(7)).unwrap();
        publish(&hub, 5..=6);
        assert_eq!(told(&mut watch), None);
        publish(&hub, 7..=7);
        assert_eq!(told(&mut watch), Some(7));
    }

    #[test]
    fn what_is_no_longer_kept_is_compacted() {
        let hub = Arc::new(WatchHub::new(Revision::new(4)));
        assert_eq!(hub.subscribe(Revision::new(4)).err().unwrap().reason, Reason::Compacted);
        let last = u64::try_from(CHANGES_KEPT_MAX).unwrap() + 10;
        publish(&hub, 5..=last);
        let problem = hub.subscribe(Revision::new(5)).err().unwrap();
        assert_eq!((problem.reason, problem.metadata["first_revision"].as_str()), (Reason::Compacted, "11"));
        assert!(hub.subscribe(Revision::new(11)).is_ok());
    }

    #[test]
    fn a_slow_watcher_is_cut_off_and_harms_nobody() {
        let hub = Arc::new(WatchHub::new(Revision::default()));
        let mut slow = hub.subscribe(Revision::default()).unwrap();
        publish(&hub, 1..=u64::try_from(CHANGES_KEPT_MAX).unwrap() + 1);
        let problem = slow.next().now_or_never().unwrap().unwrap_err();
        assert_eq!(problem.reason, Reason::WatcherTooSlow);
    }

    #[test]
    fn the_bound_is_on_changes_and_the_last_revision_is_kept_however_large() {
        let mut kept = Kept::new();
        kept.push(1, 'a');
        kept.push(CHANGES_KEPT_MAX + 1, 'b');
        kept.push(1, 'c');
        assert_eq!(kept.into_told().collect::<Vec<_>>(), ['c']);
    }
}
