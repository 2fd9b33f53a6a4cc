//! Leases as they are told: what was decided, with what the network and the host add.

use std::net::IpAddr;

use allocd_types::holder::Holder;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::{Lease, LeasedAddress, Suspicion};
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::{HostName, InterfaceName, NetworkName, VrfName};
use allocd_types::network::NetworkSpec;
use allocd_types::time::Span;

use crate::record::{LeaseRecord, Lifetime};
use crate::state::State;

impl State {
    /// A lease with everything its holder needs to configure the interface.
    ///
    /// # Panics
    /// If the record's network is not there: a lease keeps its network from being deleted.
    #[must_use]
    pub fn told(&self, record: &LeaseRecord) -> Lease {
        Lease { suspicion: self.suspicion(record), ..self.told_as(record) }
    }

    /// The same of a lease that is only just decided, and is not suspect.
    pub(crate) fn told_as(&self, record: &LeaseRecord) -> Lease {
        self.told_if_there(record).expect("a lease keeps its network from being deleted")
    }

    fn suspicion(&self, record: &LeaseRecord) -> Option<Suspicion> {
        let all = &self.allocations;
        let since = all.suspect_since(record)?;
        let ends_at = all.suspect_deadline(record, since).filter(|_| all.recovery.is_none());
        Some(Suspicion { lost_for: since.until(self.now), ends_in: ends_at.map(|at| self.now.until(at)) })
    }

    /// A lease as [`State::told`] has it, or nothing if it ended and its network is gone since.
    pub(crate) fn told_if_there(&self, record: &LeaseRecord) -> Option<Lease> {
        let network = self.network(&record.network)?;
        let (ifname_a, ifname_b) = end_names(record, network);
        let addresses = record.addresses.iter().filter_map(|address| {
            let subnet = network.subnets.iter().find(|subnet| subnet.prefix.contains(*address))?;
            let (address, vrf) = (*address, network.vrf.clone());
            Some(LeasedAddress { address, subnet: subnet.prefix, gateway: subnet.gateway, vrf })
        });
        Some(Lease {
            id: record.id,
            holder: record.holder.clone(),
            network: record.network.clone(),
            kind: record.kind,
            index: record.index,
            ifname_a,
            ifname_b,
            macs: record.macs,
            mac_beside: self.mac_beside(record.macs),
            addresses: addresses.collect(),
            bridge: self.bridge_of(network, &record.holder.host),
            vlan: network.vlan,
            mtu: network.mtu,
            resolvers: network.resolvers.clone(),
            state: record.state,
            is_delivered: record.is_delivered,
            migration: record.migration.as_deref().cloned(),
            suspicion: None,
            generation: record.generation,
            remaining: record.lifetime.map(|lifetime| self.remaining(record, lifetime)),
            is_unconfirmed: self.allocations.is_unconfirmed(record),
            granted_at: record.granted_at,
            labels: record.labels.clone(),
        })
    }

    /// The MAC that has its place together with a lease's only one.
    fn mac_beside(&self, macs: Macs) -> Option<Mac> {
        let Macs::Single(mac) = macs else { return None };
        let beside = mac.beside();
        (self.allocations.mac_place(mac) == self.allocations.mac_place(beside)).then_some(beside)
    }

    /// What is left of a lifetime: nothing of one that may have ended in a former timeline.
    fn remaining(&self, record: &LeaseRecord, lifetime: Lifetime) -> Span {
        if self.allocations.is_unconfirmed(record) { Span::ZERO } else { self.now.until(lifetime.ends_at) }
    }

    /// The bridge of a network on a host: the host's own name for it, or the network's.
    #[must_use]
    pub fn bridge_on(&self, network: &NetworkName, host: &HostName) -> Option<InterfaceName> {
        Some(self.bridge_of(self.network(network)?, host))
    }

    fn bridge_of(&self, network: &NetworkSpec, host: &HostName) -> InterfaceName {
        let own = self.allocations.hosts.get(host).and_then(|host| host.spec.bridges.get(&network.name));
        own.unwrap_or(&network.bridge).clone()
    }

    /// The lease that holds a MAC.
    #[must_use]
    pub fn lease_by_mac(&self, mac: Mac) -> Option<&LeaseRecord> {
        let place = self.allocations.mac_place(mac);
        let lease = self.space(&place.space)?.lease_of(place.number)?;
        // The other end of a pair may be nobody's, if the lease needs one MAC only.
        self.lease(lease).map(|record| &**record).filter(|record| record.macs.iter().any(|held| held == mac))
    }

    /// The lease that holds an address of a VRF.
    #[must_use]
    pub fn lease_by_address(&self, vrf: &VrfName, address: IpAddr) -> Option<&LeaseRecord> {
        let (network, _) = self.allocations.subnet_of(vrf, address)?;
        let place = self.allocations.address_place(network, address)?;
        self.lease(self.space(&place.space)?.lease_of(place.number)?).map(|record| &**record)
    }

    /// The lease whose interface has that name on a host: found by the unit in the name, whatever comes before it.
    #[must_use]
    pub fn lease_by_ifname(&self, host: &HostName, ifname: &InterfaceName) -> Option<&LeaseRecord> {
        let unit = unit_of(ifname)?;
        let kinds = InterfaceKind::ALL.into_iter().filter(|kind| kind.has_index());
        let mut held = kinds.filter_map(|kind| {
            let place = self.allocations.index_place(host, kind, unit);
            self.lease(self.space(&place.space)?.lease_of(place.number)?)
        });
        let is_it = |record: &LeaseRecord| {
            let Some(network) = self.network(&record.network) else { return false };
            let (a, b) = end_names(record, network);
            record.holder.host == *host && (a.as_ref() == Some(ifname) || b.as_ref() == Some(ifname))
        };
        held.find(|record| is_it(record)).map(|record| &**record)
    }

    /// The leases on a host, in the order of jail and interface.
    pub fn leases_on(&self, host: &HostName) -> impl Iterator<Item = &LeaseRecord> {
        let leases = self.allocations.hosts.get(host).into_iter().flat_map(|host| host.holders.leases());
        let mut records: Vec<&LeaseRecord> =
            leases.filter_map(|lease| self.lease(lease).map(|record| &**record)).collect();
        records.sort_by(|one, other| one.holder.cmp(&other.holder));
        records.into_iter()
    }

    /// The leases of a jail on a host, one for each of its interfaces.
    pub fn leases_of_jail<'a>(&'a self, holder: &'a Holder) -> impl Iterator<Item = &'a LeaseRecord> {
        self.leases_on(&holder.host).filter(|record| record.holder.jail == holder.jail)
    }
}

/// The names of the interface's ends, as the network has them.
fn end_names(record: &LeaseRecord, network: &NetworkSpec) -> (Option<InterfaceName>, Option<InterfaceName>) {
    let Some(index) = record.index else { return (None, None) };
    let prefix = match (record.kind, &network.rename_prefix) {
        (InterfaceKind::Epair, Some(prefix)) => prefix.as_str(),
        (kind, _) => kind.as_str(),
    };
    let (a, b) = record.kind.end_names(prefix, index);
    let name = |text: String| InterfaceName::new(&text).expect("a prefix, a unit and an end fit IFNAMSIZ");
    (a.map(name), b.map(name))
}

/// The unit in an interface's name: its last digits, before the letter of an end.
fn unit_of(ifname: &InterfaceName) -> Option<UnitIndex> {
    let name = ifname.as_str();
    let name = name.strip_suffix(['a', 'b']).unwrap_or(name);
    let before = name.trim_end_matches(|c: char| c.is_ascii_digit());
    name[before.len()..].parse().ok()
}
