//! Prolonging a lease.

use allocd_types::allocation::RenewalSpec;
use allocd_types::grant::{Granted, Novelty};
use allocd_types::host::HostState;
use allocd_types::lease::LeaseState;
use allocd_types::rejection::{Rejection, Subject};

use super::changed;
use super::release::check_generation;
use crate::event::Event;
use crate::record::{LeaseRecord, Lifetime};
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn renew(state: &State, spec: &RenewalSpec) -> Result<Decision, Rejection> {
    let record =
        state.find(&spec.lease).ok_or_else(|| Rejection::NotFound(Subject::Lease(spec.lease.clone())))?;
    check_generation(record, spec.generation)?;
    let Some(lifetime) = record.lifetime else {
        return Err(Rejection::Permanent { lease: record.id });
    };
    check_may_go_on(state, record)?;
    let ttl = spec.ttl.unwrap_or(lifetime.ttl);
    // A renewal never shortens what the holder was promised.
    let ends_at = state.now.after(ttl).max(lifetime.ends_at);
    let lifetime = Lifetime { ttl, ends_at };
    let renewed = LeaseRecord { lifetime: Some(lifetime), ..(**record).clone() };
    let granted = Granted { lease: state.told(&renewed), novelty: Novelty::Existing };
    Ok(changed(Response::Lease(granted), Event::LeaseRenewed { lease: record.id, lifetime }))
}

/// Checks that a lease is not on its way out: who has it must come to its end.
fn check_may_go_on(state: &State, record: &LeaseRecord) -> Result<(), Rejection> {
    let host = &record.holder.host;
    if state.host_state(host) == Some(HostState::Fenced) {
        return Err(Rejection::HostFenced { host: host.clone() });
    }
    match record.state {
        LeaseState::Releasing => {
            Err(Rejection::Releasing { lease: record.id, holder: record.holder.clone() })
        }
        LeaseState::Granted | LeaseState::Bound => Ok(()),
    }
}
