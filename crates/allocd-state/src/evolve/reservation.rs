//! What events about reservations do.

use std::sync::Arc;

use allocd_types::name::ReservationName;
use allocd_types::reservation::ReservationSpec;

use crate::state::{Allocations, Place};

pub(super) fn created(all: &mut Allocations, spec: &ReservationSpec) {
    for place in places(all, spec) {
        all.edit(&place.space, |space| space.reserve(place.number, spec.name.clone()));
    }
    all.reserved_for.insert(spec.holder.clone(), spec.name.clone());
    all.reservations.insert(spec.name.clone(), Arc::new(spec.clone()));
}

pub(super) fn deleted(all: &mut Allocations, name: &ReservationName) {
    let Some(spec) = all.reservations.remove(name) else { return };
    all.reserved_for.remove(&spec.holder);
    for place in places(all, &spec) {
        all.edit(&place.space, |space| {
            space.unreserve(place.number);
            None
        });
    }
}

/// The places of everything a reservation sets aside.
pub(crate) fn places(all: &Allocations, spec: &ReservationSpec) -> Vec<Place> {
    let index = spec.index.map(|index| all.index_place(&spec.holder.host, spec.kind, index));
    let addresses = spec.addresses.iter().filter_map(|address| all.address_place(&spec.network, *address));
    index.into_iter().chain(all.mac_places(spec.macs)).chain(addresses).collect()
}
