//! What events about exclusions do.

use std::sync::Arc;

use allocd_types::exclusion::ExclusionSpec;
use allocd_types::name::ExclusionName;

use crate::state::Allocations;

pub(super) fn created(all: &mut Allocations, spec: &ExclusionSpec) {
    for space in all.touched_by(&spec.values) {
        if let Some((first, last)) = all.part_of(&spec.values, &space) {
            all.edit(&space, |space| space.exclude(first, last));
        }
    }
    all.exclusions.insert(spec.name.clone(), Arc::new(spec.clone()));
}

pub(super) fn deleted(all: &mut Allocations, name: &ExclusionName) {
    let Some(spec) = all.exclusions.remove(name) else { return };
    for space in all.touched_by(&spec.values) {
        let Some((first, last)) = all.part_of(&spec.values, &space) else { continue };
        let excluded = all.excluded_within(&space, first, last);
        all.edit(&space, |space| {
            space.readmit(first, last, &excluded);
            None
        });
    }
}
