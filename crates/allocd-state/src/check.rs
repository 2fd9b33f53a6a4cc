//! The self-check: finds every broken invariant of a state, whatever brought it about.
//!
//! It trusts no index and no counter: everything that is kept twice for speed is derived again from the leases, reservations,
//! exclusions and specifications and compared.

use std::collections::{BTreeMap, BTreeSet};

use allocd_types::id::LeaseId;
use allocd_types::mac::Mac;

use crate::event::{RestingValue, SpaceRef};
use crate::state::State;

/// One broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What it is about: a lease, a pool, a host.
    pub subject: String,
    /// What is wrong, as a sentence without a final stop.
    pub message: String,
}

impl Flaw {
    fn new(subject: impl ToString, message: impl ToString) -> Self {
        Self { subject: subject.to_string(), message: message.to_string() }
    }
}

impl State {
    /// Every broken invariant; none in a sound state. Takes time in the order of everything there is.
    #[must_use]
    pub fn check(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        self.check_values(&mut flaws);
        self.check_macs(&mut flaws);
        self.check_spaces(&mut flaws);
        self.check_holders(&mut flaws);
        self.check_exclusions(&mut flaws);
        self.check_deadlines(&mut flaws);
        self.check_former(&mut flaws);
        flaws
    }

    /// Every value of a lease is held by that lease and no other, and every held value is of a lease.
    fn check_values(&self, flaws: &mut Vec<Flaw>) {
        let mut holders: BTreeMap<RestingValue, LeaseId> = BTreeMap::new();
        for record in self.leases() {
            for place in self.allocations.places(record) {
                let held_by = self.space(&place.space).and_then(|space| space.lease_of(place.number));
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
        for reference in self.allocations.space_refs() {
            let leased =
                self.space(&reference).into_iter().flat_map(|space| space.leased_within(0, u128::MAX));
            for (number, lease) in leased {
                let value = RestingValue { space: reference.clone(), number };
                if holders.get(&value) != Some(&lease) {
                    flaws.push(Flaw::new(
                        lease.resource_name(),
                        format!("holds {number} in {reference:?} without saying so"),
                    ));
                }
            }
        }
    }

    /// No MAC is in two leases, and no interface name twice on a host: told from the leases alone.
    fn check_macs(&self, flaws: &mut Vec<Flaw>) {
        let mut macs: BTreeMap<Mac, LeaseId> = BTreeMap::new();
        let mut units = BTreeSet::new();
        for record in self.leases() {
            for mac in record.macs.iter() {
                if let Some(other) = macs.insert(mac, record.id) {
                    flaws.push(Flaw::new(
                        mac,
                        format!("is in {} and in {}", other.resource_name(), record.id.resource_name()),
                    ));
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

    /// Every space's counts, unions and orders are what a recount gives, and its reservations are there.
    fn check_spaces(&self, flaws: &mut Vec<Flaw>) {
        for reference in self.allocations.space_refs() {
            let Some(space) = self.space(&reference) else { continue };
            flaws.extend(
                space.flaws().into_iter().map(|message| Flaw::new(format!("{reference:?}"), message)),
            );
            if !space.excludes_exactly(&self.allocations.excluded_from(&reference)) {
                flaws.push(Flaw::new(
                    format!("{reference:?}"),
                    "the excluded values are not those of the exclusions",
                ));
            }
        }
        for reservation in self.reservations() {
            for place in crate::evolve::reserved_places(&self.allocations, reservation) {
                let name = self.space(&place.space).and_then(|space| space.reservation_of(place.number));
                if name != Some(&reservation.name) {
                    let message = format!("its value {} in {:?} is not set aside", place.number, place.space);
                    flaws.push(Flaw::new(format!("reservation {}", reservation.name), message));
                }
            }
        }
    }

    /// Holders, hosts and networks name the leases that name them.
    fn check_holders(&self, flaws: &mut Vec<Flaw>) {
        for record in self.leases() {
            if self.lease_of(&record.holder).map(|found| found.id) != Some(record.id) {
                flaws.push(Flaw::new(
                    record.id.resource_name(),
                    format!("{} does not know it", record.holder),
                ));
            }
            if self.network(&record.network).is_none() {
                flaws.push(Flaw::new(
                    record.id.resource_name(),
                    format!("network {} is not there", record.network),
                ));
            }
            if record.id >= self.allocations.next_lease {
                flaws.push(Flaw::new(record.id.resource_name(), "its id could be given again"));
            }
        }
        let held: usize = self.allocations.hosts.values().map(|host| host.holders.len()).sum();
        if held != self.lease_count() {
            flaws.push(Flaw::new("hosts", format!("{held} holders for {} leases", self.lease_count())));
        }
        for (name, network) in &self.allocations.networks {
            let leases = self.leases().filter(|record| record.network == *name).map(|_| 1_u64).sum::<u64>();
            if leases != network.leases {
                flaws.push(Flaw::new(
                    format!("network {name}"),
                    format!("counts {} leases of {leases}", network.leases),
                ));
            }
        }
    }

    /// Every subnet is found by its addresses, and no two of a VRF overlap.
    fn check_exclusions(&self, flaws: &mut Vec<Flaw>) {
        let mut before: Option<(&allocd_types::name::VrfName, allocd_types::address::Prefix)> = None;
        for ((vrf, _), (network, prefix)) in &self.allocations.subnets {
            if let Some((_, other)) =
                before.filter(|(other_vrf, other)| *other_vrf == vrf && other.overlaps(*prefix))
            {
                flaws.push(Flaw::new(
                    format!("network {network}"),
                    format!("{prefix} overlaps {other} in VRF {vrf}"),
                ));
            }
            before = Some((vrf, *prefix));
        }
        let listed = self.allocations.subnets.len();
        let there: usize = self.networks().map(|network| network.subnets.len()).sum();
        if listed != there {
            flaws.push(Flaw::new("subnets", format!("{listed} are listed, {there} are there")));
        }
    }

    /// Whatever has a deadline is in the order of deadlines, and nothing else is.
    fn check_deadlines(&self, flaws: &mut Vec<Flaw>) {
        let leases =
            self.leases().filter_map(|record| record.lifetime.map(|lifetime| (lifetime.ends_at, record.id)));
        if self.allocations.lease_deadlines != leases.collect() {
            flaws.push(Flaw::new("deadlines", "the order of lifetimes is not that of the leases"));
        }
        let spaces = self.allocations.space_refs().into_iter();
        let rests = spaces.filter_map(|space| Some((self.space(&space)?.next_rest_end()?, space)));
        if self.allocations.rest_deadlines != rests.collect() {
            flaws.push(Flaw::new("deadlines", "the order of rests is not that of the resting values"));
        }
    }

    /// A former lease is kept exactly as long as values remember it.
    fn check_former(&self, flaws: &mut Vec<Flaw>) {
        let mut remembered: BTreeMap<LeaseId, u32> = BTreeMap::new();
        for reference in self.allocations.space_refs() {
            for lease in self.space(&reference).into_iter().flat_map(crate::space::ValueSpace::remembered) {
                *remembered.entry(lease).or_default() += 1;
            }
        }
        let kept: BTreeMap<LeaseId, u32> =
            self.allocations.former.iter().map(|(lease, former)| (*lease, former.remembered_by)).collect();
        if remembered != kept {
            flaws.push(Flaw::new("former leases", "those that are kept are not those that values remember"));
        }
        let is_unknown = |space: &SpaceRef| self.space(space).is_none();
        for (_, space) in self.allocations.rest_deadlines.iter().filter(|(_, space)| is_unknown(space)) {
            flaws.push(Flaw::new(format!("{space:?}"), "has a deadline but is not there"));
        }
    }
}
