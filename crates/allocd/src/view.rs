//! What everybody may look at without asking the replica.
//!
//! The state itself is shown only once somebody asked the replica for it, and only until it changes: a version that is kept makes
//! every change copy what it touches (decision 0011). What is looked at all the time is small and always there.

use std::sync::Arc;

use allocd_replica::Standing;
use allocd_state::state::State;
use allocd_types::id::Revision;
use allocd_types::time::ClusterTime;
use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::sync::watch;

/// What everybody may look at. The replica's task alone changes it.
pub(crate) struct View {
    state: ArcSwapOption<State>,
    moment: ArcSwap<Moment>,
    /// Where the member stands.
    pub(crate) standing: watch::Sender<Standing>,
}

/// How far this member has applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) revision: Revision,
    pub(crate) now: ClusterTime,
    /// Whether some lease ends by itself.
    pub(crate) has_lifetimes: bool,
}

impl View {
    /// The view of a member that starts with this state.
    pub(crate) fn new(state: &State, standing: watch::Sender<Standing>) -> Self {
        Self { state: ArcSwapOption::empty(), moment: ArcSwap::from_pointee(Moment::of(state)), standing }
    }

    /// How far this member has applied.
    pub(crate) fn moment(&self) -> Moment {
        **self.moment.load()
    }

    /// The state as far as this member has applied it, if the replica has shown it since it changed.
    pub(crate) fn state(&self) -> Option<Arc<State>> {
        self.state.load_full()
    }

    /// Notes that the state has changed to this. What was shown before is let go of.
    pub(crate) fn outdate(&self, state: &State) {
        self.moment.store(Arc::new(Moment::of(state)));
        if self.state.load().is_some() {
            self.state.store(None);
        }
    }

    /// Shows the state until it changes.
    pub(crate) fn show(&self, state: Arc<State>) {
        self.state.store(Some(state));
    }
}

impl Moment {
    fn of(state: &State) -> Self {
        Self { revision: state.revision(), now: state.now(), has_lifetimes: state.has_lifetimes() }
    }
}

#[cfg(test)]
mod tests {
    use allocd_replica::Role;

    use super::*;

    #[test]
    fn a_state_is_shown_until_it_changes_and_kept_no_longer() {
        let (standing, _) = watch::channel(Standing { role: Role::Follower, term: 0, leader: None });
        let state = Arc::new(State::default());
        let view = View::new(&state, standing);
        assert_eq!(view.state(), None);
        view.show(Arc::clone(&state));
        assert_eq!(view.state(), Some(Arc::clone(&state)));
        view.outdate(&state);
        assert_eq!(view.state(), None);
        assert_eq!(Arc::strong_count(&state), 1);
        assert_eq!(view.moment(), Moment::of(&state));
    }
}
