//! Choosing addresses, family by family.

use std::net::IpAddr;

use allocd_types::address::{Family, address_bits};
use allocd_types::allocation::FamilyWish;
use allocd_types::name::NetworkName;
use allocd_types::network::NetworkSpec;
use allocd_types::pool::PoolRef;
use allocd_types::rejection::Rejection;
use allocd_types::usage::Counts;
use allocd_types::value::Value;

use super::choice::Claim;
use super::pinned::{Wanted, check_grantable};
use crate::event::SpaceRef;
use crate::space::ValueSpace;
use crate::state::State;

/// Chooses all addresses of a lease, in the order of the network's subnets.
pub(super) fn choose_addresses(claim: &Claim<'_>) -> Result<Vec<IpAddr>, Rejection> {
    let mut addresses = choose_family(claim, Family::V4)?;
    addresses.extend(choose_family(claim, Family::V6)?);
    in_order(claim.network, &mut addresses);
    Ok(addresses)
}

/// Brings addresses into the order of the network's subnets.
pub(super) fn in_order(network: &NetworkSpec, addresses: &mut [IpAddr]) {
    addresses.sort_by_key(|address| {
        let subnet = network.subnets.iter().position(|subnet| subnet.prefix.contains(*address));
        (subnet, address_bits(*address))
    });
}

/// Chooses one address of a family: the fixed ones, the one the holder had, the lowest never used, or the one free longest.
fn choose_family(claim: &Claim<'_>, family: Family) -> Result<Vec<IpAddr>, Rejection> {
    let fixed = claim.fixed_addresses(family);
    if !fixed.is_empty() {
        for address in &fixed {
            check_fixed(claim, *address)?;
        }
        return Ok(fixed);
    }
    let has_none = claim.state.family_spaces(&claim.spec.network, family).is_empty();
    match (claim.wish(family), has_none) {
        (FamilyWish::Unwanted, _) | (FamilyWish::IfSubnets, true) => return Ok(Vec::new()),
        (FamilyWish::Required, true) => {
            return Err(Rejection::NoSubnet { network: claim.spec.network.clone(), family });
        }
        (FamilyWish::IfSubnets | FamilyWish::Required, false) => {}
    }
    if let Some(address) = had_before(claim, family) {
        return Ok(vec![address]);
    }
    next_address(claim.state, &claim.spec.network, family).map(|address| vec![address])
}

/// The address of a family that a lease on a network gets next: the lowest never used, or the one free longest.
pub(super) fn next_address(
    state: &State,
    network: &NetworkName,
    family: Family,
) -> Result<IpAddr, Rejection> {
    let references = state.family_spaces(network, family);
    let spaces: Vec<&ValueSpace> = references.iter().filter_map(|reference| state.space(reference)).collect();
    let unused = spaces.iter().find_map(|space| space.lowest_unused());
    let rested = || spaces.iter().filter_map(|space| space.longest_rested()).min();
    match unused.or_else(|| rested().map(|(_, number)| number)) {
        Some(number) => Ok(family.address(number)),
        None => Err(exhausted(state, network, family, &spaces)),
    }
}

fn check_fixed(claim: &Claim<'_>, address: IpAddr) -> Result<(), Rejection> {
    let value = Value::Address(claim.network.vrf.clone(), address);
    match claim.state.allocations.address_place(&claim.spec.network, address) {
        Some(place) => check_grantable(claim.state, &Wanted { value, place, holder: &claim.spec.holder }),
        None => Err(Rejection::OutsidePool { value, network: claim.spec.network.clone() }),
    }
}

fn had_before(claim: &Claim<'_>, family: Family) -> Option<IpAddr> {
    let former = claim.former?;
    let mut had = former.addresses.iter().copied().filter(|address| Family::of(*address) == family);
    had.find(|address| {
        let place = claim.state.allocations.address_place(&claim.spec.network, *address);
        place.is_some_and(|place| {
            matches!(place.space, SpaceRef::Subnet(..)) && claim.may_return(former, &place)
        })
    })
}

fn exhausted(state: &State, network: &NetworkName, family: Family, spaces: &[&ValueSpace]) -> Rejection {
    let counts = spaces.iter().fold(Counts::default(), |sum, space| sum.plus(space.counts()));
    let next = spaces.iter().filter_map(|space| space.next_free_at()).min();
    let pool = PoolRef::Family(network.clone(), family);
    Rejection::Exhausted { pool, counts, next_free_in: next.map(|end| state.now.until(end)) }
}
