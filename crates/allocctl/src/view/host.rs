//! Hosts.

use std::collections::BTreeMap;

use allocd_types::host::Host;
use serde::Serialize;

use super::{Column, Resource, joined, labels_cell, labels_json, number, or_dash, or_empty, text, wide};

/// `allocd.v1.Host`.
#[derive(Serialize)]
pub(crate) struct HostJson {
    name: String,
    bridges: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    state: String,
    incarnation: u64,
    uuid: String,
    leases: u32,
    release: String,
    awaited: u32,
    suspects: u32,
}

impl Resource for Host {
    type Json = HostJson;

    const PLURAL: &'static str = "hosts";
    const COLUMNS: &'static [Column] = &[
        text("NAME"),
        text("STATE"),
        number("LEASES"),
        number("AWAITED"),
        number("SUSPECTS"),
        text("RELEASE"),
        number("INCARNATION"),
        text("BRIDGES"),
        wide("HOSTUUID"),
        wide("LABELS"),
    ];

    fn json(&self) -> HostJson {
        let bridges = self.spec.bridges.iter();
        HostJson {
            name: self.name(),
            bridges: bridges.map(|(network, bridge)| (network.to_string(), bridge.to_string())).collect(),
            labels: labels_json(&self.spec.labels),
            state: self.state.to_string(),
            incarnation: self.incarnation.get(),
            uuid: or_empty(self.uuid.as_ref()),
            leases: self.leases,
            release: or_empty(self.release.as_ref()),
            awaited: self.awaited,
            suspects: self.suspects,
        }
    }

    fn name(&self) -> String {
        self.spec.name.to_string()
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.name(),
            self.state.to_string(),
            self.leases.to_string(),
            self.awaited.to_string(),
            self.suspects.to_string(),
            or_dash(self.release.as_ref()),
            self.incarnation.to_string(),
            joined(self.spec.bridges.iter().map(|(network, bridge)| format!("{network}={bridge}"))),
            or_dash(self.uuid.as_ref()),
            labels_cell(&self.spec.labels),
        ]
    }
}
