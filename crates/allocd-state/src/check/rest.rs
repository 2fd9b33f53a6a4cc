//! What ends, rests or is remembered: the orders of deadlines, and the former leases.

use std::collections::{BTreeMap, BTreeSet};

use allocd_types::id::LeaseId;

use super::Flaw;
use crate::space::ValueSpace;
use crate::state::State;

pub(super) fn check(state: &State, flaws: &mut Vec<Flaw>) {
    deadlines(state, flaws);
    former(state, flaws);
    former_holders(state, flaws);
}

/// Whatever has a deadline is in the order of deadlines, and nothing else is.
fn deadlines(state: &State, flaws: &mut Vec<Flaw>) {
    let all = &state.allocations;
    let counting = state.leases().filter(|record| !all.is_unconfirmed(record));
    let leases = counting.filter_map(|record| record.lifetime.map(|lifetime| (lifetime.ends_at, record.id)));
    if all.lease_deadlines != leases.collect() {
        flaws.push(Flaw::new("deadlines", "the order of lifetimes is not that of the leases"));
    }
    let spaces = all.space_refs().into_iter();
    let rests = spaces.filter_map(|space| Some((state.space(&space)?.next_rest_end()?, space)));
    if all.rest_deadlines != rests.collect() {
        flaws.push(Flaw::new("deadlines", "the order of rests is not that of the resting values"));
    }
}

/// A former lease is kept exactly as long as values remember it.
fn former(state: &State, flaws: &mut Vec<Flaw>) {
    let mut remembered: BTreeMap<LeaseId, u32> = BTreeMap::new();
    for reference in state.allocations.space_refs() {
        for lease in state.space(&reference).into_iter().flat_map(ValueSpace::remembered) {
            *remembered.entry(lease).or_default() += 1;
        }
    }
    let former = &state.allocations.former;
    let kept: BTreeMap<LeaseId, u32> =
        former.iter().map(|(lease, former)| (*lease, former.remembered_by)).collect();
    if remembered != kept {
        flaws.push(Flaw::new("former leases", "those that are kept are not those that values remember"));
    }
    for (id, former) in
        former.iter().filter(|(id, former)| former.record.id != **id || state.lease(**id).is_some())
    {
        flaws.push(Flaw::new(id.resource_name(), format!("is kept as former, and is {}", former.record.id)));
    }
}

/// What a holder had before is a former lease of that holder.
fn former_holders(state: &State, flaws: &mut Vec<Flaw>) {
    let all = &state.allocations;
    for (name, host) in &all.hosts {
        let mut seen = BTreeSet::new();
        for lease in host.former_holders.leases() {
            // Of each holder there is one, once, and it is found by its name.
            let is_its = seen.insert(lease)
                && all.former.get(&lease).is_some_and(|former| {
                    let holder = &former.record.holder;
                    holder.host == *name && all.former_of(holder).is_some_and(|found| found.id == lease)
                });
            if !is_its {
                let message = format!("knows {} as somebody's last, which it is not", lease.resource_name());
                flaws.push(Flaw::new(format!("host {name}"), message));
            }
        }
    }
}
