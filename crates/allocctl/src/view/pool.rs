//! Pools, and the naming of every pool there is.

use std::collections::BTreeMap;

use allocd_types::address::Family;
use allocd_types::pool::{IndexScope, PoolRef, PoolSpec, PoolValues};
use serde::Serialize;

use super::network::ThresholdsJson;
use super::{Column, Resource, joined, labels_cell, labels_json, text, wide};

/// `allocd.v1.Pool`.
#[derive(Serialize)]
pub(crate) struct PoolJson {
    name: String,
    mac: Option<MacValuesJson>,
    index: Option<IndexValuesJson>,
    quarantine_ms: u64,
    thresholds: ThresholdsJson,
    labels: BTreeMap<String, String>,
}

/// `allocd.v1.MacValues`.
#[derive(Serialize)]
struct MacValuesJson {
    blocks: Vec<String>,
}

/// `allocd.v1.IndexValues`.
#[derive(Serialize)]
struct IndexValuesJson {
    kind: &'static str,
    first: u16,
    last: u16,
    scope: &'static str,
}

/// `allocd.v1.PoolRef`.
#[derive(Default, Serialize)]
pub(crate) struct PoolRefJson {
    mac: Option<String>,
    host_index: Option<HostIndexPoolJson>,
    cluster_index: Option<&'static str>,
    subnet: Option<SubnetPoolJson>,
    family: Option<FamilyPoolJson>,
}

/// `allocd.v1.HostIndexPool`.
#[derive(Serialize)]
struct HostIndexPoolJson {
    host: String,
    kind: &'static str,
}

/// `allocd.v1.SubnetPool`.
#[derive(Serialize)]
struct SubnetPoolJson {
    network: String,
    prefix: String,
}

/// `allocd.v1.FamilyPool`.
#[derive(Serialize)]
struct FamilyPoolJson {
    network: String,
    family: &'static str,
}

impl Resource for PoolSpec {
    type Json = PoolJson;

    const PLURAL: &'static str = "pools";
    const COLUMNS: &'static [Column] =
        &[text("NAME"), text("VALUES"), text("RANGE"), text("SCOPE"), text("QUARANTINE"), wide("LABELS")];

    fn json(&self) -> PoolJson {
        let (mac, index) = match &self.values {
            PoolValues::Mac { blocks } => {
                (Some(MacValuesJson { blocks: blocks.iter().map(ToString::to_string).collect() }), None)
            }
            PoolValues::Index { kind, first, last, scope } => {
                let (kind, first, last) = (kind.as_str(), first.get(), last.get());
                (None, Some(IndexValuesJson { kind, first, last, scope: scope_text(*scope) }))
            }
        };
        PoolJson {
            name: Resource::name(self),
            mac,
            index,
            quarantine_ms: self.quarantine.millis(),
            thresholds: self.thresholds.into(),
            labels: labels_json(&self.labels),
        }
    }

    fn name(&self) -> String {
        self.name.to_string()
    }

    fn cells(&self) -> Vec<String> {
        let (values, range, scope) = match &self.values {
            PoolValues::Mac { blocks } => ("MAC addresses".to_owned(), joined(blocks), "cluster"),
            PoolValues::Index { kind, first, last, scope } => {
                (format!("{kind} units"), format!("{first}-{last}"), scope_text(*scope))
            }
        };
        let quarantine = self.quarantine.to_string();
        vec![Resource::name(self), values, range, scope.to_owned(), quarantine, labels_cell(&self.labels)]
    }
}

const fn scope_text(scope: IndexScope) -> &'static str {
    match scope {
        IndexScope::Host => "host",
        IndexScope::Cluster => "cluster",
    }
}

impl From<&PoolRef> for PoolRefJson {
    fn from(pool: &PoolRef) -> Self {
        let none = Self::default();
        match pool {
            PoolRef::Mac(name) => Self { mac: Some(name.to_string()), ..none },
            PoolRef::HostIndex(host, kind) => {
                let host_index = HostIndexPoolJson { host: host.to_string(), kind: kind.as_str() };
                Self { host_index: Some(host_index), ..none }
            }
            PoolRef::ClusterIndex(kind) => Self { cluster_index: Some(kind.as_str()), ..none },
            PoolRef::Subnet(network, prefix) => {
                let subnet = SubnetPoolJson { network: network.to_string(), prefix: prefix.to_string() };
                Self { subnet: Some(subnet), ..none }
            }
            PoolRef::Family(network, family) => {
                let family = match family {
                    Family::V4 => "ipv4",
                    Family::V6 => "ipv6",
                };
                Self { family: Some(FamilyPoolJson { network: network.to_string(), family }), ..none }
            }
        }
    }
}
