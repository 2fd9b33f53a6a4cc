//! Values that are in use by somebody else on the wire.

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::lease_part::Part;
use allocd_types::decline::{Decline, DeclineSpec, Evidence, EvidenceSource, Kept, KeptWhy, LeasePart};
use allocd_types::id::LeaseId;
use allocd_types::time::{ClusterTime, Span, WallTime};

use super::value::load_optional;
use super::{CodecError, Stored, load_required};

impl Stored for DeclineSpec {
    type Message = v1::DeclineReport;

    fn store(&self) -> v1::DeclineReport {
        v1::DeclineReport {
            lease: Some(self.lease.store()),
            generation: Some(self.generation.store()),
            part: Some(self.part.store()),
            evidence: Some(self.evidence.store()),
        }
    }

    fn load(message: v1::DeclineReport) -> Result<Self, CodecError> {
        Ok(Self {
            lease: load_required("lease", message.lease)?,
            generation: load_required("generation", message.generation)?,
            part: load_required("part of a lease", message.part)?,
            evidence: load_required("evidence", message.evidence)?,
        })
    }
}

impl Stored for LeasePart {
    type Message = v1::LeasePart;

    fn store(&self) -> v1::LeasePart {
        let part = match self {
            Self::Index => Part::Index(v1::Nothing {}),
            Self::Macs => Part::Macs(v1::Nothing {}),
            Self::Address(address) => Part::Address(address.store()),
        };
        v1::LeasePart { part: Some(part) }
    }

    fn load(message: v1::LeasePart) -> Result<Self, CodecError> {
        Ok(match message.part.ok_or(CodecError::Unknown { field: "part of a lease" })? {
            Part::Index(v1::Nothing {}) => Self::Index,
            Part::Macs(v1::Nothing {}) => Self::Macs,
            Part::Address(address) => Self::Address(Stored::load(address)?),
        })
    }
}

impl Stored for Evidence {
    type Message = v1::Evidence;

    fn store(&self) -> v1::Evidence {
        let Self { source, text, offender } = self;
        let offender = offender.as_ref().map(Stored::store);
        v1::Evidence { source: source.store(), text: text.clone(), offender }
    }

    fn load(message: v1::Evidence) -> Result<Self, CodecError> {
        let (source, offender) = (Stored::load(message.source)?, load_optional(message.offender)?);
        Ok(Self { source, text: message.text, offender })
    }
}

impl Stored for EvidenceSource {
    type Message = i32;

    fn store(&self) -> i32 {
        let source = match self {
            Self::Dad => v1::EvidenceSource::Dad,
            Self::Arp => v1::EvidenceSource::Arp,
            Self::Probe => v1::EvidenceSource::Probe,
            Self::MacFlap => v1::EvidenceSource::MacFlap,
            Self::Interface => v1::EvidenceSource::Interface,
        };
        source.into()
    }

    fn load(number: i32) -> Result<Self, CodecError> {
        match v1::EvidenceSource::try_from(number) {
            Ok(v1::EvidenceSource::Dad) => Ok(Self::Dad),
            Ok(v1::EvidenceSource::Arp) => Ok(Self::Arp),
            Ok(v1::EvidenceSource::Probe) => Ok(Self::Probe),
            Ok(v1::EvidenceSource::MacFlap) => Ok(Self::MacFlap),
            Ok(v1::EvidenceSource::Interface) => Ok(Self::Interface),
            Ok(v1::EvidenceSource::Unspecified) | Err(_) => {
                Err(CodecError::Unknown { field: "source of evidence" })
            }
        }
    }
}

impl Stored for Decline {
    type Message = v1::Decline;

    fn store(&self) -> v1::Decline {
        let Self { value, lease, holder, evidence, declined_at, at, count, rests_until } = self;
        v1::Decline {
            value: Some(value.store()),
            lease: lease.get(),
            holder: Some(holder.store()),
            evidence: Some(evidence.store()),
            declined_at_ms: declined_at.unix_millis(),
            at_ms: at.millis(),
            count: *count,
            rests_until_ms: rests_until.map(ClusterTime::millis),
        }
    }

    fn load(message: v1::Decline) -> Result<Self, CodecError> {
        Ok(Self {
            value: load_required("value", message.value)?,
            lease: LeaseId::new(message.lease),
            holder: load_required("holder", message.holder)?,
            evidence: load_required("evidence", message.evidence)?,
            declined_at: WallTime::from_unix_millis(message.declined_at_ms),
            at: ClusterTime::from_millis(message.at_ms),
            count: message.count,
            rests_until: message.rests_until_ms.map(ClusterTime::from_millis),
        })
    }
}

impl Stored for Kept {
    type Message = v1::Kept;

    fn store(&self) -> v1::Kept {
        let why = match self.why {
            KeptWhy::HostRate => v1::KeptWhy::HostRate,
            KeptWhy::PoolShare => v1::KeptWhy::PoolShare,
            KeptWhy::Exhausted => v1::KeptWhy::Exhausted,
        };
        v1::Kept { why: why.into(), retry_after_ms: self.retry_after.map(Span::millis) }
    }

    fn load(message: v1::Kept) -> Result<Self, CodecError> {
        let why = match v1::KeptWhy::try_from(message.why) {
            Ok(v1::KeptWhy::HostRate) => KeptWhy::HostRate,
            Ok(v1::KeptWhy::PoolShare) => KeptWhy::PoolShare,
            Ok(v1::KeptWhy::Exhausted) => KeptWhy::Exhausted,
            Ok(v1::KeptWhy::Unspecified) | Err(_) => {
                return Err(CodecError::Unknown { field: "bound of declines" });
            }
        };
        Ok(Self { why, retry_after: message.retry_after_ms.map(Span::from_millis) })
    }
}
