//! What events about leases do.

use std::sync::Arc;

use allocd_types::id::LeaseId;

use crate::event::SpaceRef;
use crate::record::{LeaseRecord, Lifetime, RestDeadlines};
use crate::space::Memory;
use crate::state::{Allocations, FormerLease};

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
    all.next_lease = all.next_lease.max(record.id.next());
    all.leases.insert(record.id, record);
}

pub(super) fn renewed(all: &mut Allocations, id: LeaseId, lifetime: Lifetime) {
    let Some(record) = all.leases.get_mut(&id) else { return };
    let record = Arc::make_mut(record);
    if let Some(old) = record.lifetime.replace(lifetime) {
        all.lease_deadlines.remove(&(old.ends_at, id));
    }
    all.lease_deadlines.insert((lifetime.ends_at, id));
}

pub(super) fn freed(all: &mut Allocations, id: LeaseId, rest: RestDeadlines) {
    let Some(record) = all.leases.remove(&id) else { return };
    if let Some(lifetime) = record.lifetime {
        all.lease_deadlines.remove(&(lifetime.ends_at, id));
    }
    if let Some(network) = all.network_mut(&record.network) {
        network.leases -= 1;
    }
    let places = all.places(&record);
    let before = all.former_of(&record.holder).map(|former| former.id);
    if let Some(host) = all.host_mut(&record.holder.host) {
        host.holders.remove(&record.holder, id);
        if !places.is_empty() {
            if let Some(before) = before {
                host.former_holders.remove(&record.holder, before);
            }
            host.former_holders.insert(&record.holder, id);
        }
    }
    for place in &places {
        let rests_until = match place.space {
            SpaceRef::HostIndex(..) | SpaceRef::ClusterIndex(_) => rest.index,
            SpaceRef::Mac(_) | SpaceRef::ForeignMac => rest.macs,
            SpaceRef::Subnet(..) => rest.addresses,
        };
        all.edit(&place.space, |space| {
            space.free(place.number, Memory { lease: id, rests_until });
            None
        });
    }
    if let Ok(remembered_by) = u32::try_from(places.len())
        && remembered_by > 0
    {
        all.former.insert(id, FormerLease { record, remembered_by });
    }
}
