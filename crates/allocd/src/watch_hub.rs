//! The watch hub: keeps the recent changes by revision, and hands new ones to whoever watches.
//!
//! Its memory is bounded, and so is each watcher's queue. A watcher that asks for what is no longer kept is told so, and one
//! that does not keep up is cut off; neither holds up anybody else.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use allocd_types::change::Change;
use allocd_types::id::Revision;
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::time::ClusterTime;
use tokio::sync::broadcast;

/// Most revisions that are kept for watchers that come late.
const REVISIONS_KEPT_MAX: usize = 16_384;
/// Most revisions that may wait for one watcher.
const REVISIONS_WAITING_MAX: usize = 4_096;

/// What one revision changed.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) revision: Revision,
    pub(crate) now: ClusterTime,
    pub(crate) changes: Vec<Option<Change>>,
}

/// The recent changes, and those who watch.
pub(crate) struct WatchHub {
    recent: Mutex<Recent>,
    watchers: broadcast::Sender<Told>,
}

#[derive(Default)]
struct Recent {
    last: Revision,
    kept: VecDeque<Told>,
}

/// What a watcher has to be told at once, and where the rest comes from.
pub(crate) struct Subscription {
    pub(crate) last: Revision,
    pub(crate) backlog: Vec<Told>,
    pub(crate) live: broadcast::Receiver<Told>,
}

impl WatchHub {
    /// An empty hub whose next change is of a later revision than this.
    pub(crate) fn new(last: Revision) -> Self {
        let (watchers, _) = broadcast::channel(REVISIONS_WAITING_MAX);
        Self { recent: Mutex::new(Recent { last, kept: VecDeque::new() }), watchers }
    }

    /// Tells what a revision changed.
    pub(crate) fn publish(&self, revision: Revision, now: ClusterTime, changes: Vec<Option<Change>>) {
        let told = Told { revision, now, changes };
        let mut recent = self.lock();
        recent.last = revision;
        recent.kept.push_back(told.clone());
        if recent.kept.len() > REVISIONS_KEPT_MAX {
            recent.kept.pop_front();
        }
        // Nobody watching is no error.
        let _ = self.watchers.send(told);
    }

    /// Begins a watch from a revision on; 0 is the first after the current one.
    pub(crate) fn subscribe(&self, from: Revision) -> Result<Subscription, Problem> {
        let recent = self.lock();
        let from = if from.get() == 0 { recent.last.next() } else { from };
        let first_kept = recent.kept.front().map_or(recent.last.next(), |told| told.revision);
        if from < first_kept {
            return Err(Problem::new(
                Reason::Compacted,
                format!("revision {from} is no longer kept; the first that is: {first_kept}"),
            )
            .hint("list everything anew, then watch from the list's revision + 1")
            .with("first_revision", first_kept));
        }
        let backlog = recent.kept.iter().filter(|told| told.revision >= from).cloned().collect();
        Ok(Subscription { last: recent.last, backlog, live: self.watchers.subscribe() })
    }

    /// The lock is held for moments only and nothing in them panics; a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(hub: &WatchHub, revisions: std::ops::RangeInclusive<u64>) {
        for revision in revisions {
            hub.publish(Revision::new(revision), ClusterTime::default(), Vec::new());
        }
    }

    #[test]
    fn a_watch_begins_where_it_is_told_without_a_gap() {
        let hub = WatchHub::new(Revision::new(4));
        publish(&hub, 5..=7);
        let mut watch = hub.subscribe(Revision::new(6)).unwrap();
        let backlog: Vec<u64> = watch.backlog.iter().map(|told| told.revision.get()).collect();
        assert_eq!(backlog, [6, 7]);
        publish(&hub, 8..=8);
        assert_eq!(watch.live.try_recv().unwrap().revision.get(), 8);
        assert!(hub.subscribe(Revision::default()).unwrap().backlog.is_empty());
    }

    #[test]
    fn what_is_no_longer_kept_is_compacted() {
        let hub = WatchHub::new(Revision::new(4));
        assert_eq!(hub.subscribe(Revision::new(4)).err().unwrap().reason, Reason::Compacted);
        let last = u64::try_from(REVISIONS_KEPT_MAX).unwrap() + 10;
        publish(&hub, 5..=last);
        assert_eq!(hub.subscribe(Revision::new(5)).err().unwrap().reason, Reason::Compacted);
    }

    #[test]
    fn a_slow_watcher_is_cut_off_and_harms_nobody() {
        let hub = WatchHub::new(Revision::default());
        let mut slow = hub.subscribe(Revision::default()).unwrap();
        publish(&hub, 1..=u64::try_from(REVISIONS_WAITING_MAX).unwrap() + 1);
        assert!(matches!(slow.live.try_recv(), Err(broadcast::error::TryRecvError::Lagged(_))));
    }
}
