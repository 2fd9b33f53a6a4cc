//! Choosing what the link needs: the unit, and the MACs.

use allocd_types::index::UnitIndex;
use allocd_types::kind::{InterfaceKind, MacNeed};
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::HostName;
use allocd_types::network::NetworkSpec;
use allocd_types::rejection::Rejection;
use allocd_types::value::Value;

use super::choice::{Claim, Origin};
use super::pinned::{Wanted, check_grantable};
use crate::entropy::Entropy;
use crate::event::SpaceRef;
use crate::space::ValueSpace;
use crate::state::{State, pair_of};

/// Chooses the unit: the pinned or reserved one, the one the holder had, the lowest never used, or the one free longest.
pub(super) fn choose_index(claim: &Claim<'_>) -> Result<Option<UnitIndex>, Rejection> {
    let (state, kind, host) = (claim.state, claim.spec.kind, &claim.spec.holder.host);
    if !kind.has_index() {
        return match claim.pins.index {
            Some(index) => Err(Rejection::NotOfKind { value: Value::Index(host.clone(), kind, index), kind }),
            None => Ok(None),
        };
    }
    let all = &state.allocations;
    let fixed = claim.pins.index.or_else(|| claim.reservation.and_then(|reservation| reservation.index));
    if let Some(index) = fixed {
        let (value, place) = (Value::Index(host.clone(), kind, index), all.index_place(host, kind, index));
        check_grantable(state, &Wanted { value, place, holder: &claim.spec.holder })?;
        return Ok(Some(index));
    }
    if let Some(former) = claim.former
        && let Some(index) = former.index
        && claim.may_return(former, &all.index_place(host, kind, index))
    {
        return Ok(Some(index));
    }
    next_unit(state, host, kind).map(Some)
}

/// The unit that a host gets next: the lowest never used, or the one free longest.
pub(super) fn next_unit(state: &State, host: &HostName, kind: InterfaceKind) -> Result<UnitIndex, Rejection> {
    let reference = state.allocations.index_space(host, kind);
    let space = state.space(&reference).expect("every host and every index pool has its space");
    let number = space.lowest_unused().or_else(|| space.longest_rested().map(|(_, number)| number));
    let number = number.ok_or_else(|| exhausted(state, &reference, space))?;
    let unit = u32::try_from(number).ok().and_then(|number| UnitIndex::new(number).ok());
    Ok(unit.expect("a space of units holds units only"))
}

/// Chooses the MACs: the pinned or reserved ones, those the holder had, a random never-used pair, or the one free longest.
pub(super) fn choose_macs(claim: &Claim<'_>, entropy: &mut Entropy) -> Result<Macs, Rejection> {
    let kind = claim.spec.kind;
    let need = kind.mac_need();
    let pinned = claim.pins.macs;
    if pinned != Macs::None {
        check_pinned_macs(claim, pinned)?;
        return Ok(pinned);
    }
    let reserved = claim.reserved_macs();
    if fits(need, reserved) && reserved != Macs::None {
        check_each(claim, reserved)?;
        return Ok(reserved);
    }
    if need == MacNeed::None {
        return Ok(Macs::None);
    }
    let all = &claim.state.allocations;
    if let Some(former) = claim.former
        && fits(need, former.macs)
        && all.mac_places(former.macs).iter().all(|place| claim.may_return(former, place))
    {
        return Ok(former.macs);
    }
    next_macs(claim.state, claim.network, need, entropy)
}

/// The MACs that an interface on a network gets next: a random never-used pair, or the one free longest.
pub(super) fn next_macs(
    state: &State,
    network: &NetworkSpec,
    need: MacNeed,
    entropy: &mut Entropy,
) -> Result<Macs, Rejection> {
    let reference = SpaceRef::Mac(network.mac_pool.clone());
    let space = state.space(&reference).expect("a network's MAC pool is there");
    let unused = space.unused_near(u128::from(entropy.draw()));
    let number = unused.or_else(|| space.longest_rested().map(|(_, number)| number));
    let (a, b) = pair_of(number.ok_or_else(|| exhausted(state, &reference, space))?);
    Ok(match need {
        MacNeed::Pair => Macs::Pair { a, b },
        MacNeed::Single => Macs::Single(a),
        MacNeed::None => Macs::None,
    })
}

const fn fits(need: MacNeed, macs: Macs) -> bool {
    matches!(
        (need, macs),
        (MacNeed::None, Macs::None) | (MacNeed::Single, Macs::Single(_)) | (MacNeed::Pair, Macs::Pair { .. })
    )
}

/// Pinned MACs must fit the kind, and be in the network's pool unless they are reserved for the holder or come by import.
fn check_pinned_macs(claim: &Claim<'_>, pinned: Macs) -> Result<(), Rejection> {
    let kind = claim.spec.kind;
    if !fits(kind.mac_need(), pinned) {
        let mac = pinned.a().expect("pinned MACs are not none");
        return Err(Rejection::NotOfKind { value: Value::Mac(mac), kind });
    }
    let own_pool = SpaceRef::Mac(claim.network.mac_pool.clone());
    let is_known = |mac: Mac| claim.state.allocations.mac_place(mac).space == own_pool;
    let foreign = pinned.iter().find(|mac| !is_known(*mac));
    if let Some(mac) = foreign.filter(|_| claim.origin == Origin::Request && claim.reserved_macs() != pinned)
    {
        return Err(Rejection::OutsidePool { value: Value::Mac(mac), network: claim.spec.network.clone() });
    }
    check_each(claim, pinned)
}

fn check_each(claim: &Claim<'_>, macs: Macs) -> Result<(), Rejection> {
    for mac in macs.iter() {
        let place = claim.state.allocations.mac_place(mac);
        check_grantable(claim.state, &Wanted { value: Value::Mac(mac), place, holder: &claim.spec.holder })?;
    }
    Ok(())
}

fn exhausted(state: &State, reference: &SpaceRef, space: &ValueSpace) -> Rejection {
    let pool = state.allocations.pool_ref(reference).expect("only pools are chosen from");
    let next_free_in = space.next_free_at().map(|end| state.now.until(end));
    Rejection::Exhausted { pool, counts: space.counts(), next_free_in }
}
