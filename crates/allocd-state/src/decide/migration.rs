//! Moving a lease: begun, cancelled, completed. Each makes a new generation, so that a confirmation is of one move and no other.

use std::sync::Arc;

use allocd_types::grant::{Granted, Novelty};
use allocd_types::host::HostState;
use allocd_types::id::{Generation, MoveId};
use allocd_types::index::UnitIndex;
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::limits::LEASES_PER_HOST_MAX;
use allocd_types::migration::{CancelMoveSpec, Migration, MoveSpec};
use allocd_types::rejection::{Rejection, Subject};

use super::link::next_unit;
use super::release::{check_generation, rest_deadlines};
use super::{changed, unchanged};
use crate::context::Context;
use crate::event::{Event, SpaceRef};
use crate::record::LeaseRecord;
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn begin(state: &State, context: &Context, spec: &MoveSpec) -> Result<Decision, Rejection> {
    let MoveSpec { lease, generation, to } = spec;
    let record = state.find(lease).ok_or_else(|| Rejection::NotFound(Subject::Lease(lease.clone())))?;
    check_generation(record, *generation)?;
    if let Some(migration) = &record.migration {
        if migration.to == *to {
            return Ok(unchanged(told(state.told(record))));
        }
        let (lease, to, id) = (record.id, migration.to.clone(), migration.id);
        return Err(Rejection::Moving { lease, to, id });
    }
    check_may_come(state, record, spec)?;
    let migration = Migration {
        id: MoveId::new(state.revision.next().get()),
        // As it was said when the host was made, whatever its case here.
        to: state.host(to).map_or_else(|| to.clone(), |host| host.spec.name),
        index: choose_index(state, record, spec)?,
        begun_at: context.labelled_at,
    };
    let is_fenced = state.host_state(&record.holder.host) == Some(HostState::Fenced);
    let moving = LeaseRecord {
        migration: Some(Arc::new(migration)),
        generation: next_generation(state),
        ..(**record).clone()
    };
    if is_fenced || !record.is_delivered {
        // Nobody has anything of it, or is believed to: there is nothing to wait for.
        let (lease, event) = completed_from(state, record, &moving).expect("it has just got a move");
        return Ok(changed(told(lease), event));
    }
    let event = Event::LeaseMoveBegun {
        lease: record.id,
        migration: moving.migration.clone().expect("it has just got a move"),
        generation: moving.generation,
    };
    Ok(changed(told(state.told_as(&moving)), event))
}

pub(super) fn cancel(state: &State, spec: &CancelMoveSpec) -> Result<Decision, Rejection> {
    let CancelMoveSpec { lease, id } = spec;
    let record = state.find(lease).ok_or_else(|| Rejection::NotFound(Subject::Lease(lease.clone())))?;
    let is_it = |migration: &Arc<Migration>| id.is_none_or(|id| id == migration.id);
    if !record.migration.as_ref().is_some_and(is_it) {
        return Err(Rejection::NotMoving { lease: record.id });
    }
    let generation = next_generation(state);
    let stays = LeaseRecord { migration: None, generation, state: LeaseState::Granted, ..(**record).clone() };
    Ok(changed(told(state.told_as(&stays)), cancelled(state, record)))
}

/// What cancels the move of a lease.
pub(super) fn cancelled(state: &State, record: &LeaseRecord) -> Event {
    Event::LeaseMoveCancelled { lease: record.id, generation: next_generation(state) }
}

/// What completes the move of a lease, and the lease then; nothing if it does not move.
pub(super) fn completed(state: &State, record: &Arc<LeaseRecord>) -> Option<(Lease, Event)> {
    completed_from(state, record, record)
}

/// The same for a lease whose move has only just been decided.
fn completed_from(state: &State, from: &Arc<LeaseRecord>, moving: &LeaseRecord) -> Option<(Lease, Event)> {
    let migration = moving.migration.as_ref()?;
    let mut to = LeaseRecord {
        holder: moving.next_holder()?,
        index: migration.index,
        state: LeaseState::Granted,
        is_delivered: false,
        migration: None,
        retired: None,
        generation: next_generation(state),
        ..moving.clone()
    };
    to.share_names(&state.allocations);
    let lease = state.told_as(&to);
    let rest = rest_deadlines(state, from);
    Some((lease, Event::LeaseMoved { from: Arc::clone(from), to: Arc::new(to), rest }))
}

/// Checks that the lease may leave where it is, and come where it is wanted.
fn check_may_come(state: &State, record: &LeaseRecord, spec: &MoveSpec) -> Result<(), Rejection> {
    if let Some(recovery) = &state.allocations.recovery {
        return Err(state.recovering(recovery));
    }
    if record.state == LeaseState::Releasing {
        return Err(Rejection::Releasing { lease: record.id, holder: record.holder.clone() });
    }
    let to = &spec.to;
    let host = state.allocations.hosts.get(to);
    let host = host.ok_or_else(|| Rejection::NotFound(Subject::Host(to.clone())))?;
    if record.holder.host == *to {
        return Err(Rejection::MovesToItself { lease: record.id, host: to.clone() });
    }
    if host.state != HostState::Active {
        return Err(Rejection::HostNotActive { host: to.clone(), state: host.state });
    }
    let next = allocd_types::holder::Holder { host: to.clone(), ..record.holder.clone() };
    if let Some(other) = state.lease_on(host, &next).or_else(|| state.incoming_on(host, &next)) {
        return Err(Rejection::HolderHasLease { holder: next, lease: other.id, differences: Vec::new() });
    }
    if host.holders.len() + host.incoming.len() >= LEASES_PER_HOST_MAX {
        let leases_max = u32::try_from(LEASES_PER_HOST_MAX).unwrap_or(u32::MAX);
        return Err(Rejection::LeasesPerHost { host: to.clone(), leases_max });
    }
    Ok(())
}

/// The unit on the new host; where units are unique in the cluster, the one it has.
fn choose_index(
    state: &State,
    record: &LeaseRecord,
    spec: &MoveSpec,
) -> Result<Option<UnitIndex>, Rejection> {
    let Some(index) = record.index else { return Ok(None) };
    match state.allocations.index_space(&spec.to, record.kind) {
        SpaceRef::ClusterIndex(_) => Ok(Some(index)),
        SpaceRef::HostIndex(..) | SpaceRef::Mac(_) | SpaceRef::ForeignMac | SpaceRef::Subnet(..) => {
            next_unit(state, &spec.to, record.kind).map(Some)
        }
    }
}

fn next_generation(state: &State) -> Generation {
    Generation { timeline: state.allocations.timeline, revision: state.revision.next() }
}

fn told(lease: Lease) -> Response {
    Response::Lease(Granted { lease, novelty: Novelty::Existing })
}
