//! Prolonging a lease, and giving it back.

use std::sync::Arc;

use allocd_types::allocation::{LeaseRef, MissingResource, ReleaseSpec, RenewalSpec};
use allocd_types::grant::{Granted, Novelty};
use allocd_types::id::Generation;
use allocd_types::limits::LINK_QUARANTINE_SECONDS_DEFAULT;
use allocd_types::rejection::{Rejection, Subject};
use allocd_types::time::Span;

use super::{changed, unchanged};
use crate::event::{Event, FreedCause, SpaceRef};
use crate::record::{LeaseRecord, Lifetime, RestDeadlines};
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn renew(state: &State, spec: &RenewalSpec) -> Result<Decision, Rejection> {
    let record =
        state.find(&spec.lease).ok_or_else(|| Rejection::NotFound(Subject::Lease(spec.lease.clone())))?;
    check_generation(record, spec.generation)?;
    let Some(lifetime) = record.lifetime else {
        return Err(Rejection::Permanent { lease: record.id });
    };
    let ttl = spec.ttl.unwrap_or(lifetime.ttl);
    // A renewal never shortens what the holder was promised.
    let ends_at = state.now.after(ttl).max(lifetime.ends_at);
    let lifetime = Lifetime { ttl, ends_at };
    let renewed = LeaseRecord { lifetime: Some(lifetime), ..(**record).clone() };
    let granted = Granted { lease: state.told(&renewed), novelty: Novelty::Existing };
    Ok(changed(Response::Lease(granted), Event::LeaseRenewed { lease: record.id, lifetime }))
}

pub(super) fn release(state: &State, spec: &ReleaseSpec) -> Result<Decision, Rejection> {
    let Some(record) = state.find(&spec.lease) else {
        return match spec.missing {
            MissingResource::Allow => Ok(unchanged(Response::Released(None))),
            MissingResource::Refuse => Err(Rejection::NotFound(Subject::Lease(spec.lease.clone()))),
        };
    };
    check_generation(record, spec.generation)?;
    let rest = rest_deadlines(state, record);
    let event = Event::LeaseFreed { lease: Arc::clone(record), cause: FreedCause::Released, rest };
    Ok(changed(Response::Released(Some(record.id)), event))
}

/// Until when the values of a lease rest if it ends now.
pub(super) fn rest_deadlines(state: &State, record: &LeaseRecord) -> RestDeadlines {
    let all = &state.allocations;
    let default = Span::from_seconds(LINK_QUARANTINE_SECONDS_DEFAULT);
    let index_pool = all.index_pools.get(&record.kind).and_then(|name| state.pool(name));
    let mac_pools = all.mac_places(record.macs).into_iter().map(|place| match place.space {
        SpaceRef::Mac(name) => state.pool(&name).map_or(default, |pool| pool.quarantine),
        SpaceRef::ForeignMac | SpaceRef::HostIndex(..) | SpaceRef::ClusterIndex(_) | SpaceRef::Subnet(..) => {
            default
        }
    });
    let network = state.network(&record.network);
    RestDeadlines {
        index: state.now.after(index_pool.map_or(default, |pool| pool.quarantine)),
        macs: state.now.after(mac_pools.max().unwrap_or(default)),
        addresses: state.now.after(network.map_or(default, |network| network.quarantine)),
    }
}

fn check_generation(record: &LeaseRecord, given: Option<Generation>) -> Result<(), Rejection> {
    match given {
        Some(given) if given != record.generation => {
            Err(Rejection::Fenced { lease: record.id, given, current: record.generation })
        }
        Some(_) | None => Ok(()),
    }
}

impl State {
    /// The lease of that name or holder.
    #[must_use]
    pub fn find(&self, lease: &LeaseRef) -> Option<&Arc<LeaseRecord>> {
        match lease {
            LeaseRef::Id(id) => self.lease(*id),
            LeaseRef::Holder(holder) => self.lease_of(holder),
        }
    }
}
