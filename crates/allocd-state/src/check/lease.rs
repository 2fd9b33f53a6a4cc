//! Leases: each is whole, holds its values alone, and is known where it should be.

use std::collections::BTreeMap;
use std::sync::Arc;

use allocd_types::id::LeaseId;
use allocd_types::index::UnitIndex;
use allocd_types::kind::{InterfaceKind, MacNeed};
use allocd_types::limits::LEASES_PER_HOST_MAX;
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::{HostName, NetworkName};

use super::Flaw;
use crate::event::RestingValue;
use crate::record::LeaseRecord;
use crate::space::ValueSpace;
use crate::state::{Place, State};

pub(super) fn check(state: &State, flaws: &mut Vec<Flaw>) {
    check_restored(state, flaws);
    known(state, flaws);
    values(state, flaws);
    macs(state, flaws);
}

/// What is to be seen of each lease alone, and of how many there are.
pub(super) fn check_restored(state: &State, flaws: &mut Vec<Flaw>) {
    for (id, record) in &state.allocations.leases {
        whole(state, *id, record, flaws);
    }
    holders(state, flaws);
    networks(state, flaws);
}

/// A lease has what its kind needs, is what its id says, and no token that is still to come.
fn whole(state: &State, id: LeaseId, record: &LeaseRecord, flaws: &mut Vec<Flaw>) {
    let all = &state.allocations;
    let mut claim = |is_so: bool, message: &str| {
        if !is_so {
            flaws.push(Flaw::new(id.resource_name(), message));
        }
    };
    claim(record.id == id, "is kept under another id");
    claim(id < all.next_lease, "its id could be given again");
    claim(record.index.is_some() == record.kind.has_index(), "has an index that its kind has not, or none");
    let fits = match (record.kind.mac_need(), record.macs) {
        (MacNeed::None, Macs::None)
        | (MacNeed::Single, Macs::Single(_))
        | (MacNeed::Pair, Macs::Pair { .. }) => true,
        (
            MacNeed::None | MacNeed::Single | MacNeed::Pair,
            Macs::None | Macs::Single(_) | Macs::Pair { .. },
        ) => false,
    };
    claim(fits, "its MACs are not those of its kind");
    let has_twice = matches!(record.macs, Macs::Pair { a, b } if a == b);
    claim(!has_twice, "has one MAC at both ends");
    claim(record.macs.iter().all(|mac| mac.check_usable().is_ok()), "has a MAC that no interface may use");
    let is_known = record.generation.timeline <= all.timeline && record.generation.revision <= state.revision;
    claim(is_known, "its generation is still to come");
    let has_subnet = |address| all.address_place(&record.network, address).is_some();
    claim(
        record.addresses.iter().all(|address| has_subnet(*address)),
        "has an address of no subnet of its network",
    );
    claim(all.networks.contains_key(&record.network), "its network is not there");
}

/// Every holder knows its lease.
fn known(state: &State, flaws: &mut Vec<Flaw>) {
    for record in state.leases() {
        if state.lease_of(&record.holder).is_none_or(|found| found.id != record.id) {
            flaws.push(Flaw::new(record.id.resource_name(), "its holder does not know it"));
        }
    }
}

/// Every value of a lease is held by that lease and no other, and every held value is of a lease.
fn values(state: &State, flaws: &mut Vec<Flaw>) {
    let all = &state.allocations;
    let held = state.leases().map(|record| values_held(state, record)).sum::<Option<usize>>();
    let spaces = all.space_refs();
    let leased = spaces.iter().filter_map(|space| state.space(space)).map(ValueSpace::leased_count);
    // A space knows one lease of a value. If each lease is the one of all its values, and as many are leased as all leases have
    // together, nothing is left to be wrong; what is, if something is, is told at length.
    if held != Some(leased.sum()) {
        wrong_values(state, flaws);
    }
}

/// How many values a lease has, if they are different ones and held by it.
fn values_held(state: &State, record: &LeaseRecord) -> Option<usize> {
    let places = state.allocations.places(record);
    let is_held = |(at, place): (usize, &Place)| {
        let held_by = state.space(&place.space).and_then(|space| space.lease_of(place.number));
        held_by == Some(record.id) && !places[..at].contains(place)
    };
    places.iter().enumerate().all(is_held).then_some(places.len())
}

fn wrong_values(state: &State, flaws: &mut Vec<Flaw>) {
    let mut holders: BTreeMap<RestingValue, LeaseId> = BTreeMap::new();
    for record in state.leases() {
        for place in state.allocations.places(record) {
            let held_by = state.space(&place.space).and_then(|space| space.lease_of(place.number));
            if held_by != Some(record.id) {
                let message =
                    format!("its value {} in {:?} is held by {held_by:?}", place.number, place.space);
                flaws.push(Flaw::new(record.id.resource_name(), message));
            }
            if let Some(other) = holders.insert(place, record.id) {
                let message = format!("shares a value with {}", other.resource_name());
                flaws.push(Flaw::new(record.id.resource_name(), message));
            }
        }
    }
    for reference in state.allocations.space_refs() {
        let leased = state.space(&reference).into_iter().flat_map(|space| space.leased_within(0, u128::MAX));
        for (number, lease) in leased {
            let value = RestingValue { space: reference.clone(), number };
            if holders.get(&value) != Some(&lease) {
                let message = format!("holds {number} in {reference:?} without saying so");
                flaws.push(Flaw::new(lease.resource_name(), message));
            }
        }
    }
}

/// No MAC is in two leases, and no interface name twice on a host: told from the leases alone.
fn macs(state: &State, flaws: &mut Vec<Flaw>) {
    let of_lease = |record: &'_ Arc<LeaseRecord>| {
        let id = record.id;
        record.macs.iter().map(move |mac| (mac, id)).collect::<Vec<_>>()
    };
    let mut macs: Vec<(Mac, LeaseId)> = state.leases().flat_map(of_lease).collect();
    macs.sort_unstable();
    for pair in macs.windows(2) {
        if let [(mac, one), (same, other)] = pair
            && mac == same
        {
            let message = format!("is in {} and in {}", one.resource_name(), other.resource_name());
            flaws.push(Flaw::new(mac, message));
        }
    }
    let mut units: BTreeMap<&HostName, Vec<(InterfaceKind, UnitIndex)>> = BTreeMap::new();
    for record in state.leases() {
        let unit = record.index.map(|index| (record.kind, index));
        units.entry(&record.holder.host).or_default().extend(unit);
    }
    for (host, mut units) in units {
        units.sort_unstable();
        for pair in units.windows(2) {
            if let [(kind, index), same] = pair
                && (*kind, *index) == *same
            {
                flaws.push(Flaw::new(host, format!("{kind} {index} is there twice")));
            }
        }
    }
}

/// Hosts know exactly the holders that have leases, and no more than a host may have.
fn holders(state: &State, flaws: &mut Vec<Flaw>) {
    let hosts = &state.allocations.hosts;
    let held: usize = hosts.values().map(|host| host.holders.len()).sum();
    if held != state.lease_count() {
        flaws.push(Flaw::new("hosts", format!("{held} holders for {} leases", state.lease_count())));
    }
    for (name, host) in hosts.iter().filter(|(_, host)| host.holders.len() > LEASES_PER_HOST_MAX) {
        flaws.push(Flaw::new(name, format!("has {} leases", host.holders.len())));
    }
}

/// Networks count the leases that name them.
fn networks(state: &State, flaws: &mut Vec<Flaw>) {
    let mut leases: BTreeMap<&NetworkName, u64> = BTreeMap::new();
    for record in state.leases() {
        *leases.entry(&record.network).or_default() += 1;
    }
    for (name, network) in &state.allocations.networks {
        let leases = leases.get(name).copied().unwrap_or_default();
        if leases != network.leases {
            let message = format!("counts {} leases of {leases}", network.leases);
            flaws.push(Flaw::new(format!("network {name}"), message));
        }
    }
}
