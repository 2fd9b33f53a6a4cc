//! Decisions about reservations.

use allocd_types::allocation::MissingResource;
use allocd_types::kind::MacNeed;
use allocd_types::mac::Macs;
use allocd_types::name::ReservationName;
use allocd_types::rejection::{Rejection, Subject};
use allocd_types::reservation::ReservationSpec;
use allocd_types::value::Value;

use super::pinned::{Wanted, check_reservable};
use super::{changed, unchanged};
use crate::event::Event;
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn create(state: &State, spec: &ReservationSpec) -> Result<Decision, Rejection> {
    match state.reservation(&spec.name) {
        Some(found) if **found == *spec => return Ok(unchanged(Response::Reservation(spec.clone()))),
        Some(_) => return Err(Rejection::Exists(Subject::Reservation(spec.name.clone()))),
        None => {}
    }
    if state.host(&spec.holder.host).is_none() {
        return Err(Rejection::NotFound(Subject::Host(spec.holder.host.clone())));
    }
    let Some(network) = state.network(&spec.network) else {
        return Err(Rejection::NotFound(Subject::Network(spec.network.clone())));
    };
    if let Some(other) = state.allocations.reserved_for.get(&spec.holder) {
        return Err(Rejection::Exists(Subject::Reservation(other.clone())));
    }
    let all = &state.allocations;
    if let Some(index) = spec.index {
        let value = Value::Index(spec.holder.host.clone(), spec.kind, index);
        if !spec.kind.has_index() {
            return Err(Rejection::NotOfKind { value, kind: spec.kind });
        }
        let place = all.index_place(&spec.holder.host, spec.kind, index);
        check_reservable(state, &Wanted { value, place, holder: &spec.holder })?;
    }
    check_mac_need(spec)?;
    for mac in spec.macs.iter() {
        let wanted = Wanted { value: Value::Mac(mac), place: all.mac_place(mac), holder: &spec.holder };
        check_reservable(state, &wanted)?;
    }
    for address in &spec.addresses {
        let value = Value::Address(network.vrf.clone(), *address);
        let Some(place) = all.address_place(&spec.network, *address) else {
            return Err(Rejection::OutsidePool { value, network: spec.network.clone() });
        };
        check_reservable(state, &Wanted { value, place, holder: &spec.holder })?;
    }
    Ok(changed(Response::Reservation(spec.clone()), Event::ReservationCreated(spec.clone())))
}

fn check_mac_need(spec: &ReservationSpec) -> Result<(), Rejection> {
    match (spec.kind.mac_need(), spec.macs) {
        (MacNeed::Pair, Macs::Pair { .. }) | (MacNeed::Single, Macs::Single(_)) => Ok(()),
        (MacNeed::Pair | MacNeed::Single | MacNeed::None, Macs::None) => Ok(()),
        (MacNeed::Pair | MacNeed::None, Macs::Single(mac))
        | (MacNeed::Single | MacNeed::None, Macs::Pair { a: mac, .. }) => {
            Err(Rejection::NotOfKind { value: Value::Mac(mac), kind: spec.kind })
        }
    }
}

pub(super) fn delete(
    state: &State,
    name: &ReservationName,
    missing: MissingResource,
) -> Result<Decision, Rejection> {
    match (state.reservation(name), missing) {
        (Some(_), _) => Ok(changed(Response::Done, Event::ReservationDeleted(name.clone()))),
        (None, MissingResource::Allow) => Ok(unchanged(Response::Done)),
        (None, MissingResource::Refuse) => Err(Rejection::NotFound(Subject::Reservation(name.clone()))),
    }
}
