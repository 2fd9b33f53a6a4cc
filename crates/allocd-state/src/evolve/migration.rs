//! What events about moves do. While a lease moves it holds its unit on either host; MACs and addresses stay with it all along.

use std::sync::Arc;

use allocd_types::id::{Generation, LeaseId};
use allocd_types::lease::LeaseState;
use allocd_types::migration::Migration;

use super::lease::{enter, exchange, leave};
use crate::record::{LeaseRecord, RestDeadlines};
use crate::space::Memory;
use crate::state::{Allocations, Place};

pub(super) fn begun(all: &mut Allocations, id: LeaseId, migration: &Arc<Migration>, generation: Generation) {
    exchange(all, id, |record| {
        record.migration = Some(Arc::clone(migration));
        record.generation = generation;
    });
    let Some(record) = all.leases.get(&id).map(Arc::clone) else { return };
    if let Some(place) = next_index(all, &record) {
        all.edit(&place.space, |space| space.lease(place.number, id));
    }
}

pub(super) fn cancelled(all: &mut Allocations, id: LeaseId, generation: Generation) {
    let Some(record) = all.leases.get(&id).map(Arc::clone) else { return };
    if let Some(place) = next_index(all, &record) {
        all.edit(&place.space, |space| {
            space.unlease(place.number);
            None
        });
    }
    exchange(all, id, |record| {
        record.migration = None;
        record.generation = generation;
        record.state = LeaseState::Granted;
    });
}

pub(super) fn moved(all: &mut Allocations, to: &Arc<LeaseRecord>, rest: RestDeadlines) {
    let Some(from) = all.leases.get(&to.id).map(Arc::clone) else { return };
    let id = to.id;
    leave(all, &from);
    if let Some(host) = all.host_mut(&from.holder.host) {
        host.holders.remove(&from.holder, id);
    }
    let (old, new) = (index(all, &from), index(all, to));
    if old != new {
        if let Some(place) = old {
            all.edit(&place.space, |space| {
                space.free(place.number, Memory { lease: Memory::NOBODY, rests_until: rest.index });
                None
            });
        }
        if let Some(place) = new
            && next_index(all, &from).is_none()
        {
            all.edit(&place.space, |space| space.lease(place.number, id));
        }
    }
    // Its former host has nothing left of what was declined there.
    for place in all.retired_places(&from) {
        all.edit(&place.space, |space| {
            space.free(place.number, Memory { lease: Memory::NOBODY, rests_until: rest.of(&place.space) });
            None
        });
    }
    if let Some(host) = all.host_mut(&to.holder.host) {
        host.holders.insert(&to.holder, id);
    }
    enter(all, Arc::clone(to));
}

fn index(all: &Allocations, record: &LeaseRecord) -> Option<Place> {
    Some(all.index_place(&record.holder.host, record.kind, record.index?))
}

/// Where the unit is that a moving lease holds besides its own.
fn next_index(all: &Allocations, record: &LeaseRecord) -> Option<Place> {
    let migration = record.migration.as_ref()?;
    let next = all.index_place(&migration.to, record.kind, migration.index?);
    (index(all, record).as_ref() != Some(&next)).then_some(next)
}
