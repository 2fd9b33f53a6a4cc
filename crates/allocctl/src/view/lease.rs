//! Leases.

use std::collections::BTreeMap;
use std::net::IpAddr;

use allocd_types::address::Family;
use allocd_types::holder::Holder;
use allocd_types::id::Generation;
use allocd_types::lease::{Lease, LeasedAddress, Suspicion};
use allocd_types::migration::Migration;
use allocd_types::time::{Span, WallTime};
use serde::Serialize;

use super::{Column, Resource, joined, labels_cell, labels_json, number, or_dash, or_empty, text, wide};

/// `allocd.v1.Lease`.
#[derive(Debug, Serialize)]
pub(crate) struct LeaseJson {
    name: String,
    holder: HolderJson,
    network: String,
    kind: &'static str,
    index: Option<u16>,
    ifname_a: String,
    ifname_b: String,
    mac_a: String,
    mac_b: String,
    mac_beside: String,
    addresses: Vec<LeasedAddressJson>,
    bridge: String,
    vlan: Option<u16>,
    mtu: Option<u16>,
    resolvers: Vec<IpAddr>,
    state: String,
    generation: GenerationJson,
    remaining_ms: Option<u64>,
    granted_at: Option<String>,
    labels: BTreeMap<String, String>,
    unconfirmed: bool,
    delivered: bool,
    migration: Option<MigrationJson>,
    suspect: bool,
    suspicion: Option<SuspicionJson>,
}

/// `allocd.v1.Suspicion`.
#[derive(Debug, Serialize)]
struct SuspicionJson {
    lost_for_ms: u64,
    ends_in_ms: Option<u64>,
}

/// `allocd.v1.Migration`.
#[derive(Debug, Serialize)]
struct MigrationJson {
    id: u64,
    to: String,
    index: Option<u16>,
    begun_at: Option<String>,
}

/// `allocd.v1.Holder`.
#[derive(Debug, Serialize)]
pub(crate) struct HolderJson {
    host: String,
    jail: String,
    interface: String,
}

/// `allocd.v1.LeasedAddress`.
#[derive(Debug, Serialize)]
struct LeasedAddressJson {
    address: String,
    gateway: String,
    subnet: String,
    vrf: String,
}

/// `allocd.v1.Generation`.
#[derive(Debug, Serialize)]
struct GenerationJson {
    timeline: u32,
    revision: u64,
}

impl Resource for Lease {
    type Json = LeaseJson;

    const PLURAL: &'static str = "leases";
    const COLUMNS: &'static [Column] = &[
        text("NAME"),
        text("HOST"),
        text("JAIL"),
        wide("INTERFACE"),
        text("NETWORK"),
        text("IFNAME"),
        wide("MAC A"),
        text("MAC"),
        text("IPV4"),
        text("IPV6"),
        wide("BRIDGE"),
        wide("GATEWAYS"),
        text("STATE"),
        wide("GENERATION"),
        number("REMAINING"),
        wide("GRANTED AT"),
        wide("LABELS"),
    ];

    fn json(&self) -> LeaseJson {
        LeaseJson {
            name: self.name(),
            holder: HolderJson::from(&self.holder),
            network: self.network.to_string(),
            kind: self.kind.as_str(),
            index: self.index.map(|index| index.get()),
            ifname_a: or_empty(self.ifname_a.as_ref()),
            ifname_b: or_empty(self.ifname_b.as_ref()),
            mac_a: or_empty(self.macs.a().as_ref()),
            mac_b: or_empty(self.macs.b().as_ref()),
            mac_beside: or_empty(self.mac_beside.as_ref()),
            addresses: self.addresses.iter().map(LeasedAddressJson::from).collect(),
            bridge: self.bridge.to_string(),
            vlan: self.vlan,
            mtu: self.mtu,
            resolvers: self.resolvers.clone(),
            state: self.state.to_string(),
            generation: GenerationJson::from(self.generation),
            remaining_ms: self.remaining.map(|span| span.millis()),
            granted_at: wall_time(self.granted_at),
            labels: labels_json(&self.labels),
            unconfirmed: self.is_unconfirmed,
            delivered: self.is_delivered,
            migration: self.migration.as_ref().map(MigrationJson::from),
            suspect: self.suspicion.is_some(),
            suspicion: self.suspicion.as_ref().map(SuspicionJson::from),
        }
    }

    fn name(&self) -> String {
        self.id.resource_name()
    }

    fn cells(&self) -> Vec<String> {
        let of = |family: Family| {
            let told = |held: &LeasedAddress| format!("{}/{}", held.address, held.subnet.length());
            joined(self.addresses.iter().filter(|held| Family::of(held.address) == family).map(told))
        };
        vec![
            self.name(),
            self.holder.host.to_string(),
            self.holder.jail.to_string(),
            self.holder.interface.to_string(),
            self.network.to_string(),
            or_dash(self.ifname_b.as_ref().or(self.ifname_a.as_ref())),
            or_dash(self.macs.a().as_ref()),
            or_dash(self.macs.b().or(self.macs.a()).as_ref()),
            of(Family::V4),
            of(Family::V6),
            self.bridge.to_string(),
            joined(self.addresses.iter().filter_map(|held| held.gateway)),
            stand(self),
            self.generation.to_string(),
            self.remaining.map_or_else(|| "permanent".to_owned(), |span| span.to_string()),
            wall_time(self.granted_at).unwrap_or_else(|| "-".to_owned()),
            labels_cell(&self.labels),
        ]
    }
}

impl From<&Holder> for HolderJson {
    fn from(holder: &Holder) -> Self {
        Self {
            host: holder.host.to_string(),
            jail: holder.jail.to_string(),
            interface: holder.interface.to_string(),
        }
    }
}

impl From<&Migration> for MigrationJson {
    fn from(migration: &Migration) -> Self {
        Self {
            id: migration.id.get(),
            to: migration.to.to_string(),
            index: migration.index.map(|index| index.get()),
            begun_at: wall_time(migration.begun_at),
        }
    }
}

/// Where a lease is in its life, with what makes it worth a look.
fn stand(lease: &Lease) -> String {
    if lease.is_unconfirmed {
        return "unconfirmed".to_owned();
    }
    match &lease.migration {
        Some(migration) => format!("moving to {}", migration.to),
        None => lease.suspicion.as_ref().map_or_else(|| lease.state.to_string(), suspect),
    }
}

/// `suspect for 10s, ends in 590s`.
fn suspect(suspicion: &Suspicion) -> String {
    let Suspicion { lost_for, ends_in } = suspicion;
    let ends = ends_in.map(|span| format!(", ends in {span}")).unwrap_or_default();
    format!("suspect for {lost_for}{ends}")
}

impl From<&Suspicion> for SuspicionJson {
    fn from(suspicion: &Suspicion) -> Self {
        let Suspicion { lost_for, ends_in } = suspicion;
        Self { lost_for_ms: lost_for.millis(), ends_in_ms: ends_in.map(Span::millis) }
    }
}

impl From<&LeasedAddress> for LeasedAddressJson {
    fn from(held: &LeasedAddress) -> Self {
        Self {
            address: format!("{}/{}", held.address, held.subnet.length()),
            gateway: or_empty(held.gateway.as_ref()),
            subnet: held.subnet.to_string(),
            vrf: held.vrf.to_string(),
        }
    }
}

impl From<Generation> for GenerationJson {
    fn from(generation: Generation) -> Self {
        Self { timeline: generation.timeline, revision: generation.revision.get() }
    }
}

/// A wall clock's time as RFC 3339 in UTC; nothing if no clock was read.
pub(crate) fn wall_time(time: WallTime) -> Option<String> {
    let millis = i64::try_from(time.unix_millis()).ok().filter(|millis| *millis > 0)?;
    jiff::Timestamp::from_millisecond(millis).ok().map(|timestamp| timestamp.to_string())
}
