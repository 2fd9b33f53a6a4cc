//! Reservations.

use std::collections::BTreeMap;
use std::net::IpAddr;

use allocd_types::reservation::ReservationSpec;
use serde::Serialize;

use super::lease::HolderJson;
use super::{Column, Resource, joined, labels_cell, labels_json, number, or_dash, or_empty, text, wide};

/// `allocd.v1.Reservation`.
#[derive(Serialize)]
pub(crate) struct ReservationJson {
    name: String,
    holder: HolderJson,
    network: String,
    kind: &'static str,
    index: Option<u16>,
    mac_a: String,
    mac_b: String,
    addresses: Vec<IpAddr>,
    labels: BTreeMap<String, String>,
}

impl Resource for ReservationSpec {
    type Json = ReservationJson;

    const PLURAL: &'static str = "reservations";
    const COLUMNS: &'static [Column] = &[
        text("NAME"),
        text("HOLDER"),
        text("NETWORK"),
        text("KIND"),
        number("INDEX"),
        text("MACS"),
        text("ADDRESSES"),
        wide("LABELS"),
    ];

    fn json(&self) -> ReservationJson {
        ReservationJson {
            name: Resource::name(self),
            holder: HolderJson::from(&self.holder),
            network: self.network.to_string(),
            kind: self.kind.as_str(),
            index: self.index.map(|index| index.get()),
            mac_a: or_empty(self.macs.a().as_ref()),
            mac_b: or_empty(self.macs.b().as_ref()),
            addresses: self.addresses.clone(),
            labels: labels_json(&self.labels),
        }
    }

    fn name(&self) -> String {
        self.name.to_string()
    }

    fn cells(&self) -> Vec<String> {
        vec![
            Resource::name(self),
            self.holder.to_string(),
            self.network.to_string(),
            self.kind.to_string(),
            or_dash(self.index.as_ref()),
            joined(self.macs.iter()),
            joined(&self.addresses),
            labels_cell(&self.labels),
        ]
    }
}
