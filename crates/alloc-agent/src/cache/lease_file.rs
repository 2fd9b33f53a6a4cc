//! A lease as the cache has it: every field, as text.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::IpAddr;

use allocd_types::address::Prefix;
use allocd_types::id::{LeaseId, MoveId};
use allocd_types::index::UnitIndex;
use allocd_types::label::Labels;
use allocd_types::lease::{Lease, LeasedAddress, Suspicion};
use allocd_types::mac::Macs;
use allocd_types::migration::Migration;
use allocd_types::name::{HostName, InterfaceName, NetworkName, VrfName};
use allocd_types::time::{Span, WallTime};
use allocd_types::violation::Violations;
use serde::{Deserialize, Serialize};

/// A lease.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaseFile {
    id: u64,
    holder: String,
    network: String,
    kind: String,
    index: Option<u16>,
    ifname_a: Option<String>,
    ifname_b: Option<String>,
    mac_a: Option<String>,
    mac_b: Option<String>,
    #[serde(default)]
    mac_beside: Option<String>,
    addresses: Vec<AddressFile>,
    bridge: String,
    vlan: Option<u16>,
    mtu: Option<u16>,
    resolvers: Vec<IpAddr>,
    state: String,
    is_delivered: bool,
    migration: Option<MigrationFile>,
    is_suspect: bool,
    is_unconfirmed: bool,
    generation: String,
    remaining_ms: Option<u64>,
    granted_at_ms: u64,
    labels: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressFile {
    address: IpAddr,
    subnet: String,
    gateway: Option<IpAddr>,
    vrf: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MigrationFile {
    id: u64,
    to: String,
    index: Option<u16>,
    begun_at_ms: u64,
}

impl LeaseFile {
    pub(super) fn new(lease: &Lease) -> Self {
        let text = |name: &Option<InterfaceName>| name.as_ref().map(ToString::to_string);
        Self {
            id: lease.id.get(),
            holder: lease.holder.to_string(),
            network: lease.network.to_string(),
            kind: lease.kind.to_string(),
            index: lease.index.map(UnitIndex::get),
            ifname_a: text(&lease.ifname_a),
            ifname_b: text(&lease.ifname_b),
            mac_a: lease.macs.a().map(|mac| mac.to_string()),
            mac_b: lease.macs.b().map(|mac| mac.to_string()),
            mac_beside: lease.mac_beside.map(|mac| mac.to_string()),
            addresses: lease.addresses.iter().map(AddressFile::new).collect(),
            bridge: lease.bridge.to_string(),
            vlan: lease.vlan,
            mtu: lease.mtu,
            resolvers: lease.resolvers.clone(),
            state: lease.state.to_string(),
            is_delivered: lease.is_delivered,
            migration: lease.migration.as_ref().map(MigrationFile::new),
            is_suspect: lease.suspicion.is_some(),
            is_unconfirmed: lease.is_unconfirmed,
            generation: lease.generation.to_string(),
            remaining_ms: lease.remaining.map(Span::millis),
            granted_at_ms: lease.granted_at.unix_millis(),
            labels: lease.labels.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        }
    }

    /// The lease.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub(super) fn lease(self) -> Result<Lease, String> {
        let name =
            |text: Option<String>| text.map(|text| InterfaceName::new(&text)).transpose().map_err(told);
        let mac = |text: Option<String>| text.map(|text| text.parse()).transpose().map_err(told);
        let macs = match (mac(self.mac_a)?, mac(self.mac_b)?) {
            (Some(a), Some(b)) => Macs::Pair { a, b },
            (Some(mac), None) => Macs::Single(mac),
            (None, _) => Macs::None,
        };
        let mut wrong = Violations::default();
        let labels = Labels::check("labels", self.labels, &mut wrong);
        let labels = wrong.finish(Some(labels)).map_err(told)?;
        Ok(Lease {
            id: LeaseId::new(self.id),
            holder: self.holder.parse().map_err(told)?,
            network: NetworkName::new(&self.network).map_err(told)?,
            kind: self.kind.parse().map_err(told)?,
            index: self.index.map(|unit| UnitIndex::new(unit.into())).transpose().map_err(told)?,
            ifname_a: name(self.ifname_a)?,
            ifname_b: name(self.ifname_b)?,
            macs,
            mac_beside: mac(self.mac_beside)?,
            addresses: self.addresses.into_iter().map(AddressFile::address).collect::<Result<_, _>>()?,
            bridge: InterfaceName::new(&self.bridge).map_err(told)?,
            vlan: self.vlan,
            mtu: self.mtu,
            resolvers: self.resolvers,
            state: self.state.parse().map_err(told)?,
            is_delivered: self.is_delivered,
            migration: self.migration.map(MigrationFile::migration).transpose()?,
            // Since when it is lost the cluster knows, and says anew.
            suspicion: self.is_suspect.then(Suspicion::default),
            is_unconfirmed: self.is_unconfirmed,
            generation: self.generation.parse().map_err(told)?,
            remaining: self.remaining_ms.map(Span::from_millis),
            granted_at: WallTime::from_unix_millis(self.granted_at_ms),
            labels,
        })
    }
}

impl AddressFile {
    fn new(leased: &LeasedAddress) -> Self {
        Self {
            address: leased.address,
            subnet: leased.subnet.to_string(),
            gateway: leased.gateway,
            vrf: leased.vrf.to_string(),
        }
    }

    fn address(self) -> Result<LeasedAddress, String> {
        let subnet: Prefix = self.subnet.parse().map_err(told)?;
        let vrf = VrfName::new(&self.vrf).map_err(told)?;
        Ok(LeasedAddress { address: self.address, subnet, gateway: self.gateway, vrf })
    }
}

impl MigrationFile {
    fn new(migration: &Migration) -> Self {
        Self {
            id: migration.id.get(),
            to: migration.to.to_string(),
            index: migration.index.map(UnitIndex::get),
            begun_at_ms: migration.begun_at.unix_millis(),
        }
    }

    fn migration(self) -> Result<Migration, String> {
        Ok(Migration {
            id: MoveId::new(self.id),
            to: HostName::new(&self.to).map_err(told)?,
            index: self.index.map(|unit| UnitIndex::new(unit.into())).transpose().map_err(told)?,
            begun_at: WallTime::from_unix_millis(self.begun_at_ms),
        })
    }
}

/// An error as a sentence.
pub(super) fn told(error: impl Display) -> String {
    error.to_string()
}
