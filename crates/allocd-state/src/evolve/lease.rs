//! What events about leases do.

use std::sync::Arc;

use allocd_types::host::HostState;
use allocd_types::id::LeaseId;
use allocd_types::lease::LeaseState;
use allocd_types::time::ClusterTime;

use super::suspicion;
use crate::event::FreedCause;
use crate::record::{LeaseRecord, Lifetime, RestDeadlines};
use crate::space::Memory;
use crate::state::{Allocations, FormerLease, Place};

/// Puts a lease in everywhere where it is known.
pub(super) fn hold(all: &mut Allocations, record: Arc<LeaseRecord>) {
    for place in all.places(&record) {
        all.edit(&place.space, |space| space.lease(place.number, record.id));
    }
    if let Some(host) = all.host_mut(&record.holder.host) {
        host.holders.insert(&record.holder, record.id);
    }
    enter(all, record);
}

/// Puts a lease in where it is known by its id, and counts it.
pub(crate) fn enter(all: &mut Allocations, record: Arc<LeaseRecord>) {
    if let Some(network) = all.network_mut(&record.network) {
        network.leases += 1;
    }
    if let Some(lifetime) = record.lifetime.filter(|_| !all.is_unconfirmed(&record)) {
        all.lease_deadlines.insert((lifetime.ends_at, record.id));
    }
    if record.is_awaited()
        && let Some(host) = all.host_mut(&record.holder.host)
    {
        host.awaited.insert(record.id);
        if host.state == HostState::Fenced {
            all.unsettled.insert(record.holder.host.clone());
        }
    }
    if let Some(next) = record.next_holder()
        && let Some(host) = all.host_mut(&next.host)
    {
        host.incoming.insert(&next, record.id);
    }
    all.next_lease = all.next_lease.max(record.id.next());
    all.leases.insert(record.id, record);
}

/// Takes a lease out of where [`enter`] has put it.
pub(super) fn leave(all: &mut Allocations, record: &LeaseRecord) {
    all.leases.remove(&record.id);
    if let Some(lifetime) = record.lifetime {
        all.lease_deadlines.remove(&(lifetime.ends_at, record.id));
    }
    if let Some(network) = all.network_mut(&record.network) {
        network.leases -= 1;
    }
    suspicion::ended(all, record);
    // To change what is not there would copy what a version holds.
    if all.hosts.get(&record.holder.host).is_some_and(|host| host.awaited.contains(&record.id))
        && let Some(host) = all.host_mut(&record.holder.host)
    {
        host.awaited.remove(&record.id);
        if host.awaited.is_empty() {
            all.unsettled.remove(&record.holder.host);
        }
    }
    if let Some(next) = record.next_holder()
        && let Some(host) = all.host_mut(&next.host)
    {
        host.incoming.remove(&next, record.id);
    }
}

/// Puts another record of a lease in the place of the one there is, with other values or another holder. What only the old one has
/// rests for nobody, as long as is said of each place.
pub(super) fn replace(
    all: &mut Allocations,
    (old, new): (&LeaseRecord, &Arc<LeaseRecord>),
    rests_until: impl Fn(&Allocations, &Place) -> ClusterTime,
) {
    let (before, after) = (all.places(old), all.places(new));
    for place in before.iter().filter(|place| !after.contains(place)) {
        let memory = Memory { lease: Memory::NOBODY, rests_until: rests_until(all, place) };
        all.edit(&place.space, |space| {
            space.free(place.number, memory);
            None
        });
    }
    for place in after.iter().filter(|place| !before.contains(place)) {
        all.edit(&place.space, |space| space.lease(place.number, new.id));
    }
    leave(all, old);
    if old.holder != new.holder {
        if let Some(host) = all.host_mut(&old.holder.host) {
            host.holders.remove(&old.holder, old.id);
        }
        if let Some(host) = all.host_mut(&new.holder.host) {
            host.holders.insert(&new.holder, new.id);
        }
    }
    enter(all, Arc::clone(new));
}

/// Makes another record of a lease, of the same values and the same holder.
pub(super) fn exchange(all: &mut Allocations, id: LeaseId, change: impl FnOnce(&mut LeaseRecord)) {
    let Some(old) = all.leases.get(&id).map(Arc::clone) else { return };
    let mut new = (*old).clone();
    change(&mut new);
    leave(all, &old);
    enter(all, Arc::new(new));
}

pub(super) fn bound(all: &mut Allocations, id: LeaseId, rest: RestDeadlines) {
    let Some(record) = all.leases.get(&id).map(Arc::clone) else { return };
    for place in all.retired_places(&record) {
        let rests_until = rest.of(&place.space).max(declined_until(all, &record, &place));
        all.edit(&place.space, |space| {
            space.free(place.number, Memory { lease: Memory::NOBODY, rests_until });
            None
        });
    }
    exchange(all, id, |record| {
        record.state = LeaseState::Bound;
        record.is_delivered = true;
        record.retired = None;
    });
}

/// Until when a place of a lease rests because it was declined.
pub(super) fn declined_until(all: &Allocations, record: &LeaseRecord, place: &Place) -> ClusterTime {
    let retired = record.retired.iter().flat_map(|retired| retired.iter());
    let of_place = retired.filter(|value| all.place_of(value).as_ref() == Some(place));
    of_place.filter_map(|value| all.declines.get(value)?.rests_until).max().unwrap_or_default()
}

pub(super) fn releasing(all: &mut Allocations, id: LeaseId) {
    exchange(all, id, |record| record.state = LeaseState::Releasing);
}

pub(super) fn renewed(all: &mut Allocations, id: LeaseId, lifetime: Lifetime) {
    let Some(record) = all.leases.get_mut(&id) else { return };
    let record = Arc::make_mut(record);
    if let Some(old) = record.lifetime.replace(lifetime) {
        all.lease_deadlines.remove(&(old.ends_at, id));
    }
    all.lease_deadlines.insert((lifetime.ends_at, id));
}

pub(super) fn freed(all: &mut Allocations, id: LeaseId, cause: FreedCause, rest: RestDeadlines) {
    let Some(record) = all.leases.get(&id).map(Arc::clone) else { return };
    let places = all.places(&record);
    leave(all, &record);
    super::recovery::lease_freed(all, id);
    let goes_back = goes_back(cause);
    let before = all.former_of(&record.holder).map(|former| former.id);
    if let Some(host) = all.host_mut(&record.holder.host) {
        host.holders.remove(&record.holder, id);
        if goes_back && !places.is_empty() {
            if let Some(before) = before {
                host.former_holders.remove(&record.holder, before);
            }
            host.former_holders.insert(&record.holder, id);
        }
    }
    let lease = if goes_back { id } else { Memory::NOBODY };
    for place in &places {
        let rests_until = rest.of(&place.space);
        all.edit(&place.space, |space| {
            space.free(place.number, Memory { lease, rests_until });
            None
        });
    }
    if let Ok(remembered_by) = u32::try_from(places.len())
        && remembered_by > 0
        && goes_back
    {
        all.former.insert(id, FormerLease { record, remembered_by });
    }
}

/// Whether the values of a lease that ended so go back to its holder, if nobody needs them and it asks again. Not those of a host
/// that was declared off: it may be using them; nor what lives elsewhere.
const fn goes_back(cause: FreedCause) -> bool {
    match cause {
        FreedCause::Released
        | FreedCause::Expired
        | FreedCause::Confirmed
        | FreedCause::Stated
        | FreedCause::Suspect => true,
        FreedCause::Fenced | FreedCause::Superseded => false,
    }
}
