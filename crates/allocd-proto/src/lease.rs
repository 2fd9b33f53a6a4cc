//! Leases, and by what they are named.

use std::net::IpAddr;

use allocd_types::address::Prefix;
use allocd_types::allocation::LeaseRef;
use allocd_types::id::{Generation, LeaseId, Revision};
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::{Lease, LeasedAddress, Suspicion};
use allocd_types::mac::Mac;
use allocd_types::name::{InterfaceName, NetworkName};
use allocd_types::time::Span;
use allocd_types::violation::Violations;

use crate::enumeration::said;
use crate::read::{Read, ip, list, narrow, optional_ip, optional_text, path, required, text};
use crate::{index, label, mac, span, v1};

/// Reads a lease's resource name.
pub(crate) fn id(name: &str, field: &str, wrong: &mut Violations) -> Option<LeaseId> {
    wrong.keep(field, LeaseId::from_resource_name(name))
}

/// Reads which lease is meant: exactly one of `name` and `holder` is given.
pub(crate) fn reference(name: &str, holder: Option<v1::Holder>, wrong: &mut Violations) -> Option<LeaseRef> {
    match (name.is_empty(), holder) {
        (false, None) => id(name, "name", wrong).map(LeaseRef::Id),
        (true, Some(holder)) => holder.read("holder", wrong).map(LeaseRef::Holder),
        (true, None) => {
            wrong.add("name", "is missing: say the lease's name or its holder");
            None
        }
        (false, Some(_)) => {
            wrong.add("holder", "says a second time which lease is meant: give the name or the holder");
            None
        }
    }
}

/// Which lease is meant, as the fields `name` and `holder`.
pub(crate) fn reference_fields(lease: LeaseRef) -> (String, Option<v1::Holder>) {
    match lease {
        LeaseRef::Id(id) => (id.resource_name(), None),
        LeaseRef::Holder(holder) => (String::new(), Some(holder.into())),
    }
}

impl Read for v1::Lease {
    type Word = Lease;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Lease> {
        let at = |inner: &str| path(field, inner);
        let id = id(&self.name, &at("name"), wrong);
        let holder = required(self.holder, &at("holder"), wrong);
        let network: Option<NetworkName> = text(&self.network, &at("network"), wrong);
        let kind: Option<InterfaceKind> = said::<v1::InterfaceKind>(self.kind, &at("kind"), wrong);
        let index = index::optional(self.index, &at("index"), wrong);
        let ifname_a = optional_text::<InterfaceName>(&self.ifname_a, &at("ifname_a"), wrong);
        let ifname_b = optional_text::<InterfaceName>(&self.ifname_b, &at("ifname_b"), wrong);
        let macs = mac::read(&self.mac_a, &self.mac_b, field, wrong);
        let mac_beside = optional_text::<Mac>(&self.mac_beside, &at("mac_beside"), wrong);
        let addresses =
            list(self.addresses, &at("addresses"), wrong, |address, field, wrong| address.read(field, wrong));
        let bridge: Option<InterfaceName> = text(&self.bridge, &at("bridge"), wrong);
        let vlan = self.vlan.map_or(Some(None), |vlan| narrow(vlan, &at("vlan"), wrong).map(Some));
        let mtu = self.mtu.map_or(Some(None), |mtu| narrow(mtu, &at("mtu"), wrong).map(Some));
        let resolvers =
            list(&self.resolvers, &at("resolvers"), wrong, |given, field, wrong| ip(given, field, wrong));
        let state = said::<v1::LeaseState>(self.state, &at("state"), wrong);
        let generation = required(self.generation, &at("generation"), wrong);
        let migration = crate::read::optional(self.migration, &at("migration"), wrong);
        // Members of before say only that it is suspect.
        let suspicion = self.suspicion.map(Into::into).or(self.suspect.then(Suspicion::default));
        let granted_at = span::wall(self.granted_at, &at("granted_at"), wrong);
        let labels = Labels::check(&at("labels"), self.labels, wrong);
        Some(Lease {
            id: id?,
            holder: holder?,
            network: network?,
            kind: kind?,
            index: index?,
            ifname_a: ifname_a?,
            ifname_b: ifname_b?,
            macs: macs?,
            mac_beside: mac_beside?,
            addresses: addresses?,
            bridge: bridge?,
            vlan: vlan?,
            mtu: mtu?,
            resolvers: resolvers?,
            state: state?,
            is_delivered: self.delivered,
            migration: migration?,
            suspicion,
            generation: generation?,
            remaining: self.remaining_ms.map(Span::from_millis),
            is_unconfirmed: self.unconfirmed,
            granted_at: granted_at?,
            labels,
        })
    }
}

impl From<Lease> for v1::Lease {
    fn from(lease: Lease) -> Self {
        let (mac_a, mac_b) = mac::texts(lease.macs);
        let ifname = |name: Option<InterfaceName>| name.map(|name| name.to_string()).unwrap_or_default();
        Self {
            name: lease.id.resource_name(),
            holder: Some(lease.holder.into()),
            network: lease.network.to_string(),
            kind: v1::InterfaceKind::from(lease.kind).into(),
            index: lease.index.map(|index| index.get().into()),
            ifname_a: ifname(lease.ifname_a),
            ifname_b: ifname(lease.ifname_b),
            mac_a,
            mac_b,
            mac_beside: lease.mac_beside.map(|mac| mac.to_string()).unwrap_or_default(),
            addresses: lease.addresses.into_iter().map(Into::into).collect(),
            bridge: lease.bridge.to_string(),
            vlan: lease.vlan.map(u32::from),
            mtu: lease.mtu.map(u32::from),
            resolvers: lease.resolvers.iter().map(ToString::to_string).collect(),
            state: v1::LeaseState::from(lease.state).into(),
            generation: Some(lease.generation.into()),
            remaining_ms: lease.remaining.map(Span::millis),
            unconfirmed: lease.is_unconfirmed,
            delivered: lease.is_delivered,
            migration: lease.migration.map(Into::into),
            suspect: lease.suspicion.is_some(),
            suspicion: lease.suspicion.map(Into::into),
            granted_at: Some(span::timestamp(lease.granted_at)),
            labels: label::map(&lease.labels),
        }
    }
}

impl From<v1::Suspicion> for Suspicion {
    fn from(told: v1::Suspicion) -> Self {
        let (lost_for, ends_in) = (Span::from_millis(told.lost_for_ms), told.ends_in_ms);
        Self { lost_for, ends_in: ends_in.map(Span::from_millis) }
    }
}

impl From<Suspicion> for v1::Suspicion {
    fn from(suspicion: Suspicion) -> Self {
        let Suspicion { lost_for, ends_in } = suspicion;
        Self { lost_for_ms: lost_for.millis(), ends_in_ms: ends_in.map(Span::millis) }
    }
}

impl Read for v1::LeasedAddress {
    type Word = LeasedAddress;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<LeasedAddress> {
        let address = with_length(&self.address, &path(field, "address"), wrong);
        let subnet: Option<Prefix> = text(&self.subnet, &path(field, "subnet"), wrong);
        let gateway = optional_ip(&self.gateway, &path(field, "gateway"), wrong);
        let vrf = text(&self.vrf, &path(field, "vrf"), wrong);
        let ((address, length), subnet) = (address?, subnet?);
        if length != subnet.length() || !subnet.contains(address) {
            wrong.add(&path(field, "address"), format!("{address}/{length} is not of subnet {subnet}"));
            return None;
        }
        Some(LeasedAddress { address, subnet, gateway: gateway?, vrf: vrf? })
    }
}

/// Reads an address with the prefix length of its interface.
fn with_length(given: &str, field: &str, wrong: &mut Violations) -> Option<(IpAddr, u8)> {
    let parts = given.split_once('/');
    let parts = parts.and_then(|(address, length)| Some((address.parse().ok()?, length.parse().ok()?)));
    let shown: String = given.chars().take(64).collect();
    wrong.keep(field, parts.ok_or(format!("{shown:?} is no address with a prefix length")))
}

impl From<LeasedAddress> for v1::LeasedAddress {
    fn from(leased: LeasedAddress) -> Self {
        Self {
            address: format!("{}/{}", leased.address, leased.subnet.length()),
            gateway: leased.gateway.map(|gateway| gateway.to_string()).unwrap_or_default(),
            subnet: leased.subnet.to_string(),
            vrf: leased.vrf.to_string(),
        }
    }
}

impl Read for v1::Generation {
    type Word = Generation;

    fn read(self, _field: &str, _wrong: &mut Violations) -> Option<Generation> {
        Some(Generation { timeline: self.timeline, revision: Revision::new(self.revision) })
    }
}

impl From<Generation> for v1::Generation {
    fn from(generation: Generation) -> Self {
        Self { timeline: generation.timeline, revision: generation.revision.get() }
    }
}
