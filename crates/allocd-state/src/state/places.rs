//! Where values live: from a lease, a MAC or an address to the space and the number in it.

use std::net::IpAddr;

use allocd_types::address::{Family, Prefix, address_bits};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::{HostName, NetworkName, VrfName};
use allocd_types::pool::PoolRef;
use allocd_types::value::Value;

use super::{Allocations, State};
use crate::event::{RestingValue, SpaceRef};
use crate::record::LeaseRecord;

/// One value's place: its space and its number there.
pub(crate) type Place = RestingValue;

impl Allocations {
    /// The place of a unit.
    pub(crate) fn index_place(&self, host: &HostName, kind: InterfaceKind, index: UnitIndex) -> Place {
        Place { space: self.index_space(host, kind), number: u128::from(index.get()) }
    }

    /// The space of a kind's units on a host: the host's own, unless a pool makes them unique in the cluster.
    pub(crate) fn index_space(&self, host: &HostName, kind: InterfaceKind) -> SpaceRef {
        match self.cluster_pool(kind) {
            Some(_) => SpaceRef::ClusterIndex(kind),
            None => SpaceRef::HostIndex(host.clone(), kind),
        }
    }

    /// The place of a MAC: in the pool whose block has it, or among the foreign ones.
    pub(crate) fn mac_place(&self, mac: Mac) -> Place {
        match self.mac_blocks.get_prev(&mac.bits()) {
            Some((_, (last, pool))) if mac.bits() <= *last => {
                Place { space: SpaceRef::Mac(pool.clone()), number: pair_number(mac) }
            }
            Some(_) | None => Place { space: SpaceRef::ForeignMac, number: u128::from(mac.bits()) },
        }
    }

    /// The places of a lease's MACs; an aligned pair has one.
    pub(crate) fn mac_places(&self, macs: Macs) -> Vec<Place> {
        let mut places: Vec<Place> = macs.iter().map(|mac| self.mac_place(mac)).collect();
        places.dedup();
        places
    }

    /// The subnet of a VRF that has an address.
    pub(crate) fn subnet_of(&self, vrf: &VrfName, address: IpAddr) -> Option<(&NetworkName, Prefix)> {
        let ((found, _), (network, prefix)) = self.subnets.get_prev(&(vrf.clone(), address))?;
        (found == vrf && prefix.contains(address)).then_some((network, *prefix))
    }

    /// The place of an address on a network, if the network has a subnet for it.
    pub(crate) fn address_place(&self, network: &NetworkName, address: IpAddr) -> Option<Place> {
        let spec = &self.networks.get(network)?.spec;
        let subnet = spec.subnets.iter().find(|subnet| subnet.prefix.contains(address))?;
        Some(Place {
            space: SpaceRef::Subnet(network.clone(), subnet.prefix.first()),
            number: address_bits(address),
        })
    }

    /// The place of any value, as the pools are now; none of an address in no subnet.
    pub(crate) fn place_of(&self, value: &Value) -> Option<Place> {
        match value {
            Value::Index(host, kind, index) => Some(self.index_place(host, *kind, *index)),
            Value::Mac(mac) => Some(self.mac_place(*mac)),
            Value::Address(vrf, address) => {
                let (network, _) = self.subnet_of(vrf, *address)?;
                self.address_place(network, *address)
            }
        }
    }

    /// The places of everything a lease holds.
    pub(crate) fn places(&self, record: &LeaseRecord) -> Vec<Place> {
        let index = record.index.map(|index| self.index_place(&record.holder.host, record.kind, index));
        // Where units are unique in the cluster, a move keeps its own.
        let next_index = record
            .migration
            .as_ref()
            .and_then(|migration| Some(self.index_place(&migration.to, record.kind, migration.index?)));
        let next_index = next_index.filter(|place| Some(place) != index.as_ref());
        let addresses =
            record.addresses.iter().filter_map(|address| self.address_place(&record.network, *address));
        let held = index.into_iter().chain(next_index).chain(self.mac_places(record.macs)).chain(addresses);
        held.chain(self.retired_places(record)).collect()
    }

    /// The places of what a lease has besides, until its host binds it anew.
    pub(crate) fn retired_places(&self, record: &LeaseRecord) -> Vec<Place> {
        let retired = record.retired.iter().flat_map(|retired| retired.iter());
        let mut places: Vec<Place> = retired.filter_map(|value| self.place_of(value)).collect();
        places.sort();
        places.dedup();
        places
    }

    /// How a space is called among people.
    pub(crate) fn pool_ref(&self, space: &SpaceRef) -> Option<PoolRef> {
        match space {
            SpaceRef::Mac(pool) => Some(PoolRef::Mac(pool.clone())),
            SpaceRef::ForeignMac => None,
            SpaceRef::HostIndex(host, kind) => Some(PoolRef::HostIndex(host.clone(), *kind)),
            SpaceRef::ClusterIndex(kind) => Some(PoolRef::ClusterIndex(*kind)),
            SpaceRef::Subnet(network, first) => {
                let subnets = &self.networks.get(network)?.spec.subnets;
                let subnet = subnets.iter().find(|subnet| subnet.prefix.first() == *first)?;
                Some(PoolRef::Subnet(network.clone(), subnet.prefix))
            }
        }
    }
}

impl State {
    /// The subnets of a network of one family, with their spaces' references, in the network's order.
    pub(crate) fn family_spaces(&self, network: &NetworkName, family: Family) -> Vec<SpaceRef> {
        self.network(network).map_or_else(Vec::new, |spec| {
            spec.subnets
                .iter()
                .filter(|subnet| subnet.prefix.family() == family)
                .map(|subnet| SpaceRef::Subnet(network.clone(), subnet.prefix.first()))
                .collect()
        })
    }
}

/// The number of the aligned pair a MAC is in.
pub(crate) fn pair_number(mac: Mac) -> u128 {
    u128::from(mac.bits() >> 1)
}

/// The pair with a number: its even end and its odd end.
pub(crate) fn pair_of(number: u128) -> (Mac, Mac) {
    let bits = u64::try_from(number << 1).expect("a pair's number has 47 bits");
    (Mac::from_bits(bits), Mac::from_bits(bits | 1))
}
