//! Choosing addresses, family by family.

use std::net::IpAddr;

use allocd_types::address::{Family, address_bits};
use allocd_types::allocation::FamilyWish;
use allocd_types::pool::PoolRef;
use allocd_types::rejection::Rejection;
use allocd_types::usage::Counts;
use allocd_types::value::Value;

use super::choice::Claim;
use super::pinned::{Wanted, check_grantable};
use crate::event::SpaceRef;
use crate::space::ValueSpace;

/// Chooses all addresses of a lease, in the order of the network's subnets.
pub(super) fn choose_addresses(claim: &Claim<'_>) -> Result<Vec<IpAddr>, Rejection> {
    let mut addresses = choose_family(claim, Family::V4)?;
    addresses.extend(choose_family(claim, Family::V6)?);
    addresses.sort_by_key(|address| {
        let subnet = claim.network.subnets.iter().position(|subnet| subnet.prefix.contains(*address));
        (subnet, address_bits(*address))
    });
    Ok(addresses)
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
    let references = claim.state.family_spaces(&claim.spec.network, family);
    match (claim.wish(family), references.is_empty()) {
        (FamilyWish::Unwanted, _) | (FamilyWish::IfSubnets, true) => return Ok(Vec::new()),
        (FamilyWish::Required, true) => {
            return Err(Rejection::NoSubnet { network: claim.spec.network.clone(), family });
        }
        (FamilyWish::IfSubnets | FamilyWish::Required, false) => {}
    }
    if let Some(address) = had_before(claim, family) {
        return Ok(vec![address]);
    }
    let spaces: Vec<&ValueSpace> =
        references.iter().filter_map(|reference| claim.state.space(reference)).collect();
    let unused = spaces.iter().find_map(|space| space.lowest_unused());
    let number = unused
        .or_else(|| spaces.iter().filter_map(|space| space.longest_rested()).min().map(|(_, number)| number));
    match number {
        Some(number) => Ok(vec![family.address(number)]),
        None => Err(exhausted(claim, family, &spaces)),
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

fn exhausted(claim: &Claim<'_>, family: Family, spaces: &[&ValueSpace]) -> Rejection {
    let counts = spaces.iter().fold(Counts::default(), |sum, space| sum.plus(space.counts()));
    let next = spaces.iter().filter_map(|space| space.next_free_at()).min();
    let pool = PoolRef::Family(claim.spec.network.clone(), family);
    Rejection::Exhausted { pool, counts, next_free_in: next.map(|end| claim.state.now.until(end)) }
}
