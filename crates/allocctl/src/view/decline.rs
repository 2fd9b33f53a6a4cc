//! Values that are in use by somebody else.

use allocd_types::decline::{Decline, EvidenceSource};
use serde::Serialize;

use super::lease::{HolderJson, wall_time};
use super::value::ValueJson;
use super::{Column, Resource, number, or_dash, or_empty, text, wide};

/// `allocd.v1.Decline`.
#[derive(Serialize)]
pub(crate) struct DeclineJson {
    value: ValueJson,
    lease: String,
    holder: HolderJson,
    evidence: EvidenceJson,
    declined_at: Option<String>,
    cluster_time_ms: u64,
    count: u32,
    rests_until_ms: Option<u64>,
}

/// `allocd.v1.Evidence`.
#[derive(Serialize)]
struct EvidenceJson {
    source: &'static str,
    text: String,
    offender: String,
}

impl Resource for Decline {
    type Json = DeclineJson;

    const PLURAL: &'static str = "declined values";
    const COLUMNS: &'static [Column] = &[
        text("VALUE"),
        text("HOLDER"),
        wide("LEASE"),
        text("SOURCE"),
        text("OFFENDER"),
        number("TIMES"),
        text("EXCHANGED"),
        text("DECLINED AT"),
        wide("EVIDENCE"),
    ];

    fn json(&self) -> DeclineJson {
        let source = match self.evidence.source {
            EvidenceSource::Dad => "DAD",
            EvidenceSource::Arp => "ARP",
            EvidenceSource::Probe => "PROBE",
            EvidenceSource::MacFlap => "MAC_FLAP",
            EvidenceSource::Interface => "INTERFACE",
        };
        DeclineJson {
            value: ValueJson::from(&self.value),
            lease: self.lease.resource_name(),
            holder: HolderJson::from(&self.holder),
            evidence: EvidenceJson {
                source,
                text: self.evidence.text.clone(),
                offender: or_empty(self.evidence.offender.as_ref()),
            },
            declined_at: wall_time(self.declined_at),
            cluster_time_ms: self.at.millis(),
            count: self.count,
            rests_until_ms: self.rests_until.map(|end| end.millis()),
        }
    }

    fn name(&self) -> String {
        self.value.to_string()
    }

    fn cells(&self) -> Vec<String> {
        vec![
            Resource::name(self),
            self.holder.to_string(),
            self.lease.resource_name(),
            self.evidence.source.to_string(),
            or_dash(self.evidence.offender.as_ref()),
            self.count.to_string(),
            if self.rests_until.is_some() { "yes" } else { "no" }.to_owned(),
            wall_time(self.declined_at).unwrap_or_else(|| "-".to_owned()),
            self.evidence.text.clone(),
        ]
    }
}
