//! Spaces: each has the ranges, exclusions and reservations that the specifications give it, and counts what is in it.

use std::collections::BTreeMap;

use allocd_types::mac::Mac;
use allocd_types::name::ReservationName;

use super::Flaw;
use crate::event::{RestingValue, SpaceRef};
use crate::space::ValueSpace;
use crate::state::{Allocations, State, pool_ranges, subnet_ranges};

pub(super) fn check(state: &State, flaws: &mut Vec<Flaw>) {
    let all = &state.allocations;
    let mut reserved: BTreeMap<RestingValue, &ReservationName> = BTreeMap::new();
    for reservation in state.reservations() {
        let places = crate::evolve::reserved_places(all, reservation);
        reserved.extend(places.into_iter().map(|place| (place, &reservation.name)));
    }
    let mut found = 0;
    for reference in all.space_refs() {
        let Some(space) = state.space(&reference) else { continue };
        let mut flaw = |message: String| flaws.push(Flaw::new(format!("{reference:?}"), message));
        space.flaws().into_iter().for_each(&mut flaw);
        if !space.excludes_exactly(&all.excluded_from(&reference)) {
            flaw("the excluded values are not those of the exclusions".to_owned());
        }
        if ranges(all, &reference).as_deref() != Some(space.ranges()) {
            flaw("the ranges are not those of the specification".to_owned());
        }
        if let Some(mac) = misplaced(all, &reference, space) {
            flaw(format!("{mac} is of a pool"));
        }
        for (number, name) in space.reserved() {
            found += 1;
            if reserved.get(&RestingValue { space: reference.clone(), number }) != Some(&name) {
                flaw(format!("{number} is set aside by {name}, which does not say so"));
            }
        }
    }
    if found != reserved.len() {
        let message = format!("{found} values are set aside, reservations name {}", reserved.len());
        flaws.push(Flaw::new("reservations", message));
    }
}

/// The ranges that the specification behind a space gives it.
fn ranges(all: &Allocations, reference: &SpaceRef) -> Option<Vec<(u128, u128)>> {
    match reference {
        SpaceRef::Mac(pool) => all.pools.get(pool).map(|pool| pool_ranges(&pool.spec.values)),
        SpaceRef::ForeignMac => Some(Vec::new()),
        SpaceRef::HostIndex(_, kind) | SpaceRef::ClusterIndex(kind) => Some(all.index_ranges(*kind)),
        SpaceRef::Subnet(network, first) => {
            let subnets = &all.networks.get(network)?.spec.subnets;
            subnets.iter().find(|subnet| subnet.prefix.first() == *first).map(subnet_ranges)
        }
    }
}

/// A MAC that is kept among the foreign ones although a pool's block has it.
fn misplaced(all: &Allocations, reference: &SpaceRef, space: &ValueSpace) -> Option<Mac> {
    match reference {
        SpaceRef::ForeignMac => space
            .points(0, u128::MAX)
            .filter_map(|bits| u64::try_from(bits).ok().map(Mac::from_bits))
            .find(|mac| all.mac_place(*mac).space != SpaceRef::ForeignMac),
        SpaceRef::Mac(_) | SpaceRef::HostIndex(..) | SpaceRef::ClusterIndex(_) | SpaceRef::Subnet(..) => None,
    }
}
