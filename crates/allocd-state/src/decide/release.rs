//! Giving a lease back. A value that may be in use is never freed by somebody else's word: what a host's agent has taken up waits
//! for that host to confirm that nothing of it is left, or to be declared off, or for an operator who states that the jail is.

use std::sync::Arc;

use allocd_types::allocation::{LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::host::HostState;
use allocd_types::id::Generation;
use allocd_types::lease::LeaseState;
use allocd_types::limits::LINK_QUARANTINE_SECONDS_DEFAULT;
use allocd_types::name::HostName;
use allocd_types::rejection::{Rejection, Subject};
use allocd_types::time::Span;

use super::{changed, migration, unchanged};
use crate::event::{Event, FreedCause, SpaceRef};
use crate::record::{LeaseRecord, RestDeadlines};
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn release(state: &State, spec: &ReleaseSpec) -> Result<Decision, Rejection> {
    let Some(record) = state.find(&spec.lease) else {
        let gone = Response::Released { lease: None, is_awaited: false };
        return match spec.missing {
            MissingResource::Allow => Ok(unchanged(gone)),
            MissingResource::Refuse => Err(Rejection::NotFound(Subject::Lease(spec.lease.clone()))),
        };
    };
    check_generation(record, spec.generation)?;
    let is_fenced = state.host_state(&record.holder.host) == Some(HostState::Fenced);
    match spec.teardown {
        Teardown::Stated => Ok(freed(state, record, FreedCause::Stated)),
        Teardown::Awaited if is_fenced => Ok(freed(state, record, FreedCause::Fenced)),
        Teardown::Awaited if record.is_delivered => Ok(awaited(state, record)),
        Teardown::Awaited => Ok(freed(state, record, FreedCause::Released)),
    }
}

/// The lease ends now.
pub(super) fn freed(state: &State, record: &Arc<LeaseRecord>, cause: FreedCause) -> Decision {
    let response = Response::Released { lease: Some(record.id), is_awaited: false };
    changed(response, freeing(state, record, cause))
}

pub(super) fn freeing(state: &State, record: &Arc<LeaseRecord>, cause: FreedCause) -> Event {
    Event::LeaseFreed { lease: Arc::clone(record), cause, rest: rest_deadlines(state, record) }
}

/// The lease ends once its host has confirmed; if it was to move, it stays for that.
fn awaited(state: &State, record: &LeaseRecord) -> Decision {
    let response = Response::Released { lease: Some(record.id), is_awaited: true };
    if record.state == LeaseState::Releasing {
        return unchanged(response);
    }
    let cancelled = record.migration.as_ref().map(|_| migration::cancelled(state, record));
    let events = cancelled.into_iter().chain([Event::LeaseReleasing(record.id)]).collect();
    Decision { response, events, after: None }
}

/// Until when the values of a lease rest if it ends now.
pub(super) fn rest_deadlines(state: &State, record: &LeaseRecord) -> RestDeadlines {
    let all = &state.allocations;
    let default = Span::from_seconds(LINK_QUARANTINE_SECONDS_DEFAULT);
    let index = all.index_space(&record.holder.host, record.kind);
    let macs = all.mac_places(record.macs).into_iter().map(|place| state.quarantine_of(&place.space));
    let network = state.network(&record.network);
    RestDeadlines {
        index: state.now.after(state.quarantine_of(&index)),
        macs: state.now.after(macs.max().unwrap_or(default)),
        addresses: state.now.after(network.map_or(default, |network| network.quarantine)),
    }
}

/// Checks that the asker knows the lease as it is.
pub(super) fn check_generation(record: &LeaseRecord, given: Option<Generation>) -> Result<(), Rejection> {
    match given {
        Some(given) if given != record.generation => {
            Err(Rejection::Fenced { lease: record.id, given, current: record.generation })
        }
        Some(_) | None => Ok(()),
    }
}

impl State {
    /// How long values of a space rest.
    pub(super) fn quarantine_of(&self, space: &SpaceRef) -> Span {
        let all = &self.allocations;
        let of_kind = |kind| all.index_pools.get(kind).and_then(|name| self.pool(name));
        let found = match space {
            SpaceRef::Mac(name) => self.pool(name).map(|pool| pool.quarantine),
            SpaceRef::ForeignMac => None,
            SpaceRef::HostIndex(_, kind) | SpaceRef::ClusterIndex(kind) => {
                of_kind(kind).map(|pool| pool.quarantine)
            }
            SpaceRef::Subnet(network, _) => self.network(network).map(|network| network.quarantine),
        };
        found.unwrap_or(Span::from_seconds(LINK_QUARANTINE_SECONDS_DEFAULT))
    }

    /// The lease of that name or holder.
    #[must_use]
    pub fn find(&self, lease: &LeaseRef) -> Option<&Arc<LeaseRecord>> {
        match lease {
            LeaseRef::Id(id) => self.lease(*id),
            LeaseRef::Holder(holder) => self.lease_of(holder),
        }
    }

    /// Whether a host gets leases.
    pub(crate) fn host_state(&self, name: &HostName) -> Option<HostState> {
        self.allocations.hosts.get(name).map(|host| host.state)
    }
}
