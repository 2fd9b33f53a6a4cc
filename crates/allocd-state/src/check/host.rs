//! Hosts and the leases that wait for their word: what is listed is what the leases say.

use std::collections::BTreeMap;

use allocd_types::holder::Holder;
use allocd_types::host::HostState;
use allocd_types::id::LeaseId;
use allocd_types::lease::LeaseState;
use allocd_types::name::HostName;
use imbl::OrdSet;

use super::Flaw;
use crate::state::State;

/// What the leases say of a host.
#[derive(Default)]
struct Said {
    awaited: OrdSet<LeaseId>,
    incoming: BTreeMap<Holder, LeaseId>,
}

pub(super) fn check(state: &State, flaws: &mut Vec<Flaw>) {
    leases(state, flaws);
    lists(state, flaws);
    suspects(state, flaws);
    absent(state, flaws);
}

/// Only what a host has taken up can wait for its word, and what moves has where to go.
fn leases(state: &State, flaws: &mut Vec<Flaw>) {
    for record in state.leases() {
        let mut claim = |is_so: bool, message: &str| {
            if !is_so {
                flaws.push(Flaw::new(record.id.resource_name(), message));
            }
        };
        let is_in_use = match record.state {
            LeaseState::Granted => record.migration.is_some(),
            LeaseState::Bound | LeaseState::Releasing => true,
        };
        let has_retired = record.retired.as_ref().is_some_and(|retired| !retired.is_empty());
        claim(!has_retired || record.is_delivered, "has declined values that nobody took up");
        claim(record.state != LeaseState::Bound || !has_retired, "is bound and has declined values still");
        claim(record.is_delivered || !is_in_use, "waits for a host that never took it up");
        let Some(migration) = &record.migration else { continue };
        claim(record.state != LeaseState::Releasing, "moves, although it was given back");
        claim(state.allocations.hosts.contains_key(&migration.to), "moves to a host that is not there");
        claim(migration.to != record.holder.host, "moves to where it is");
        claim(migration.index.is_some() == record.index.is_some(), "moves with an index too many or too few");
        claim(migration.id.get() <= state.revision.get(), "its move is still to come");
    }
}

fn lists(state: &State, flaws: &mut Vec<Flaw>) {
    let all = &state.allocations;
    let mut said: BTreeMap<&HostName, Said> = BTreeMap::new();
    for record in state.leases().filter(|record| record.is_awaited()) {
        said.entry(&record.holder.host).or_default().awaited.insert(record.id);
        let Some(next) = record.next_holder() else { continue };
        let Some((name, _)) = all.hosts.get_key_value(&next.host) else { continue };
        let other = said.entry(name).or_default().incoming.insert(next.clone(), record.id);
        let holds = state.lease_of(&next).map(|record| record.id);
        if let Some(other) = other.or(holds) {
            let message = format!("moves to {next}, who has {}", other.resource_name());
            flaws.push(Flaw::new(record.id.resource_name(), message));
        }
    }
    for (name, host) in &all.hosts {
        let said = said.remove(name).unwrap_or_default();
        if host.awaited != said.awaited {
            flaws.push(Flaw::new(name, "the leases that are said to wait for it are not those that do"));
        }
        let is_known = |(next, lease): (&Holder, &LeaseId)| host.incoming.contains(next, *lease);
        if host.incoming.len() != said.incoming.len() || !said.incoming.iter().all(is_known) {
            flaws.push(Flaw::new(name, "the leases that are said to come are not those that do"));
        }
        let is_unsettled = host.state == HostState::Fenced && !host.awaited.is_empty();
        if all.unsettled.contains(name) != is_unsettled {
            flaws.push(Flaw::new(name, "is listed as waited for in vain, or is not"));
        }
    }
    for name in all.unsettled.iter().filter(|name| !all.hosts.contains_key(*name)) {
        flaws.push(Flaw::new(name, "is waited for, and is not there"));
    }
}

/// Only what a host had in use can be lost, and what ends by itself is known by when.
fn suspects(state: &State, flaws: &mut Vec<Flaw>) {
    let all = &state.allocations;
    let mut deadlines = OrdSet::new();
    for (name, host) in &all.hosts {
        for (suspect, since) in &host.suspects {
            let record = state.lease(*suspect);
            let ends_at = record.and_then(|record| all.suspect_deadline(record, *since));
            deadlines.extend(ends_at.map(|at| (at, *suspect)));
            let is_its = record.is_some_and(|record| {
                record.holder.host == *name && record.state == LeaseState::Bound && record.migration.is_none()
            });
            if !is_its {
                flaws
                    .push(Flaw::new(name, format!("suspects {}, which it has not", suspect.resource_name())));
            }
            if *since > state.now {
                flaws.push(Flaw::new(suspect.resource_name(), "will only be suspect"));
            }
        }
    }
    if all.suspect_deadlines != deadlines {
        flaws.push(Flaw::new("suspects", "those that are said to end by themselves are not those that do"));
    }
}

/// Only a lease of before a restore can be one of which its host has nothing.
fn absent(state: &State, flaws: &mut Vec<Flaw>) {
    let all = &state.allocations;
    for lease in all.recovery.iter().flat_map(|recovery| &recovery.absent) {
        if !state.lease(*lease).is_some_and(|record| all.is_unconfirmed(record)) {
            flaws.push(Flaw::new(lease.resource_name(), "is missed, and is no lease of before the restore"));
        }
    }
}
