//! Networks.

use std::collections::BTreeMap;
use std::net::IpAddr;

use allocd_types::network::{NetworkSpec, SubnetSpec};
use allocd_types::time::Span;
use allocd_types::usage::Thresholds;
use serde::Serialize;

use super::{Column, Resource, joined, labels_cell, labels_json, number, or_dash, or_empty, text, wide};

/// `allocd.v1.Network`.
#[derive(Serialize)]
pub(crate) struct NetworkJson {
    name: String,
    vrf: String,
    bridge: String,
    vlan: Option<u16>,
    mtu: Option<u16>,
    subnets: Vec<SubnetJson>,
    mac_pool: String,
    rename_prefix: String,
    resolvers: Vec<IpAddr>,
    quarantine_ms: u64,
    free_suspects_after_ms: Option<u64>,
    thresholds: ThresholdsJson,
    labels: BTreeMap<String, String>,
}

/// `allocd.v1.Subnet`.
#[derive(Serialize)]
struct SubnetJson {
    prefix: String,
    gateway: String,
    ranges: Vec<String>,
}

/// `allocd.v1.Thresholds`.
#[derive(Serialize)]
pub(crate) struct ThresholdsJson {
    warning_percent: u8,
    critical_percent: u8,
}

impl Resource for NetworkSpec {
    type Json = NetworkJson;

    const PLURAL: &'static str = "networks";
    const COLUMNS: &'static [Column] = &[
        text("NAME"),
        text("BRIDGE"),
        text("VLAN"),
        number("MTU"),
        text("SUBNETS"),
        text("GATEWAYS"),
        wide("RANGES"),
        text("MAC POOL"),
        wide("VRF"),
        wide("RENAME PREFIX"),
        wide("RESOLVERS"),
        wide("QUARANTINE"),
        wide("FREE SUSPECTS AFTER"),
        wide("LABELS"),
    ];

    fn json(&self) -> NetworkJson {
        NetworkJson {
            name: Resource::name(self),
            vrf: self.vrf.to_string(),
            bridge: self.bridge.to_string(),
            vlan: self.vlan,
            mtu: self.mtu,
            subnets: self.subnets.iter().map(SubnetJson::from).collect(),
            mac_pool: self.mac_pool.to_string(),
            rename_prefix: self
                .rename_prefix
                .as_ref()
                .map(|prefix| prefix.as_str().to_owned())
                .unwrap_or_default(),
            resolvers: self.resolvers.clone(),
            quarantine_ms: self.quarantine.millis(),
            free_suspects_after_ms: self.free_suspects_after.map(Span::millis),
            thresholds: self.thresholds.into(),
            labels: labels_json(&self.labels),
        }
    }

    fn name(&self) -> String {
        self.name.to_string()
    }

    fn cells(&self) -> Vec<String> {
        vec![
            Resource::name(self),
            self.bridge.to_string(),
            or_dash(self.vlan.as_ref()),
            or_dash(self.mtu.as_ref()),
            joined(self.subnets.iter().map(|subnet| subnet.prefix)),
            joined(self.subnets.iter().filter_map(|subnet| subnet.gateway)),
            joined(self.subnets.iter().flat_map(|subnet| &subnet.ranges)),
            self.mac_pool.to_string(),
            self.vrf.to_string(),
            or_dash(self.rename_prefix.as_ref().map(|prefix| prefix.as_str()).as_ref()),
            joined(&self.resolvers),
            self.quarantine.to_string(),
            or_dash(self.free_suspects_after.as_ref()),
            labels_cell(&self.labels),
        ]
    }
}

impl From<&SubnetSpec> for SubnetJson {
    fn from(subnet: &SubnetSpec) -> Self {
        Self {
            prefix: subnet.prefix.to_string(),
            gateway: or_empty(subnet.gateway.as_ref()),
            ranges: subnet.ranges.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<Thresholds> for ThresholdsJson {
    fn from(thresholds: Thresholds) -> Self {
        Self { warning_percent: thresholds.warning_percent, critical_percent: thresholds.critical_percent }
    }
}
