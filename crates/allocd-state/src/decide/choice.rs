//! What a holder has a claim to before anybody chooses for it: what it pins, what is reserved for it, what it had before.

use std::net::IpAddr;

use allocd_types::address::Family;
use allocd_types::allocation::{AllocationSpec, FamilyWish, Pins};
use allocd_types::mac::Macs;
use allocd_types::network::NetworkSpec;
use allocd_types::reservation::ReservationSpec;
use allocd_types::value::ValueState;

use crate::record::LeaseRecord;
use crate::state::{Place, State};

/// Where an allocation comes from, which decides what may be pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A client: pinned MACs must be in the network's pool.
    Request,
    /// An inventory: what runs already may have any MAC.
    Import,
}

/// A wish for a lease with everything the holder has a claim to.
pub(super) struct Claim<'a> {
    pub(super) state: &'a State,
    pub(super) spec: &'a AllocationSpec,
    pub(super) network: &'a NetworkSpec,
    pub(super) origin: Origin,
    /// What the holder pins.
    pub(super) pins: &'a Pins,
    /// What is reserved for the holder on this network and for this kind.
    pub(super) reservation: Option<&'a ReservationSpec>,
    /// The lease the holder had before, if its values are remembered and it was on this network and of this kind.
    pub(super) former: Option<&'a LeaseRecord>,
}

impl<'a> Claim<'a> {
    pub(super) fn new(
        state: &'a State,
        spec: &'a AllocationSpec,
        network: &'a NetworkSpec,
        origin: Origin,
    ) -> Self {
        let all = &state.allocations;
        let reservation = all.reserved_for.get(&spec.holder).and_then(|name| all.reservations.get(name));
        let former = all.former_of(&spec.holder).map(|former| &**former);
        Self {
            state,
            spec,
            network,
            origin,
            pins: &spec.pins,
            reservation: reservation
                .map(|reservation| &**reservation)
                .filter(|reservation| reservation.network == spec.network && reservation.kind == spec.kind),
            former: former.filter(|former| former.network == spec.network && former.kind == spec.kind),
        }
    }

    /// The MACs that are reserved for the holder.
    pub(super) fn reserved_macs(&self) -> Macs {
        self.reservation.map_or(Macs::None, |reservation| reservation.macs)
    }

    /// The addresses of a family that must be these: the pinned ones, else the reserved ones.
    pub(super) fn fixed_addresses(&self, family: Family) -> Vec<IpAddr> {
        let of_family = |addresses: &[IpAddr]| -> Vec<IpAddr> {
            let mut found: Vec<IpAddr> =
                addresses.iter().copied().filter(|address| Family::of(*address) == family).collect();
            found.sort();
            found.dedup();
            found
        };
        let pinned = of_family(&self.pins.addresses);
        if !pinned.is_empty() || self.wish(family) == FamilyWish::Unwanted {
            return pinned;
        }
        self.reservation.map_or_else(Vec::new, |reservation| of_family(&reservation.addresses))
    }

    /// What is wished of a family.
    pub(super) const fn wish(&self, family: Family) -> FamilyWish {
        match family {
            Family::V4 => self.spec.ipv4,
            Family::V6 => self.spec.ipv6,
        }
    }

    /// True if the holder had the value before and nobody needed it since; a resting value goes back to it at once.
    pub(super) fn may_return(&self, former: &LeaseRecord, place: &Place) -> bool {
        let Some(space) = self.state.space(&place.space) else { return false };
        let is_remembered = space.memory_of(place.number).is_some_and(|memory| memory.lease == former.id);
        is_remembered
            && matches!(space.state(place.number), ValueState::Free | ValueState::Quarantined)
            && space.reservation_of(place.number).is_none()
    }
}
