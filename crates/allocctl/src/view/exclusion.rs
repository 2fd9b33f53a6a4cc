//! Exclusions.

use std::collections::BTreeMap;

use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use serde::Serialize;

use super::{Column, Resource, labels_cell, labels_json, text, wide};

/// `allocd.v1.Exclusion`.
#[derive(Serialize)]
pub(crate) struct ExclusionJson {
    name: String,
    addresses: Option<ExcludedAddressesJson>,
    macs: Option<ExcludedMacsJson>,
    indices: Option<ExcludedIndicesJson>,
    reason: String,
    labels: BTreeMap<String, String>,
}

/// `allocd.v1.ExcludedAddresses`.
#[derive(Serialize)]
struct ExcludedAddressesJson {
    vrf: String,
    range: String,
}

/// `allocd.v1.ExcludedMacs`.
#[derive(Serialize)]
struct ExcludedMacsJson {
    first: String,
    last: String,
}

/// `allocd.v1.ExcludedIndices`.
#[derive(Serialize)]
struct ExcludedIndicesJson {
    host: String,
    kind: &'static str,
    first: u16,
    last: u16,
}

impl Resource for ExclusionSpec {
    type Json = ExclusionJson;

    const PLURAL: &'static str = "exclusions";
    const COLUMNS: &'static [Column] =
        &[text("NAME"), text("VALUES"), wide("VRF"), text("REASON"), wide("LABELS")];

    fn json(&self) -> ExclusionJson {
        let (mut addresses, mut macs, mut indices) = (None, None, None);
        match &self.values {
            ExcludedValues::Addresses { vrf, range } => {
                addresses = Some(ExcludedAddressesJson { vrf: vrf.to_string(), range: range.to_string() });
            }
            ExcludedValues::Macs { first, last } => {
                macs = Some(ExcludedMacsJson { first: first.to_string(), last: last.to_string() });
            }
            ExcludedValues::Indices { host, kind, first, last } => {
                let (host, kind) = (host.to_string(), kind.as_str());
                indices = Some(ExcludedIndicesJson { host, kind, first: first.get(), last: last.get() });
            }
        }
        let (name, labels) = (Resource::name(self), labels_json(&self.labels));
        ExclusionJson { name, addresses, macs, indices, reason: self.reason.clone(), labels }
    }

    fn name(&self) -> String {
        self.name.to_string()
    }

    fn cells(&self) -> Vec<String> {
        let vrf = match &self.values {
            ExcludedValues::Addresses { vrf, .. } => vrf.to_string(),
            ExcludedValues::Macs { .. } | ExcludedValues::Indices { .. } => "-".to_owned(),
        };
        let (name, values) = (Resource::name(self), self.values.to_string());
        vec![name, values, vrf, self.reason.clone(), labels_cell(&self.labels)]
    }
}
