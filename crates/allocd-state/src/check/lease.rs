//! Leases: each is whole, holds its values alone, and is known where it should be.

use std::collections::{BTreeMap, BTreeSet};

use allocd_types::id::LeaseId;
use allocd_types::kind::MacNeed;
use allocd_types::limits::LEASES_PER_HOST_MAX;
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::NetworkName;

use super::Flaw;
use crate::event::RestingValue;
use crate::record::LeaseRecord;
use crate::state::State;

pub(super) fn check(state: &State, flaws: &mut Vec<Flaw>) {
    for (id, record) in &state.allocations.leases {
        whole(state, *id, record, flaws);
    }
    values(state, flaws);
    macs(state, flaws);
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
    claim(record.macs.iter().all(|mac| mac.check_usable().is_ok()), "has a MAC that no interface may use");
    let is_known = record.generation.timeline <= all.timeline && record.generation.revision <= state.revision;
    claim(is_known, "its generation is still to come");
    let has_subnet = |address| all.address_place(&record.network, address).is_some();
    claim(
        record.addresses.iter().all(|address| has_subnet(*address)),
        "has an address of no subnet of its network",
    );
    let known = state.lease_of(&record.holder).map(|found| found.id);
    claim(known == Some(id), "its holder does not know it");
    claim(all.networks.contains_key(&record.network), "its network is not there");
}

/// Every value of a lease is held by that lease and no other, and every held value is of a lease.
fn values(state: &State, flaws: &mut Vec<Flaw>) {
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
    let mut macs: BTreeMap<Mac, LeaseId> = BTreeMap::new();
    let mut units = BTreeSet::new();
    for record in state.leases() {
        for mac in record.macs.iter() {
            if let Some(other) = macs.insert(mac, record.id) {
                let message = format!("is in {} and in {}", other.resource_name(), record.id.resource_name());
                flaws.push(Flaw::new(mac, message));
            }
        }
        if let Some(index) = record.index
            && !units.insert((record.holder.host.clone(), record.kind, index))
        {
            let message = format!("{} {index} is there twice", record.kind);
            flaws.push(Flaw::new(&record.holder.host, message));
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
