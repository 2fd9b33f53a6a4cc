//! The life of a member: it serves, it stops, it has stopped. Everything that would go on for ever waits for one of these.

use tokio::sync::watch;

/// Where a member is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// It takes calls.
    Serves,
    /// It takes no new connections; what is under way is finished, and watchers are sent away.
    Stops,
    /// Its replica has ended: what peers send is for nobody.
    Stopped,
}

/// Tells of the phases.
#[derive(Debug, Clone)]
pub(crate) struct Phases(watch::Receiver<Phase>);

impl Phases {
    /// The phases, and who decides on them.
    pub(crate) fn new() -> (watch::Sender<Phase>, Self) {
        let (sender, phases) = watch::channel(Phase::Serves);
        (sender, Self(phases))
    }

    /// Waits until a phase is reached or passed.
    pub(crate) async fn reached(&mut self, phase: Phase) {
        // A member whose decider is gone has stopped.
        let _ = self.0.wait_for(|now| *now >= phase).await;
    }
}
