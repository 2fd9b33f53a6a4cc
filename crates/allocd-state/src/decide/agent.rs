//! What a host's agent says: that it takes a lease up, that nothing of one is left, and everything that is there.

use std::collections::BTreeSet;
use std::sync::Arc;

use allocd_types::agent::{AgentRef, AgentReport, Inventory, Reconciliation};
use allocd_types::allocation::LeaseRef;
use allocd_types::grant::{Granted, Novelty};
use allocd_types::host::HostState;
use allocd_types::id::LeaseId;
use allocd_types::lease::LeaseState;
use allocd_types::rejection::{Rejection, Subject};

use super::release::{check_generation, freed, rest_deadlines};
use super::{adoption, changed, migration, unchanged};
use crate::event::{Event, FreedCause};
use crate::record::LeaseRecord;
use crate::response::{Decision, Response};
use crate::state::{HostEntry, State};

pub(super) fn bind(state: &State, report: &AgentReport) -> Result<Decision, Rejection> {
    let (host, record) = spoken_of(state, report)?.ok_or_else(|| not_found(report))?;
    if let Some(migration) = &record.migration {
        let (lease, to, id) = (record.id, migration.to.clone(), migration.id);
        return Err(Rejection::Moving { lease, to, id });
    }
    let event = match record.state {
        LeaseState::Granted => Event::LeaseBound { lease: record.id, rest: rest_deadlines(state, record) },
        LeaseState::Bound if host.suspects.contains_key(&record.id) => Event::LeaseFound(record.id),
        LeaseState::Bound => {
            let granted = Granted { lease: state.told(record), novelty: Novelty::Existing };
            return Ok(unchanged(Response::Lease(granted)));
        }
        LeaseState::Releasing => {
            return Err(Rejection::Releasing { lease: record.id, holder: record.holder.clone() });
        }
    };
    let bound =
        LeaseRecord { state: LeaseState::Bound, is_delivered: true, retired: None, ..(**record).clone() };
    let lease = state.told_as(&bound);
    Ok(changed(Response::Lease(Granted { lease, novelty: Novelty::Existing }), event))
}

/// A repeated confirmation finds the lease gone, or at another generation.
pub(super) fn confirm(state: &State, report: &AgentReport) -> Result<Decision, Rejection> {
    let Some((_, record)) = spoken_of(state, report)? else {
        return Ok(unchanged(Response::Released { lease: None, is_awaited: false }));
    };
    if record.state == LeaseState::Releasing {
        return Ok(freed(state, record, FreedCause::Confirmed));
    }
    match migration::completed(state, record) {
        Some((lease, event)) => {
            Ok(changed(Response::Lease(Granted { lease, novelty: Novelty::Existing }), event))
        }
        None => Err(Rejection::NothingToConfirm { lease: record.id }),
    }
}

pub(super) fn reconcile(state: &State, inventory: &Inventory) -> Result<Decision, Rejection> {
    let Inventory { agent, leases } = inventory;
    let host = speaking(state, agent)?;
    let there: BTreeSet<LeaseId> = leases.iter().copied().collect();
    if host.state == HostState::Fenced {
        return Ok(come_back(state, host, there));
    }
    let mut found = Reconciliation::default();
    let mut events = adoption::events(state, host, &there, &mut found);
    // Of a lease that is not known to be one yet nobody says anything.
    let known = state.leases_on(&agent.host).filter(|record| !state.allocations.is_unconfirmed(record));
    for record in known {
        let (id, is_there) = (record.id, there.contains(&record.id));
        let is_suspect = host.suspects.contains_key(&id);
        if record.is_awaited() {
            found.destroy.push(id);
        } else if is_there {
            found.keep.push(id);
            events.extend(is_suspect.then_some(Event::LeaseFound(id)));
        } else {
            found.create.push(id);
            if record.state == LeaseState::Bound {
                found.suspect.push(id);
                let suspected = Event::LeaseSuspected { lease: id, since: state.now };
                events.extend((!is_suspect).then_some(suspected));
            }
        }
    }
    let is_elsewhere = |id: &LeaseId| {
        let record = state.lease(*id);
        !found.adopt.contains(id) && record.is_none_or(|record| record.holder.host != agent.host)
    };
    found.destroy.extend(there.into_iter().filter(is_elsewhere));
    Ok(Decision { response: Response::Reconciled(found), events, after: None })
}

/// A host that was declared off tears everything down first. If nothing is left, it is a host again, and what it still has is given
/// to it anew.
fn come_back(state: &State, host: &HostEntry, there: BTreeSet<LeaseId>) -> Decision {
    if !there.is_empty() {
        let destroy = there.into_iter().collect();
        return unchanged(Response::Reconciled(Reconciliation { destroy, ..Reconciliation::default() }));
    }
    let name = host.spec.name.clone();
    let (destroy, create) =
        state.leases_on(&name).map(|record| record.id).partition(|lease| host.awaited.contains(lease));
    let found = Reconciliation { create, destroy, ..Reconciliation::default() };
    changed(Response::Reconciled(found), Event::HostReturned(name))
}

/// The host that speaks, if it is its newest agent that does.
pub(crate) fn speaking<'a>(state: &'a State, agent: &AgentRef) -> Result<&'a HostEntry, Rejection> {
    let AgentRef { host: name, incarnation: given } = agent;
    let host = state.allocations.hosts.get(name);
    let host = host.ok_or_else(|| Rejection::NotFound(Subject::Host(name.clone())))?;
    let (given, current) = (*given, host.incarnation);
    if given == current {
        Ok(host)
    } else {
        Err(Rejection::StaleIncarnation { host: name.clone(), given, current })
    }
}

/// The host that speaks and the lease that it speaks of: one of its own, at this generation. Nothing if the lease is gone.
fn spoken_of<'a>(
    state: &'a State,
    report: &AgentReport,
) -> Result<Option<(&'a HostEntry, &'a Arc<LeaseRecord>)>, Rejection> {
    let AgentReport { agent, lease: at } = report;
    let host = speaking(state, agent)?;
    if host.state == HostState::Fenced {
        return Err(Rejection::HostFenced { host: agent.host.clone() });
    }
    let Some(record) = state.lease(at.lease) else { return Ok(None) };
    if record.holder.host != agent.host {
        let (host, holder) = (agent.host.clone(), record.holder.clone());
        return Err(Rejection::OnOtherHost { lease: record.id, host, holder });
    }
    check_generation(record, Some(at.generation))?;
    Ok(Some((host, record)))
}

fn not_found(report: &AgentReport) -> Rejection {
    Rejection::NotFound(Subject::Lease(LeaseRef::Id(report.lease.lease)))
}
