//! Decisions about networks.

use allocd_types::address::{Prefix, address_bits};
use allocd_types::allocation::MissingResource;
use allocd_types::name::{NetworkName, PoolName};
use allocd_types::network::{NetworkSpec, SubnetSpec};
use allocd_types::pool::PoolValues;
use allocd_types::rejection::{Rejection, Subject};

use super::{changed, pool, recovery, unchanged};
use crate::context::Context;
use crate::event::{Event, SpaceRef};
use crate::response::{Decision, Response};
use crate::state::{NetworkEntry, State};

pub(super) fn create(
    state: &State,
    context: &mut Context,
    spec: &NetworkSpec,
) -> Result<Decision, Rejection> {
    let subject = Subject::Network(spec.name.clone());
    match state.network(&spec.name) {
        Some(found) if **found == *spec => return Ok(unchanged(Response::Network(spec.clone()))),
        Some(_) => return Err(Rejection::Exists(subject)),
        None => {}
    }
    check_overlap(state, spec)?;
    let mut events = Vec::new();
    if state.pool(&spec.mac_pool).is_none() && spec.mac_pool == PoolName::unsaid() {
        // The first network of a cluster brings the cluster's own MAC prefix with it.
        let drawn = pool::drawn(state, context)?;
        events.extend(recovery::opened(state, vec![SpaceRef::Mac(drawn.name.clone())]));
        events.push(Event::PoolCreated(drawn));
    } else {
        check_mac_pool(state, &spec.mac_pool)?;
    }
    events.push(Event::NetworkCreated(spec.clone()));
    let subnets =
        spec.subnets.iter().map(|subnet| SpaceRef::Subnet(spec.name.clone(), subnet.prefix.first()));
    events.extend(recovery::opened(state, subnets.collect()));
    Ok(Decision { response: Response::Network(spec.clone()), events, after: None })
}

pub(super) fn update(state: &State, spec: &NetworkSpec) -> Result<Decision, Rejection> {
    let subject = Subject::Network(spec.name.clone());
    let Some(network) = state.allocations.networks.get(&spec.name) else {
        return Err(Rejection::NotFound(subject));
    };
    if *network.spec == *spec {
        return Ok(unchanged(Response::Network(spec.clone())));
    }
    check_mac_pool(state, &spec.mac_pool)?;
    let kept = |prefix: Prefix| {
        spec.vrf == network.spec.vrf && spec.subnets.iter().any(|subnet| subnet.prefix == prefix)
    };
    let dropped = network.spec.subnets.iter().filter(|subnet| !kept(subnet.prefix));
    let users: u64 = dropped.map(|subnet| users_of(network, subnet)).sum();
    if users > 0 {
        let by = "leased, reserved or resting addresses of subnets that would go";
        return Err(Rejection::InUse { subject, users, by: by.into() });
    }
    check_overlap(state, spec)?;
    check_gateways(network, spec)?;
    let event = Event::NetworkUpdated { spec: spec.clone(), at: state.now };
    Ok(changed(Response::Network(spec.clone()), event))
}

pub(super) fn delete(
    state: &State,
    name: &NetworkName,
    missing: MissingResource,
) -> Result<Decision, Rejection> {
    let subject = Subject::Network(name.clone());
    let Some(network) = state.allocations.networks.get(name) else {
        return match missing {
            MissingResource::Allow => Ok(unchanged(Response::Done)),
            MissingResource::Refuse => Err(Rejection::NotFound(subject)),
        };
    };
    if network.leases > 0 {
        return Err(Rejection::InUse { subject, users: network.leases, by: "leases".into() });
    }
    let reservations =
        state.allocations.reservations.values().filter(|reservation| reservation.network == *name);
    let users: u64 = reservations.map(|_| 1).sum();
    if users > 0 {
        return Err(Rejection::InUse { subject, users, by: "reservations".into() });
    }
    // A network made anew with the same subnet must not hand out what still rests.
    let users: u64 = network.spec.subnets.iter().map(|subnet| users_of(network, subnet)).sum();
    if users > 0 {
        return Err(Rejection::InUse { subject, users, by: "resting addresses".into() });
    }
    Ok(changed(Response::Done, Event::NetworkDeleted(name.clone())))
}

fn users_of(network: &NetworkEntry, subnet: &SubnetSpec) -> u64 {
    let space = network.spaces.get(&subnet.prefix.first());
    space.map_or(0, |space| u64::try_from(space.used_within(0, u128::MAX)).unwrap_or(u64::MAX))
}

/// A network's MACs come from a pool of MACs.
fn check_mac_pool(state: &State, name: &PoolName) -> Result<(), Rejection> {
    match state.pool(name).map(|pool| &pool.values) {
        Some(PoolValues::Mac { .. }) => Ok(()),
        Some(PoolValues::Index { .. }) => Err(Rejection::NoMacPool { pool: name.clone() }),
        None => Err(Rejection::NotFound(Subject::Pool(name.clone()))),
    }
}

/// No jail has the address that a subnet's gateway would get.
fn check_gateways(network: &NetworkEntry, spec: &NetworkSpec) -> Result<(), Rejection> {
    let held = spec.subnets.iter().filter_map(|subnet| {
        let space = network.spaces.get(&subnet.prefix.first())?;
        space.lease_of(address_bits(subnet.gateway.filter(|gateway| subnet.prefix.contains(*gateway))?))
    });
    let users: u64 = held.map(|_| 1).sum();
    if users > 0 {
        let subject = Subject::Network(spec.name.clone());
        return Err(Rejection::InUse {
            subject,
            users,
            by: "leases of an address that would be a gateway".into(),
        });
    }
    Ok(())
}

/// No two prefixes of a VRF overlap, whichever networks they belong to.
fn check_overlap(state: &State, spec: &NetworkSpec) -> Result<(), Rejection> {
    for subnet in &spec.subnets {
        let values = allocd_types::exclusion::ExcludedValues::Addresses {
            vrf: spec.vrf.clone(),
            range: subnet.prefix.range(),
        };
        let others = state.allocations.touched_by(&values).into_iter().filter_map(|space| match space {
            SpaceRef::Subnet(network, first) if network != spec.name => Some((network, first)),
            SpaceRef::Subnet(..)
            | SpaceRef::Mac(_)
            | SpaceRef::ForeignMac
            | SpaceRef::HostIndex(..)
            | SpaceRef::ClusterIndex(_) => None,
        });
        for (network, first) in others {
            let found = state.allocations.subnets.get(&(spec.vrf.clone(), first));
            if let Some((_, other)) = found.filter(|(_, other)| other.overlaps(subnet.prefix)) {
                let (prefix, other, vrf) = (subnet.prefix, *other, spec.vrf.clone());
                return Err(Rejection::SubnetOverlap { prefix, other, network, vrf });
            }
        }
    }
    Ok(())
}
