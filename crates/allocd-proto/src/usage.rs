//! How full pools are, and when that is worth a word.

use allocd_types::time::Span;
use allocd_types::usage::{Counts, Thresholds, Usage};
use allocd_types::violation::Violations;

use crate::enumeration::said;
use crate::read::{Read, narrow, path, required};
use crate::v1;

/// Reads thresholds, for which the defaults stand in.
pub(crate) fn thresholds(
    given: Option<v1::Thresholds>,
    field: &str,
    wrong: &mut Violations,
) -> Option<Thresholds> {
    let (unsaid, given) = (Thresholds::default(), given.unwrap_or_default());
    let mut percent = |given: Option<u32>, unsaid: u8, inner: &str| {
        given.map_or(Some(unsaid), |given| narrow(given, &path(field, inner), wrong))
    };
    let warning = percent(given.warning_percent, unsaid.warning_percent, "warning_percent");
    let critical = percent(given.critical_percent, unsaid.critical_percent, "critical_percent");
    let thresholds = Thresholds { warning_percent: warning?, critical_percent: critical? };
    thresholds.check(field, wrong);
    Some(thresholds)
}

impl From<Thresholds> for v1::Thresholds {
    fn from(thresholds: Thresholds) -> Self {
        Self {
            warning_percent: Some(thresholds.warning_percent.into()),
            critical_percent: Some(thresholds.critical_percent.into()),
        }
    }
}

impl Read for v1::Usage {
    type Word = Usage;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Usage> {
        let pool = required(self.pool, &path(field, "pool"), wrong);
        let counts = required(self.counts, &path(field, "counts"), wrong);
        let level = said::<v1::UsageLevel>(self.level, &path(field, "level"), wrong);
        let next_free_in = self.next_free_in_ms.map(Span::from_millis);
        Some(Usage { pool: pool?, counts: counts?, level: level?, next_free_in })
    }
}

impl From<Usage> for v1::Usage {
    fn from(usage: Usage) -> Self {
        Self {
            title: usage.pool.to_string(),
            pool: Some(usage.pool.into()),
            counts: Some(usage.counts.into()),
            used_percent: usage.counts.used_percent().into(),
            level: v1::UsageLevel::from(usage.level).into(),
            next_free_in_ms: usage.next_free_in.map(Span::millis),
        }
    }
}

impl Read for v1::Counts {
    type Word = Counts;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Counts> {
        let mut count = |text: &str, inner: &str| {
            let number = text.parse::<u128>().map_err(|_| format!("{text:?} is no number of values"));
            wrong.keep(&path(field, inner), number)
        };
        let free = count(&self.free, "free");
        let leased = count(&self.leased, "leased");
        let reserved = count(&self.reserved, "reserved");
        let quarantined = count(&self.quarantined, "quarantined");
        let excluded = count(&self.excluded, "excluded");
        Some(Counts {
            free: free?,
            leased: leased?,
            reserved: reserved?,
            quarantined: quarantined?,
            excluded: excluded?,
        })
    }
}

impl From<Counts> for v1::Counts {
    fn from(counts: Counts) -> Self {
        Self {
            free: counts.free.to_string(),
            leased: counts.leased.to_string(),
            reserved: counts.reserved.to_string(),
            quarantined: counts.quarantined.to_string(),
            excluded: counts.excluded.to_string(),
        }
    }
}
