//! A value is in use by somebody else on the wire: it rests for long, and the lease gets another one in the same commit.
//!
//! What a holder reports can be forged by whoever shares its network, so there are bounds: on how much of a pool rests for
//! conflicts, and on how many a host reports. Above them the evidence is kept for people, and nothing else changes.

use std::net::IpAddr;
use std::sync::Arc;

use allocd_types::address::Family;
use allocd_types::decline::{Decline, DeclineSpec, Declined, Evidence, Kept, KeptWhy, LeasePart};
use allocd_types::holder::Holder;
use allocd_types::host::HostState;
use allocd_types::id::Generation;
use allocd_types::lease::LeaseState;
use allocd_types::limits::{
    DECLINE_QUARANTINE_SECONDS, DECLINED_SHARE_PERCENT_MAX, DECLINES_PER_HOST_MAX, DECLINES_PER_HOST_SECONDS,
    QUARANTINE_SECONDS_MAX,
};
use allocd_types::mac::Macs;
use allocd_types::rejection::{Rejection, Subject};
use allocd_types::time::Span;
use allocd_types::value::Value;

use super::address::{in_order, next_address};
use super::changed;
use super::link::{next_macs, next_unit};
use super::release::check_generation;
use crate::context::Context;
use crate::event::{Event, SpaceRef};
use crate::record::LeaseRecord;
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn decline(
    state: &State,
    context: &mut Context,
    spec: &DeclineSpec,
) -> Result<Decision, Rejection> {
    let DeclineSpec { lease, generation, part, evidence } = spec;
    let record = state.find(lease).ok_or_else(|| Rejection::NotFound(Subject::Lease(lease.clone())))?;
    check_generation(record, Some(*generation))?;
    check_in_use(state, record)?;
    let value =
        value_of(state, record, *part).ok_or(Rejection::NotOfLease { lease: record.id, part: *part })?;
    let replaced = match bound_reached(state, &record.holder, &value) {
        Some(kept) => Err(kept),
        None => replaced(state, context, record, *part)?,
    };
    let before = state.allocations.declines.get(&value).filter(|decline| decline.rests_until.is_some());
    let count = before.map_or(1, |decline| decline.count.saturating_add(1));
    let decline = |rests_until| {
        let (lease, holder, evidence) = (record.id, record.holder.clone(), Evidence::clone(evidence));
        let (declined_at, at) = (context.labelled_at, state.now);
        let value = value.clone();
        Arc::new(Decline { value, lease, holder, evidence, declined_at, at, count, rests_until })
    };
    Ok(match replaced {
        Ok(new) => {
            let declined = Declined { lease: state.told_as(&new), kept: None };
            let decline = decline(Some(state.now.after(rest(count))));
            let event = Event::LeaseDeclined { lease: Arc::new(new), decline };
            changed(Response::Declined(declined), event)
        }
        Err(kept) => {
            let declined = Declined { lease: state.told(record), kept: Some(kept) };
            changed(Response::Declined(declined), Event::DeclineNoted(decline(None)))
        }
    })
}

pub(super) fn clear(state: &State, value: &Value) -> Result<Decision, Rejection> {
    let all = &state.allocations;
    let Some(decline) = all.declines.get(value) else {
        return Err(Rejection::NotDeclined { value: value.clone() });
    };
    // The host that declined it may be using it still.
    if let Some(record) = state.lease(decline.lease)
        && record.retired.as_ref().is_some_and(|retired| retired.contains(value))
    {
        let (lease, holder) = (record.id, record.holder.clone());
        return Err(Rejection::Taken { value: value.clone(), lease, holder });
    }
    // Its host may have been using it until just now, so it rests like any value that is given back.
    let quarantine = all.place_of(value).map(|place| state.quarantine_of(&place.space));
    let rests_until = state.now.after(quarantine.unwrap_or(Span::ZERO));
    Ok(changed(Response::Done, Event::DeclineCleared { value: value.clone(), rests_until }))
}

/// Checks that the lease is one that goes on where it is, on a host whose word counts.
fn check_in_use(state: &State, record: &LeaseRecord) -> Result<(), Rejection> {
    // A replacement is a value that is granted.
    if let Some(recovery) = &state.allocations.recovery {
        return Err(state.recovering(recovery));
    }
    if state.host_state(&record.holder.host) == Some(HostState::Fenced) {
        return Err(Rejection::HostFenced { host: record.holder.host.clone() });
    }
    if let Some(migration) = &record.migration {
        let (lease, to, id) = (record.id, migration.to.clone(), migration.id);
        return Err(Rejection::Moving { lease, to, id });
    }
    match record.state {
        LeaseState::Releasing => {
            Err(Rejection::Releasing { lease: record.id, holder: record.holder.clone() })
        }
        LeaseState::Granted | LeaseState::Bound => Ok(()),
    }
}

/// The value that is declined; of a pair of MACs, the even one.
fn value_of(state: &State, record: &LeaseRecord, part: LeasePart) -> Option<Value> {
    match part {
        LeasePart::Index => Some(Value::Index(record.holder.host.clone(), record.kind, record.index?)),
        LeasePart::Macs => record.macs.a().map(Value::Mac),
        LeasePart::Address(address) => {
            let network = state.network(&record.network)?;
            record.addresses.contains(&address).then(|| Value::Address(network.vrf.clone(), address))
        }
    }
}

/// Why the value is not exchanged, if a bound is reached.
fn bound_reached(state: &State, holder: &Holder, value: &Value) -> Option<Kept> {
    let all = &state.allocations;
    let window = Span::from_seconds(DECLINES_PER_HOST_SECONDS);
    let recent = all.declines_by_age.iter().rev().filter_map(|(_, value)| all.declines.get(value));
    let recent = recent.take_while(|decline| decline.at.after(window) > state.now);
    let of_host = recent
        .filter(|decline| decline.holder.host == holder.host && decline.rests_until.is_some())
        .take(DECLINES_PER_HOST_MAX);
    let times: Vec<_> = of_host.map(|decline| decline.at).collect();
    if times.len() == DECLINES_PER_HOST_MAX {
        let retry_after = times.last().map(|at| state.now.until(at.after(window)));
        return Some(Kept { why: KeptWhy::HostRate, retry_after });
    }
    let place = all.place_of(value)?;
    let rests = |value: &Value| all.place_of(value).is_some_and(|other| other.space == place.space);
    let mut ends: Vec<_> = all
        .declines
        .values()
        .filter_map(|decline| decline.rests_until.filter(|end| *end > state.now && rests(&decline.value)))
        .collect();
    ends.sort_unstable();
    let resting = u128::try_from(ends.len()).unwrap_or(u128::MAX);
    if resting >= share_max(state, &place.space) {
        let retry_after = ends.first().map(|end| state.now.until(*end));
        return Some(Kept { why: KeptWhy::PoolShare, retry_after });
    }
    None
}

/// How many values of a pool may rest for conflicts: a share, and one in any case.
fn share_max(state: &State, space: &SpaceRef) -> u128 {
    let total = state.space(space).map_or(0, |space| space.counts().total());
    // A /0 of IPv6 would overflow the multiplication; so the division goes first.
    let share = total / 100 * DECLINED_SHARE_PERCENT_MAX + total % 100 * DECLINED_SHARE_PERCENT_MAX / 100;
    share.max(1)
}

/// The lease with another value, or why there is none.
fn replaced(
    state: &State,
    context: &mut Context,
    record: &LeaseRecord,
    part: LeasePart,
) -> Result<Result<LeaseRecord, Kept>, Rejection> {
    let mut new = LeaseRecord {
        state: LeaseState::Granted,
        generation: Generation { timeline: state.allocations.timeline, revision: state.revision.next() },
        retired: retired(state, record, part),
        ..record.clone()
    };
    let network = state.network(&record.network).expect("a lease keeps its network from being deleted");
    let found = match part {
        LeasePart::Index => {
            next_unit(state, &record.holder.host, record.kind).map(|index| new.index = Some(index))
        }
        LeasePart::Macs => next_macs(state, network, record.kind.mac_need(), &mut context.entropy)
            .map(|macs: Macs| new.macs = macs),
        LeasePart::Address(address) => next_address(state, &record.network, Family::of(address))
            .map(|next| exchange_address(&mut new.addresses, address, next)),
    };
    match found {
        Ok(()) => {
            in_order(network, &mut new.addresses);
            Ok(Ok(new))
        }
        Err(Rejection::Exhausted { next_free_in, .. }) => {
            Ok(Err(Kept { why: KeptWhy::Exhausted, retry_after: next_free_in }))
        }
        Err(other) => Err(other),
    }
}

/// What the lease has besides from now on: of one that its host has taken up, what is declined, for the host may be using it still.
fn retired(state: &State, record: &LeaseRecord, part: LeasePart) -> Option<Arc<Vec<Value>>> {
    if !record.is_delivered {
        return record.retired.clone();
    }
    let before = record.retired.iter().flat_map(|retired| retired.iter().cloned());
    let now: Vec<Value> = match part {
        LeasePart::Macs => record.macs.iter().map(Value::Mac).collect(),
        LeasePart::Index | LeasePart::Address(_) => value_of(state, record, part).into_iter().collect(),
    };
    Some(Arc::new(before.chain(now).collect()))
}

fn exchange_address(addresses: &mut [IpAddr], old: IpAddr, new: IpAddr) {
    for address in addresses.iter_mut().filter(|address| **address == old) {
        *address = new;
    }
}

/// How long a value rests that was declined so often.
fn rest(count: u32) -> Span {
    let doubled = 1_u32.checked_shl(count.saturating_sub(1)).unwrap_or(u32::MAX);
    let seconds = DECLINE_QUARANTINE_SECONDS.saturating_mul(doubled);
    Span::from_seconds(seconds.min(QUARANTINE_SECONDS_MAX))
}
