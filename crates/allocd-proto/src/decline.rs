//! Values that are in use by somebody else: what was seen, and what is kept of it.

use allocd_types::decline::{Decline, Evidence, EvidenceSource, Kept, KeptWhy};
use allocd_types::id::LeaseId;
use allocd_types::time::{ClusterTime, Span};
use allocd_types::violation::Violations;

use crate::enumeration::said;
use crate::read::{Read, optional_text, path, required};
use crate::{lease, span, v1};

impl Read for v1::Evidence {
    type Word = Evidence;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Evidence> {
        let source: Option<EvidenceSource> =
            said::<v1::EvidenceSource>(self.source, &path(field, "source"), wrong);
        let offender = optional_text(&self.offender, &path(field, "offender"), wrong);
        Some(Evidence::new(source?, &self.text, offender?))
    }
}

impl From<Evidence> for v1::Evidence {
    fn from(evidence: Evidence) -> Self {
        let Evidence { source, text, offender } = evidence;
        Self {
            source: v1::EvidenceSource::from(source).into(),
            text,
            offender: offender.map(|mac| mac.to_string()).unwrap_or_default(),
        }
    }
}

impl Read for v1::Decline {
    type Word = Decline;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Decline> {
        let at = |inner: &str| path(field, inner);
        let value = required(self.value, &at("value"), wrong);
        let lease = lease::id(&self.lease, &at("lease"), wrong);
        let holder = required(self.holder, &at("holder"), wrong);
        let evidence = required(self.evidence, &at("evidence"), wrong);
        let declined_at = span::wall(self.declined_at, &at("declined_at"), wrong);
        Some(Decline {
            value: value?,
            lease: lease?,
            holder: holder?,
            evidence: evidence?,
            declined_at: declined_at?,
            at: ClusterTime::from_millis(self.cluster_time_ms),
            count: self.count,
            rests_until: self.rests_until_ms.map(ClusterTime::from_millis),
        })
    }
}

impl From<Decline> for v1::Decline {
    fn from(decline: Decline) -> Self {
        let Decline { value, lease, holder, evidence, declined_at, at, count, rests_until } = decline;
        Self {
            value: Some(value.into()),
            lease: LeaseId::resource_name(lease),
            holder: Some(holder.into()),
            evidence: Some(evidence.into()),
            declined_at: Some(span::timestamp(declined_at)),
            cluster_time_ms: at.millis(),
            count,
            rests_until_ms: rests_until.map(ClusterTime::millis),
        }
    }
}

impl Read for v1::Kept {
    type Word = Kept;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Kept> {
        let why: Option<KeptWhy> = said::<v1::KeptWhy>(self.why, &path(field, "why"), wrong);
        Some(Kept { why: why?, retry_after: self.retry_after_ms.map(Span::from_millis) })
    }
}

impl From<Kept> for v1::Kept {
    fn from(kept: Kept) -> Self {
        Self { why: v1::KeptWhy::from(kept.why).into(), retry_after_ms: kept.retry_after.map(Span::millis) }
    }
}
