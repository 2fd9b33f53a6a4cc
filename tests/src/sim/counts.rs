//! What happened how often in a run, so that an idle run cannot pass for a hard one.

use allocd_state::event::{Event, FreedCause};
use allocd_types::host::HostState;
use serde::Serialize;

/// What happened how often.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Operations that were answered.
    pub operations: u64,
    /// Elections that were won.
    pub elections: u64,
    /// Members that lost their power.
    pub crashes: u64,
    /// Times that ways were closed.
    pub partitions: u64,
    /// Snapshots that came from a peer and took the place of a log.
    pub snapshots: u64,
    /// Snapshots that a member took of itself.
    pub snapshots_taken: u64,
    /// Snapshots that were sent and did not arrive, as far as the sender was told.
    pub snapshots_failed: u64,
    /// Changes of members that were applied.
    pub membership_changes: u64,
    /// Clusters that began with a backup.
    pub restores: u64,
    /// Of these, recoveries that came to their end.
    pub recoveries: u64,
    /// Leases that were taken over after that, as they lived on a host with an agent.
    pub adopted: u64,
    /// Leases that ended because their host said that nothing of them is left.
    pub confirmed: u64,
    /// Leases that came to another host.
    pub moved: u64,
    /// Values that were declined and exchanged.
    pub declined: u64,
    /// Leases that ended because their hosts had lost them for long enough.
    pub suspects_freed: u64,
    /// Hosts that were declared off.
    pub fenced: u64,
    /// Of these, those that came back with nothing left.
    pub returned: u64,
    /// The last revision whose events are in these counts.
    #[serde(skip)]
    counted: u64,
}

impl Counts {
    /// Counts what a revision changed, the first time that it is told.
    pub fn take(&mut self, revision: u64, events: &[Event]) {
        if revision <= self.counted {
            return;
        }
        self.counted = revision;
        let count =
            |is_one: fn(&Event) -> bool| events.iter().map(|event| u64::from(is_one(event))).sum::<u64>();
        self.confirmed +=
            count(|event| matches!(event, Event::LeaseFreed { cause: FreedCause::Confirmed, .. }));
        self.adopted += count(|event| matches!(event, Event::LeaseAdopted { .. }));
        self.suspects_freed +=
            count(|event| matches!(event, Event::LeaseFreed { cause: FreedCause::Suspect, .. }));
        self.moved += count(|event| matches!(event, Event::LeaseMoved { .. }));
        self.declined += count(|event| matches!(event, Event::LeaseDeclined { .. }));
        self.fenced +=
            count(|event| matches!(event, Event::HostStateChanged { state: HostState::Fenced, .. }));
        self.returned += count(|event| matches!(event, Event::HostReturned(_)));
    }
}
