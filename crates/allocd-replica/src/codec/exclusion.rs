//! Exclusions.

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::exclusion::Values;
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::name::{ExclusionName, HostName, VrfName};

use super::{CodecError, Stored, load_required, valid};

impl Stored for ExclusionSpec {
    type Message = v1::Exclusion;

    fn store(&self) -> v1::Exclusion {
        v1::Exclusion {
            name: self.name.as_str().to_owned(),
            values: Some(self.values.store()),
            reason: self.reason.clone(),
            labels: self.labels.store(),
        }
    }

    fn load(message: v1::Exclusion) -> Result<Self, CodecError> {
        Ok(Self {
            name: valid("exclusion", ExclusionName::new(&message.name))?,
            values: load_required("excluded values", message.values)?,
            reason: message.reason,
            labels: Stored::load(message.labels)?,
        })
    }
}

impl Stored for ExcludedValues {
    type Message = Values;

    fn store(&self) -> Values {
        match self {
            Self::Addresses { vrf, range } => Values::Addresses(v1::ExcludedAddresses {
                vrf: vrf.as_str().to_owned(),
                range: Some(range.store()),
            }),
            Self::Macs { first, last } => {
                Values::Macs(v1::ExcludedMacs { first: first.store(), last: last.store() })
            }
            Self::Indices { host, kind, first, last } => Values::Indices(v1::ExcludedIndices {
                host: host.as_str().to_owned(),
                kind: kind.store(),
                first: first.store(),
                last: last.store(),
            }),
        }
    }

    fn load(message: Values) -> Result<Self, CodecError> {
        match message {
            Values::Addresses(v1::ExcludedAddresses { vrf, range }) => Ok(Self::Addresses {
                vrf: valid("VRF", VrfName::new(&vrf))?,
                range: load_required("range", range)?,
            }),
            Values::Macs(v1::ExcludedMacs { first, last }) => {
                Ok(Self::Macs { first: Stored::load(first)?, last: Stored::load(last)? })
            }
            Values::Indices(v1::ExcludedIndices { host, kind, first, last }) => Ok(Self::Indices {
                host: valid("host", HostName::new(&host))?,
                kind: Stored::load(kind)?,
                first: Stored::load(first)?,
                last: Stored::load(last)?,
            }),
        }
    }
}
