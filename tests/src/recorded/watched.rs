//! Watches of single members, whose words become the simulator's events.

use std::sync::Arc;

use allocd_client::client::Client;
use allocd_state::event::{Event, FreedCause};
use allocd_state::record::{LeaseRecord, RestDeadlines};
use allocd_types::answer::MoreOfRevision;
use allocd_types::change::Change;
use allocd_types::id::Revision;
use allocd_types::lease::Lease;
use allocd_types::reason::Reason;
use allocd_types::time::ClusterTime;
use tokio::task::JoinHandle;

use super::Record;

/// A watch that goes on until this value is dropped.
#[derive(Debug)]
pub struct Watching(JoinHandle<()>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Record {
    /// Writes down what a client is told from the first revision on, under the name of a member.
    ///
    /// A member that came back from a snapshot has forgotten what was before; another watch has heard that, or the record lacks
    /// it and is refused in the end.
    #[must_use]
    pub fn watch(&self, member: u64, client: Client) -> Watching {
        Watching(tokio::spawn(follow(self.clone(), member, client)))
    }
}

async fn follow(record: Record, member: u64, client: Client) {
    let mut watch = client.watch(Revision::new(1));
    let mut parts = Vec::new();
    loop {
        match watch.next().await {
            Ok(told) => {
                // A sign of life has no changes, and neither have the rests that nobody judges here.
                parts.extend(told.changes.iter().filter_map(event));
                if told.more == MoreOfRevision::Complete {
                    record.told(member, told.revision.get(), std::mem::take(&mut parts));
                }
            }
            Err(error) if error.problem.reason == Reason::Compacted => {
                let first = error.problem.metadata.get("first_revision").and_then(|first| first.parse().ok());
                watch = client.watch(Revision::new(first.expect("it says what it has")));
                parts.clear();
            }
            // The member is away for longer than a call may take: it is asked again.
            Err(_) => {}
        }
    }
}

/// What a change is to the checkers; nothing if none of them minds.
fn event(change: &Change) -> Option<Event> {
    let freed = |lease: &Lease, cause| {
        let none = ClusterTime::default();
        let rest = RestDeadlines { index: none, macs: none, addresses: none };
        Some(Event::LeaseFreed { lease: Arc::new(record_of(lease)), cause, rest })
    };
    match change {
        Change::LeaseGranted(lease) => Some(Event::LeaseGranted(Arc::new(record_of(lease)))),
        Change::LeaseReleased(lease) => freed(lease, FreedCause::Released),
        Change::LeaseExpired(lease) => freed(lease, FreedCause::Expired),
        Change::SuspectFreed(lease) => freed(lease, FreedCause::Suspect),
        Change::HostCreated(host) => Some(Event::HostCreated(host.spec.clone())),
        Change::LeaseRenewed(_)
        | Change::ValueRested(_)
        | Change::NetworkCreated(_)
        | Change::NetworkUpdated(_)
        | Change::NetworkDeleted(_)
        | Change::PoolCreated(_)
        | Change::PoolUpdated(_)
        | Change::PoolDeleted(_)
        | Change::HostRegistered(_)
        | Change::HostDeleted(_)
        | Change::LeaseBound(_)
        | Change::LeaseAdopted(_)
        | Change::LeaseReleasing(_)
        | Change::LeaseMoveBegun(_)
        | Change::LeaseMoveCancelled(_)
        | Change::LeaseMoved { .. }
        | Change::LeaseDeclined { .. }
        | Change::DeclineNoted(_)
        | Change::DeclineCleared(_)
        | Change::LeaseSuspected(_)
        | Change::LeaseFound(_)
        | Change::HostStateChanged(_)
        | Change::HostReturned(_)
        | Change::ReservationCreated(_)
        | Change::ReservationDeleted(_)
        | Change::ExclusionCreated(_)
        | Change::ExclusionDeleted(_)
        | Change::RecoveryChanged(_) => None,
    }
}

/// A lease as members keep it, without its lifetime: what remains of that depends on when it is told.
pub(super) fn record_of(lease: &Lease) -> LeaseRecord {
    LeaseRecord {
        id: lease.id,
        holder: lease.holder.clone(),
        network: lease.network.clone(),
        kind: lease.kind,
        index: lease.index,
        macs: lease.macs,
        addresses: lease.addresses.iter().map(|leased| leased.address).collect(),
        state: lease.state,
        is_delivered: lease.is_delivered,
        migration: lease.migration.clone().map(Arc::new),
        retired: None,
        generation: lease.generation,
        lifetime: None,
        granted_at: lease.granted_at,
        labels: lease.labels.clone(),
    }
}
