//! What events about declines do. A declined value rests remembered by nobody: it goes back to no holder before its time. One that
//! its host may be using still is the lease's own until that host has bound it anew.

use std::sync::Arc;

use allocd_types::decline::Decline;
use allocd_types::limits::DECLINES_KEPT_MAX;
use allocd_types::time::ClusterTime;
use allocd_types::value::Value;

use super::lease::replace;
use crate::record::LeaseRecord;
use crate::space::Memory;
use crate::state::Allocations;

pub(super) fn declined(all: &mut Allocations, new: &Arc<LeaseRecord>, decline: &Arc<Decline>) {
    let Some(old) = all.leases.get(&new.id).map(Arc::clone) else { return };
    let rests_until = decline.rests_until.unwrap_or_default();
    replace(all, (&old, new), |_, _| rests_until);
    noted(all, decline);
}

pub(crate) fn noted(all: &mut Allocations, decline: &Arc<Decline>) {
    forget(all, &decline.value);
    all.declines_by_age.insert((decline.at, decline.value.clone()));
    all.declines.insert(decline.value.clone(), Arc::clone(decline));
    while all.declines.len() > DECLINES_KEPT_MAX {
        let Some((_, oldest)) = all.declines_by_age.get_min().cloned() else { break };
        forget(all, &oldest);
    }
}

pub(super) fn cleared(all: &mut Allocations, value: &Value, rests_until: ClusterTime) {
    if let Some(place) = all.place_of(value) {
        let rests = all.space(&place.space).and_then(|space| space.memory_of(place.number));
        if rests.is_some_and(|memory| memory.lease == Memory::NOBODY) {
            all.edit(&place.space, |space| {
                space.shorten_rest(place.number, rests_until);
                None
            });
        }
    }
    forget(all, value);
}

fn forget(all: &mut Allocations, value: &Value) {
    if let Some(decline) = all.declines.remove(value) {
        all.declines_by_age.remove(&(decline.at, decline.value.clone()));
    }
}
