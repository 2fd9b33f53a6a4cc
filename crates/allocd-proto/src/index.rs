//! Unit numbers.

use allocd_types::index::UnitIndex;
use allocd_types::violation::Violations;

/// Reads a unit that has to be there.
pub(crate) fn read(unit: u32, field: &str, wrong: &mut Violations) -> Option<UnitIndex> {
    wrong.keep(field, UnitIndex::new(unit))
}

/// Reads a unit for which another stands in.
pub(crate) fn or(
    unit: Option<u32>,
    unsaid: UnitIndex,
    field: &str,
    wrong: &mut Violations,
) -> Option<UnitIndex> {
    unit.map_or(Some(unsaid), |unit| read(unit, field, wrong))
}

/// Reads a unit that may be absent; the outer nothing means that it is wrong.
pub(crate) fn optional(unit: Option<u32>, field: &str, wrong: &mut Violations) -> Option<Option<UnitIndex>> {
    unit.map_or(Some(None), |unit| read(unit, field, wrong).map(Some))
}
