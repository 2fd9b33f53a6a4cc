//! Decisions about exclusions.

use allocd_types::allocation::MissingResource;
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::name::ExclusionName;
use allocd_types::rejection::{Rejection, Subject};

use super::{changed, unchanged};
use crate::event::Event;
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn create(state: &State, spec: &ExclusionSpec) -> Result<Decision, Rejection> {
    if let ExcludedValues::Indices { host, .. } = &spec.values
        && state.host(host).is_none()
    {
        return Err(Rejection::NotFound(Subject::Host(host.clone())));
    }
    let response =
        Response::Exclusion { exclusion: spec.clone(), leased: leased_within(state, &spec.values) };
    match state.exclusion(&spec.name) {
        Some(found) if **found == *spec => Ok(unchanged(response)),
        Some(_) => Err(Rejection::Exists(Subject::Exclusion(spec.name.clone()))),
        None => Ok(changed(response, Event::ExclusionCreated(spec.clone()))),
    }
}

pub(super) fn delete(
    state: &State,
    name: &ExclusionName,
    missing: MissingResource,
) -> Result<Decision, Rejection> {
    match (state.exclusion(name), missing) {
        (Some(_), _) => Ok(changed(Response::Done, Event::ExclusionDeleted(name.clone()))),
        (None, MissingResource::Allow) => Ok(unchanged(Response::Done)),
        (None, MissingResource::Refuse) => Err(Rejection::NotFound(Subject::Exclusion(name.clone()))),
    }
}

/// How many of the values are leased now: they are excluded once they are given back.
pub(crate) fn leased_within(state: &State, values: &ExcludedValues) -> u64 {
    let all = &state.allocations;
    let parts = all.touched_by(values).into_iter().filter_map(|space| {
        let (first, last) = all.part_of(values, &space)?;
        Some(all.space(&space)?.leased_within(first, last).count())
    });
    u64::try_from(parts.sum::<usize>()).unwrap_or(u64::MAX)
}
