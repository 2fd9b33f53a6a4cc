//! Whether one certain value may be had by one certain holder; if not, why, by name.

use allocd_types::address::{NotAHost, address_bits};
use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;
use allocd_types::name::{ExclusionName, NetworkName};
use allocd_types::rejection::Rejection;
use allocd_types::time::Span;
use allocd_types::value::{Value, ValueState};

use super::recovery;
use crate::event::SpaceRef;
use crate::state::{Place, State};

/// A certain value that a holder wants.
pub(super) struct Wanted<'a> {
    /// How the value is told.
    pub(super) value: Value,
    /// Where it lives.
    pub(super) place: Place,
    /// Who wants it.
    pub(super) holder: &'a Holder,
}

/// Checks that the holder may have the value now.
pub(super) fn check_grantable(state: &State, wanted: &Wanted<'_>) -> Result<(), Rejection> {
    match state_at(state, &wanted.place) {
        ValueState::Free | ValueState::Foreign => Ok(()),
        ValueState::Leased => Err(taken(state, wanted)),
        ValueState::Excluded if is_spared(state, wanted) => check_reserved_for_other(state, wanted),
        ValueState::Excluded => Err(excluded(state, wanted)),
        ValueState::Quarantined if was_holders(state, wanted) || is_in_recovery(state) => {
            check_reserved_for_other(state, wanted)
        }
        ValueState::Quarantined => Err(resting(state, wanted)),
        ValueState::Reserved => check_reserved_for_other(state, wanted),
    }
}

/// Checks that the value may be set aside for the holder: it may have it already, and it may still rest.
pub(super) fn check_reservable(state: &State, wanted: &Wanted<'_>) -> Result<(), Rejection> {
    match state_at(state, &wanted.place) {
        ValueState::Free | ValueState::Foreign => Ok(()),
        ValueState::Leased
            if lease_at(state, &wanted.place).is_some_and(|(_, holder)| holder == *wanted.holder) =>
        {
            check_reserved_for_other(state, wanted)
        }
        ValueState::Leased => Err(taken(state, wanted)),
        ValueState::Excluded => Err(excluded(state, wanted)),
        ValueState::Quarantined | ValueState::Reserved => check_reserved_for_other(state, wanted),
    }
}

fn state_at(state: &State, place: &Place) -> ValueState {
    state.space(&place.space).map_or(ValueState::Foreign, |space| space.state(place.number))
}

fn lease_at(state: &State, place: &Place) -> Option<(LeaseId, Holder)> {
    let lease = state.space(&place.space)?.lease_of(place.number)?;
    Some((lease, state.lease(lease)?.holder.clone()))
}

fn taken(state: &State, wanted: &Wanted<'_>) -> Rejection {
    let (lease, holder) = lease_at(state, &wanted.place).expect("a leased value has a lease");
    Rejection::Taken { value: wanted.value.clone(), lease, holder }
}

fn resting(state: &State, wanted: &Wanted<'_>) -> Rejection {
    let memory = state.space(&wanted.place.space).and_then(|space| space.memory_of(wanted.place.number));
    let rests_for = memory.map_or(Span::ZERO, |memory| state.now.until(memory.rests_until));
    Rejection::Resting { value: wanted.value.clone(), rests_for }
}

/// True while a value that rests may have been handed out since, in a timeline that is lost.
const fn is_in_recovery(state: &State) -> bool {
    state.allocations.recovery.is_some()
}

/// True if nothing but recovery itself excludes the value.
fn is_spared(state: &State, wanted: &Wanted<'_>) -> bool {
    is_in_recovery(state)
        && excluded_for_good(state, wanted).is_none()
        && recovery::spare_holder_on(state, &wanted.holder.host, covering(state, &wanted.place))
}

fn excluded_for_good(state: &State, wanted: &Wanted<'_>) -> Option<NotAHost> {
    let (SpaceRef::Subnet(network, _), Value::Address(_, address)) = (&wanted.place.space, &wanted.value)
    else {
        return None;
    };
    never_a_host(state, network, *address)
}

/// True if the holder was the last to have the resting value.
fn was_holders(state: &State, wanted: &Wanted<'_>) -> bool {
    let memory = state.space(&wanted.place.space).and_then(|space| space.memory_of(wanted.place.number));
    let former = memory.and_then(|memory| state.allocations.former.get(&memory.lease));
    former.is_some_and(|former| former.record.holder == *wanted.holder)
}

fn check_reserved_for_other(state: &State, wanted: &Wanted<'_>) -> Result<(), Rejection> {
    let name = state.space(&wanted.place.space).and_then(|space| space.reservation_of(wanted.place.number));
    match name.and_then(|name| state.reservation(name)) {
        Some(reservation) if reservation.holder != *wanted.holder => Err(Rejection::Reserved {
            value: wanted.value.clone(),
            reservation: reservation.name.clone(),
            holder: reservation.holder.clone(),
        }),
        Some(_) | None => Ok(()),
    }
}

fn excluded(state: &State, wanted: &Wanted<'_>) -> Rejection {
    if let Value::Address(_, address) = &wanted.value
        && let Some(why) = excluded_for_good(state, wanted)
    {
        return Rejection::NotAHost { address: *address, why };
    }
    let exclusion = covering(state, &wanted.place).next().expect("an excluded value has an exclusion");
    Rejection::Excluded { value: wanted.value.clone(), exclusion }
}

/// The exclusions that cover a place.
pub(crate) fn covering<'a>(state: &'a State, place: &'a Place) -> impl Iterator<Item = ExclusionName> + 'a {
    let all = &state.allocations;
    let covers = |(first, last): (u128, u128)| (first..=last).contains(&place.number);
    all.exclusions
        .values()
        .filter(move |exclusion| all.part_of(&exclusion.values, &place.space).is_some_and(covers))
        .map(|exclusion| exclusion.name.clone())
}

/// Why an address of a network can belong to no host, if it cannot.
pub(crate) fn never_a_host(
    state: &State,
    network: &NetworkName,
    address: std::net::IpAddr,
) -> Option<NotAHost> {
    let subnet = state.network(network)?.subnets.iter().find(|subnet| subnet.prefix.contains(address))?;
    if subnet.gateway == Some(address) {
        return Some(NotAHost::Gateway);
    }
    let bits = address_bits(address);
    subnet.prefix.never_a_host().find(|(special, _)| address_bits(*special) == bits).map(|(_, why)| why)
}
