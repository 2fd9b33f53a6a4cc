//! Pools that are resources of their own.

use allocd_types::index::UnitIndex;
use allocd_types::label::Labels;
use allocd_types::limits::LINK_QUARANTINE_SECONDS_DEFAULT;
use allocd_types::mac::MacBlock;
use allocd_types::name::PoolName;
use allocd_types::pool::{IndexScope, PoolSpec, PoolValues};
use allocd_types::violation::Violations;

use crate::enumeration::{said, said_or};
use crate::read::{Read, list, path, text};
use crate::v1::pool::Values;
use crate::{index, span, usage, v1};

impl Read for v1::Pool {
    type Word = PoolSpec;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<PoolSpec> {
        let before = wrong.len();
        let name: Option<PoolName> = text(&self.name, &path(field, "name"), wrong);
        let values = match self.values {
            Some(Values::Mac(mac)) => mac.read(&path(field, "mac"), wrong),
            Some(Values::Index(index)) => index.read(&path(field, "index"), wrong),
            None => {
                wrong.add(field, "has no values: say mac or index");
                None
            }
        };
        let unsaid = LINK_QUARANTINE_SECONDS_DEFAULT;
        let quarantine = span::quarantine(self.quarantine_ms, unsaid, &path(field, "quarantine_ms"), wrong);
        let thresholds = usage::thresholds(self.thresholds, &path(field, "thresholds"), wrong);
        let labels = Labels::check(&path(field, "labels"), self.labels, wrong);
        // What no single field shows is checked even if some field is wrong: what could not be read is stood in for.
        let spec = PoolSpec {
            name: name.unwrap_or_else(PoolName::unsaid),
            values: values?,
            quarantine: quarantine.unwrap_or_default(),
            thresholds: thresholds.unwrap_or_default(),
            labels,
        };
        spec.check(field, wrong);
        (wrong.len() == before).then_some(spec)
    }
}

impl Read for v1::MacValues {
    type Word = PoolValues;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<PoolValues> {
        let blocks = list(&self.blocks, &path(field, "blocks"), wrong, |block, field, wrong| {
            text::<MacBlock>(block, field, wrong)
        });
        Some(PoolValues::Mac { blocks: blocks? })
    }
}

impl Read for v1::IndexValues {
    type Word = PoolValues;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<PoolValues> {
        let kind = said::<v1::InterfaceKind>(self.kind, &path(field, "kind"), wrong);
        let first = index::or(self.first, UnitIndex::FIRST, &path(field, "first"), wrong);
        let last = index::or(self.last, UnitIndex::LAST, &path(field, "last"), wrong);
        let scope = said_or::<v1::IndexScope>(self.scope, IndexScope::Host, &path(field, "scope"), wrong);
        Some(PoolValues::Index { kind: kind?, first: first?, last: last?, scope: scope? })
    }
}

impl From<PoolSpec> for v1::Pool {
    fn from(spec: PoolSpec) -> Self {
        let values = match spec.values {
            PoolValues::Mac { blocks } => {
                Values::Mac(v1::MacValues { blocks: blocks.iter().map(ToString::to_string).collect() })
            }
            PoolValues::Index { kind, first, last, scope } => Values::Index(v1::IndexValues {
                kind: v1::InterfaceKind::from(kind).into(),
                first: Some(first.get().into()),
                last: Some(last.get().into()),
                scope: v1::IndexScope::from(scope).into(),
            }),
        };
        Self {
            name: spec.name.to_string(),
            values: Some(values),
            quarantine_ms: Some(spec.quarantine.millis()),
            thresholds: Some(spec.thresholds.into()),
            labels: crate::label::map(&spec.labels),
        }
    }
}
