//! Decisions while the cluster is in recovery: what has to wait, whose word ends it, and what may be handed out before.

use std::collections::BTreeSet;

use allocd_types::address::AddressRange;
use allocd_types::allocation::{AllocationSpec, LeaseRef};
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::index::UnitIndex;
use allocd_types::label::Labels;
use allocd_types::mac::Macs;
use allocd_types::name::{ExclusionName, HostName};
use allocd_types::pool::{PoolSpec, PoolValues};
use allocd_types::recovery::{OtherHosts, RecoveryConfirmation, SkipTo};
use allocd_types::rejection::{Rejection, Subject};

use super::{pool, seen, unchanged};
use crate::command::Command;
use crate::context::Context;
use crate::digest::digest_of;
use crate::event::{Event, SpaceRef};
use crate::evolve::evolve;
use crate::record::LeaseRecord;
use crate::recovery::{Recovery, all_rested};
use crate::response::{Decision, Response};
use crate::state::State;

/// The label of exclusions that keep what the former timeline may have handed out.
const TIMELINE_LABEL: &str = "recovery.timeline";

/// Checks that a command does not free, prolong or choose what a former timeline may have handed out. Grants are looked at one by
/// one ([`check_grant`]).
pub(super) fn check_allowed(state: &State, command: &Command) -> Result<(), Rejection> {
    let Some(recovery) = &state.allocations.recovery else { return Ok(()) };
    let by_id;
    let lease = match command {
        Command::Tick
        | Command::CreateNetwork(_)
        | Command::UpdateNetwork(_)
        | Command::CreatePool(_)
        | Command::UpdatePool(_)
        | Command::CreateHost(_)
        | Command::RegisterHost(_)
        | Command::ActivateHost(_)
        | Command::DrainHost(_)
        | Command::FenceHost(_)
        | Command::ReconcileHost(_)
        | Command::AdoptLease(_)
        | Command::DeleteHost(..)
        | Command::CreateReservation(_)
        | Command::CreateExclusion(_)
        | Command::Allocate(_)
        | Command::BatchAllocate(..)
        | Command::ConfirmRecovery(_)
        | Command::SkipTo(_) => return Ok(()),
        Command::DeleteNetwork(..)
        | Command::DeletePool(..)
        | Command::DeleteReservation(..)
        | Command::DeleteExclusion(..)
        | Command::ClearDecline(_)
        | Command::Import(_) => return Err(state.recovering(recovery)),
        Command::BindLease(report) | Command::ConfirmTeardown(report) => {
            by_id = LeaseRef::Id(report.lease.lease);
            &by_id
        }
        Command::MoveLease(spec) => &spec.lease,
        Command::CancelMove(spec) => &spec.lease,
        Command::DeclineLease(spec) => &spec.lease,
        Command::Renew(spec) => &spec.lease,
        Command::Release(spec) => &spec.lease,
    };
    match state.find(lease) {
        Some(record) if state.allocations.is_unconfirmed(record) => Err(state.recovering(recovery)),
        Some(_) | None => Ok(()),
    }
}

/// Checks that every value of a new lease is one that its holder names, for it lives with it, or one that no former timeline has
/// handed out.
pub(super) fn check_grant(
    state: &State,
    spec: &AllocationSpec,
    record: &LeaseRecord,
) -> Result<(), Rejection> {
    let all = &state.allocations;
    let Some(recovery) = &all.recovery else { return Ok(()) };
    let is_open = |space: &SpaceRef| recovery.open.contains(space);
    let host = &record.holder.host;
    let index = record.index.is_none_or(|index| {
        spec.pins.index == Some(index) || is_open(&all.index_place(host, record.kind, index).space)
    });
    let macs = record.macs == Macs::None
        || spec.pins.macs == record.macs
        || all.mac_places(record.macs).iter().all(|place| is_open(&place.space));
    let addresses = record.addresses.iter().all(|address| {
        spec.pins.addresses.contains(address)
            || all.address_place(&record.network, *address).is_some_and(|place| is_open(&place.space))
    });
    if index && macs && addresses { Ok(()) } else { Err(state.recovering(recovery)) }
}

/// Checks that a lease may be told to its holder as its own: not one of a former timeline.
pub(super) fn check_told(state: &State, record: &LeaseRecord) -> Result<(), Rejection> {
    match &state.allocations.recovery {
        Some(recovery) if state.allocations.is_unconfirmed(record) => Err(state.recovering(recovery)),
        Some(_) | None => Ok(()),
    }
}

/// True if these exclusions are nothing to a holder on a host that lives with what they keep: skips, and what its own agent has seen.
pub(super) fn spare_holder_on(
    state: &State,
    host: &HostName,
    mut exclusions: impl Iterator<Item = ExclusionName>,
) -> bool {
    let spares =
        |spec: &ExclusionSpec| spec.labels.get(TIMELINE_LABEL).is_some() || seen::is_seen_on(spec, host);
    state.allocations.recovery.is_some()
        && exclusions.all(|name| state.exclusion(&name).is_some_and(|spec| spares(spec)))
}

/// What opens the spaces of a resource that is made in recovery; nothing at any other time.
pub(super) fn opened(state: &State, spaces: Vec<SpaceRef>) -> Option<Event> {
    let is_needed = state.allocations.recovery.is_some() && !spaces.is_empty();
    is_needed.then_some(Event::SpacesOpened(spaces))
}

/// A host is off, or has told all that is on it: nobody has to vouch for it any more, and what it had beside that rests from now on.
pub(super) fn vouched_for(state: &State, host: &HostName) -> Vec<Event> {
    let recovery = state.allocations.recovery.as_ref();
    if recovery.is_some_and(|recovery| recovery.unconfirmed.contains(host)) {
        vec![Event::HostsConfirmed(vec![host.clone()]), Event::RecoveryProlonged(all_rested(state))]
    } else {
        Vec::new()
    }
}

pub(super) fn confirm(state: &State, confirmation: &RecoveryConfirmation) -> Result<Decision, Rejection> {
    let Some(recovery) = &state.allocations.recovery else {
        return Ok(unchanged(Response::Recovery(state.recovery_status())));
    };
    let RecoveryConfirmation { hosts, others } = confirmation;
    if let Some(unknown) = hosts.iter().find(|host| state.host(host).is_none()) {
        return Err(Rejection::NotFound(Subject::Host(unknown.clone())));
    }
    let confirmed: Vec<HostName> =
        hosts.iter().filter(|host| recovery.unconfirmed.contains(*host)).cloned().collect();
    let left: BTreeSet<&HostName> =
        recovery.unconfirmed.iter().filter(|host| !hosts.contains(*host)).collect();
    let mut events = Vec::new();
    if !confirmed.is_empty() {
        events.push(Event::HostsConfirmed(confirmed));
    }
    match others {
        OtherHosts::Unsaid => {}
        OtherHosts::None if left.is_empty() && state.now >= recovery.ends_no_earlier => {
            events.push(Event::RecoveryEnded { at: state.now });
        }
        OtherHosts::None => {
            let unconfirmed = left.into_iter().cloned().collect();
            return Err(state.recovering(&Recovery { unconfirmed, ..recovery.clone() }));
        }
    }
    Ok(told(state, events))
}

pub(super) fn skip(state: &State, context: &mut Context, skip: &SkipTo) -> Result<Decision, Rejection> {
    if state.allocations.recovery.is_none() {
        return Err(Rejection::NotRecovering);
    }
    let all = &state.allocations;
    let (space, mut events) = match skip {
        SkipTo::Addresses { network, last } => {
            let Some(spec) = state.network(network) else {
                return Err(Rejection::NotFound(Subject::Network(network.clone())));
            };
            let Some(subnet) = spec.subnets.iter().find(|subnet| subnet.prefix.contains(*last)) else {
                let value = allocd_types::value::Value::Address(spec.vrf.clone(), *last);
                return Err(Rejection::OutsidePool { value, network: network.clone() });
            };
            let range = AddressRange::new(subnet.prefix.first(), *last)
                .expect("an address of a prefix does not come before its first");
            let values = ExcludedValues::Addresses { vrf: spec.vrf.clone(), range };
            (SpaceRef::Subnet(network.clone(), subnet.prefix.first()), kept(state, values))
        }
        SkipTo::Indices { host, kind, last } => {
            if state.host(host).is_none() {
                return Err(Rejection::NotFound(Subject::Host(host.clone())));
            }
            let (host, kind, last) = (host.clone(), *kind, *last);
            let space = all.index_space(&host, kind);
            let values = ExcludedValues::Indices { host, kind, first: UnitIndex::FIRST, last };
            (space, kept(state, values))
        }
        SkipTo::Macs { pool } => (SpaceRef::Mac(pool.clone()), draw_anew(state, context, pool)?),
    };
    events.extend(opened(state, vec![space]));
    Ok(told(state, events))
}

/// A pool of MACs gets a block of its own; what it had is kept.
fn draw_anew(
    state: &State,
    context: &mut Context,
    name: &allocd_types::name::PoolName,
) -> Result<Vec<Event>, Rejection> {
    let Some(found) = state.pool(name) else {
        return Err(Rejection::NotFound(Subject::Pool(name.clone())));
    };
    let PoolValues::Mac { blocks } = &found.values else {
        return Err(Rejection::NoMacPool { pool: name.clone() });
    };
    let space = SpaceRef::Mac(name.clone());
    if state.allocations.recovery.as_ref().is_some_and(|recovery| recovery.open.contains(&space)) {
        // Asked again, it is what was drawn.
        return Ok(Vec::new());
    }
    let mut events: Vec<Event> = blocks
        .iter()
        .flat_map(|block| kept(state, ExcludedValues::Macs { first: block.first(), last: block.last() }))
        .collect();
    let drawn = pool::own_block(state, context)?;
    let blocks = blocks.iter().copied().chain([drawn]).collect();
    events.push(Event::PoolUpdated(PoolSpec { values: PoolValues::Mac { blocks }, ..(**found).clone() }));
    Ok(events)
}

/// What keeps values from being handed out, until somebody lifts it; nothing if it is there.
fn kept(state: &State, values: ExcludedValues) -> Vec<Event> {
    let timeline = state.allocations.timeline.to_string();
    let digest: String = digest_of(&values).to_string().chars().take(8).collect();
    let name = ExclusionName::new(&format!("recovery-{timeline}-{digest}"))
        .expect("letters, digits and hyphens, well below the bound");
    let reason = "skipped in recovery: may have been handed out after the backup".to_owned();
    let labels = Labels::default().with(TIMELINE_LABEL, &timeline);
    match state.exclusion(&name) {
        Some(_) => Vec::new(),
        None => vec![Event::ExclusionCreated(ExclusionSpec { name, values, reason, labels })],
    }
}

/// The decision with the status that comes of it.
fn told(state: &State, events: Vec<Event>) -> Decision {
    let mut after = state.clone();
    for event in &events {
        evolve(&mut after, event);
    }
    Decision { response: Response::Recovery(after.recovery_status()), events, after: Some(after) }
}
