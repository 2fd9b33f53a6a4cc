//! Lists by value: what finds a resource quickly is what the resources say.

use allocd_types::address::Prefix;
use allocd_types::exclusion::ExcludedValues;
use allocd_types::kind::InterfaceKind;
use allocd_types::limits::DECLINES_KEPT_MAX;
use allocd_types::name::VrfName;
use allocd_types::pool::PoolValues;
use imbl::OrdMap;

use super::Flaw;
use crate::state::{Allocations, State};

pub(super) fn check(state: &State, flaws: &mut Vec<Flaw>) {
    let all = &state.allocations;
    names(all, flaws);
    subnets(all, flaws);
    pools(all, flaws);
    hosts(all, flaws);
    reservations(all, flaws);
    recovery(all, flaws);
    declines(all, flaws);
}

/// Declines are found by their age too, and there are no more than may be kept.
fn declines(all: &Allocations, flaws: &mut Vec<Flaw>) {
    let by_age = all.declines.values().map(|decline| (decline.at, decline.value.clone()));
    let are_kept_so = all.declines.iter().all(|(value, decline)| *value == decline.value);
    if all.declines_by_age != by_age.collect() || !are_kept_so || all.declines.len() > DECLINES_KEPT_MAX {
        flaws.push(Flaw::new("declines", "those by age are not those by value, or too many"));
    }
}

/// Everything is kept under its own name.
fn names(all: &Allocations, flaws: &mut Vec<Flaw>) {
    let are_kept_so = all.networks.iter().all(|(name, network)| *name == network.spec.name)
        && all.pools.iter().all(|(name, pool)| *name == pool.spec.name)
        && all.hosts.iter().all(|(name, host)| *name == host.spec.name)
        && all.reservations.iter().all(|(name, reservation)| *name == reservation.name)
        && all.exclusions.iter().all(|(name, exclusion)| *name == exclusion.name);
    if !are_kept_so {
        flaws.push(Flaw::new("resources", "one is kept under another name"));
    }
}

/// Every subnet has its space and is found by its address, and no two of a VRF overlap.
fn subnets(all: &Allocations, flaws: &mut Vec<Flaw>) {
    let mut there = OrdMap::new();
    for (name, network) in &all.networks {
        for subnet in &network.spec.subnets {
            let first = subnet.prefix.first();
            there.insert((network.spec.vrf.clone(), first), (name.clone(), subnet.prefix));
            if !network.spaces.contains_key(&first) {
                flaws.push(Flaw::new(format!("network {name}"), format!("{} has no space", subnet.prefix)));
            }
        }
        if network.spaces.len() != network.spec.subnets.len() {
            flaws.push(Flaw::new(format!("network {name}"), "has a space without a subnet"));
        }
        match all.pools.get(&network.spec.mac_pool).map(|pool| &pool.spec.values) {
            Some(PoolValues::Mac { .. }) => {}
            Some(PoolValues::Index { .. }) | None => {
                flaws.push(Flaw::new(format!("network {name}"), "its MAC pool is not there"));
            }
        }
    }
    if all.subnets != there {
        flaws.push(Flaw::new("subnets", "those that are listed are not those of the networks"));
    }
    let mut before: Option<(&VrfName, Prefix)> = None;
    for ((vrf, _), (network, prefix)) in &all.subnets {
        let meets = |(other_vrf, other): &(&VrfName, Prefix)| *other_vrf == vrf && other.overlaps(*prefix);
        if let Some((_, other)) = before.filter(meets) {
            let message = format!("{prefix} overlaps {other} in VRF {vrf}");
            flaws.push(Flaw::new(format!("network {network}"), message));
        }
        before = Some((vrf, *prefix));
    }
}

/// Every block and every kind of index is found with its pool, and no two blocks overlap.
fn pools(all: &Allocations, flaws: &mut Vec<Flaw>) {
    let (mut blocks_there, mut kinds_there, mut blocks_count) = (OrdMap::new(), OrdMap::new(), 0);
    for (name, pool) in &all.pools {
        match &pool.spec.values {
            PoolValues::Mac { blocks } => {
                blocks_count += blocks.len();
                let listed = |block: &allocd_types::mac::MacBlock| {
                    (block.first().bits(), (block.last().bits(), name.clone()))
                };
                blocks_there.extend(blocks.iter().map(listed));
            }
            PoolValues::Index { kind, .. } => {
                if let Some(other) = kinds_there.insert(*kind, name.clone()) {
                    flaws.push(Flaw::new(format!("pool {name}"), format!("{kind} has pool {other} already")));
                }
            }
        }
    }
    let ends = all.mac_blocks.values().map(|(last, _)| *last);
    let starts = all.mac_blocks.keys().skip(1);
    let overlap = ends.zip(starts).any(|(last, next)| *next <= last);
    if all.mac_blocks != blocks_there || all.mac_blocks.len() != blocks_count || overlap {
        flaws.push(Flaw::new(
            "MAC blocks",
            "those that are listed are not those of the pools, or two overlap",
        ));
    }
    if all.index_pools != kinds_there {
        flaws.push(Flaw::new("index pools", "those that are listed are not the pools that are there"));
    }
}

/// Every host has the spaces of its units and is found by its machine's identity.
fn hosts(all: &Allocations, flaws: &mut Vec<Flaw>) {
    let mut uuids = OrdMap::new();
    for (name, host) in &all.hosts {
        let kinds = InterfaceKind::ALL.into_iter().filter(|kind| kind.has_index());
        if !host.indices.keys().copied().eq(kinds) {
            flaws.push(Flaw::new(format!("host {name}"), "its spaces of units are not those of all kinds"));
        }
        uuids.extend(host.uuid.clone().map(|uuid| (uuid, name.clone())));
    }
    if all.host_uuids != uuids {
        flaws.push(Flaw::new("host identities", "those that are listed are not those of the hosts"));
    }
    for exclusion in all.exclusions.values() {
        if let ExcludedValues::Indices { host, .. } = &exclusion.values
            && !all.hosts.contains_key(host)
        {
            flaws.push(Flaw::new(format!("exclusion {}", exclusion.name), format!("{host} is not there")));
        }
    }
}

/// Every reservation is found by its holder, and its host and network are there.
fn reservations(all: &Allocations, flaws: &mut Vec<Flaw>) {
    let listed = all.reservations.values().map(|found| (found.holder.clone(), found.name.clone()));
    if all.reserved_for != listed.collect() || all.reserved_for.len() != all.reservations.len() {
        flaws.push(Flaw::new("reservations", "those that are listed by holder are not those that are there"));
    }
    for found in all.reservations.values() {
        if !all.hosts.contains_key(&found.holder.host) || !all.networks.contains_key(&found.network) {
            flaws.push(Flaw::new(format!("reservation {}", found.name), "its host or network is not there"));
        }
    }
}

/// Nobody has to vouch for a host that is not there.
fn recovery(all: &Allocations, flaws: &mut Vec<Flaw>) {
    let unconfirmed = all.recovery.iter().flat_map(|recovery| recovery.unconfirmed.iter());
    for host in unconfirmed.filter(|host| !all.hosts.contains_key(*host)) {
        flaws.push(Flaw::new(format!("host {host}"), "is to be confirmed and is not there"));
    }
}
