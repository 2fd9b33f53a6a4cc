//! Exclusions.

use allocd_types::address::AddressRange;
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::label::Labels;
use allocd_types::limits::EXCLUSION_REASON_BYTES_MAX;
use allocd_types::mac::Mac;
use allocd_types::name::{ExclusionName, VrfName};
use allocd_types::violation::Violations;

use crate::enumeration::said;
use crate::read::{Read, path, text, text_or};
use crate::v1::exclusion::Values;
use crate::{index, label, v1};

impl Read for v1::Exclusion {
    type Word = ExclusionSpec;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<ExclusionSpec> {
        let name: Option<ExclusionName> = text(&self.name, &path(field, "name"), wrong);
        let values = match self.values {
            Some(Values::Addresses(addresses)) => addresses.read(&path(field, "addresses"), wrong),
            Some(Values::Macs(macs)) => macs.read(&path(field, "macs"), wrong),
            Some(Values::Indices(indices)) => indices.read(&path(field, "indices"), wrong),
            None => {
                wrong.add(field, "has no values: say addresses, macs or indices");
                None
            }
        };
        if self.reason.len() > EXCLUSION_REASON_BYTES_MAX || self.reason.chars().any(char::is_control) {
            let rule = "has no control characters";
            let text = format!("a reason {rule} and {EXCLUSION_REASON_BYTES_MAX} bytes at most");
            wrong.add(&path(field, "reason"), text);
        }
        let labels = Labels::check(&path(field, "labels"), self.labels, wrong);
        Some(ExclusionSpec { name: name?, values: values?, reason: self.reason, labels })
    }
}

impl Read for v1::ExcludedAddresses {
    type Word = ExcludedValues;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<ExcludedValues> {
        let vrf = text_or(&self.vrf, VrfName::unsaid(), &path(field, "vrf"), wrong);
        let range: Option<AddressRange> = text(&self.range, &path(field, "range"), wrong);
        Some(ExcludedValues::Addresses { vrf: vrf?, range: range? })
    }
}

impl Read for v1::ExcludedMacs {
    type Word = ExcludedValues;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<ExcludedValues> {
        let first: Option<Mac> = text(&self.first, &path(field, "first"), wrong);
        let unsaid = first.unwrap_or(Mac::new([0; 6]));
        let last = text_or(&self.last, unsaid, &path(field, "last"), wrong);
        let (first, last) = (first?, last?);
        if last < first {
            wrong.add(&path(field, "last"), format!("{last} comes before {first}"));
        }
        Some(ExcludedValues::Macs { first, last })
    }
}

impl Read for v1::ExcludedIndices {
    type Word = ExcludedValues;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<ExcludedValues> {
        let host = text(&self.host, &path(field, "host"), wrong);
        let kind = said::<v1::InterfaceKind>(self.kind, &path(field, "kind"), wrong);
        if let Some(kind) = kind.filter(|kind| !kind.has_index()) {
            wrong.add(&path(field, "kind"), format!("interfaces of kind {kind} have no index"));
        }
        let first = index::read(self.first, &path(field, "first"), wrong);
        let last = self.last.map_or(first, |last| index::read(last, &path(field, "last"), wrong));
        if let (Some(first), Some(last)) = (first, last)
            && last < first
        {
            wrong.add(&path(field, "last"), format!("{last} comes before {first}"));
        }
        Some(ExcludedValues::Indices { host: host?, kind: kind?, first: first?, last: last? })
    }
}

impl From<ExclusionSpec> for v1::Exclusion {
    fn from(spec: ExclusionSpec) -> Self {
        let values = match spec.values {
            ExcludedValues::Addresses { vrf, range } => {
                Values::Addresses(v1::ExcludedAddresses { vrf: vrf.to_string(), range: range.to_string() })
            }
            ExcludedValues::Macs { first, last } => {
                Values::Macs(v1::ExcludedMacs { first: first.to_string(), last: last.to_string() })
            }
            ExcludedValues::Indices { host, kind, first, last } => Values::Indices(v1::ExcludedIndices {
                host: host.to_string(),
                kind: v1::InterfaceKind::from(kind).into(),
                first: first.get().into(),
                last: Some(last.get().into()),
            }),
        };
        Self {
            name: spec.name.to_string(),
            values: Some(values),
            reason: spec.reason,
            labels: label::map(&spec.labels),
        }
    }
}
