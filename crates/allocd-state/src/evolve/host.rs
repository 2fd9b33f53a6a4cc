//! What events about hosts do.

use std::sync::Arc;

use allocd_types::host::{HostRegistration, HostSpec, HostState};
use allocd_types::id::{Incarnation, LeaseId};
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::LeaseState;
use allocd_types::name::HostName;

use imbl::{OrdMap, OrdSet};

use super::lease;
use crate::event::SpaceRef;
use crate::state::{Allocations, Holders, HostEntry};

pub(super) fn created(all: &mut Allocations, spec: &HostSpec) {
    let entry = HostEntry {
        spec: Arc::new(spec.clone()),
        state: HostState::Active,
        incarnation: Incarnation::default(),
        uuid: None,
        release: None,
        holders: Holders::default(),
        incoming: Holders::default(),
        awaited: OrdSet::new(),
        suspects: OrdMap::new(),
        former_holders: Holders::default(),
        indices: all.new_index_spaces(&spec.name),
    };
    all.hosts.insert(spec.name.clone(), Arc::new(entry));
}

pub(super) fn registered(all: &mut Allocations, registration: &HostRegistration, incarnation: Incarnation) {
    // What the agent sees are exclusions, which have events of their own.
    let HostRegistration { host: name, uuid, release, seen: _ } = registration;
    let Some(host) = all.host_mut(name) else { return };
    let old = host.uuid.replace(uuid.clone());
    host.release.clone_from(release);
    host.incarnation = incarnation;
    if let Some(old) = old {
        all.host_uuids.remove(&old);
    }
    all.host_uuids.insert(uuid.clone(), name.clone());
}

pub(super) fn state_changed(all: &mut Allocations, name: &HostName, state: HostState) {
    let Some(host) = all.host_mut(name) else { return };
    host.state = state;
    let is_unsettled = state == HostState::Fenced && !host.awaited.is_empty();
    if is_unsettled {
        all.unsettled.insert(name.clone());
    } else {
        all.unsettled.remove(name);
    }
}

/// Nothing lives there any more of what the host has: it may be given to it anew.
pub(super) fn returned(all: &mut Allocations, name: &HostName) {
    state_changed(all, name, HostState::Active);
    let leases: Vec<LeaseId> =
        all.hosts.get(name).into_iter().flat_map(|host| host.holders.leases()).collect();
    for lease in leases {
        lease::exchange(all, lease, |record| {
            // What waits for the host's word still waits: it was asked before, and not yet answered.
            if !record.is_awaited() {
                record.state = LeaseState::Granted;
                // What was declined there rests once the lease is bound again.
                record.is_delivered = record.retired.is_some();
            }
        });
    }
}

pub(super) fn deleted(all: &mut Allocations, name: &HostName) {
    for kind in InterfaceKind::ALL {
        all.edit(&SpaceRef::HostIndex(name.clone(), kind), |space| space.set_ranges(Vec::new()));
    }
    super::recovery::host_deleted(all, name);
    let Some(host) = all.hosts.remove(name) else { return };
    if let Some(uuid) = &host.uuid {
        all.host_uuids.remove(uuid);
    }
    all.unsettled.remove(name);
}
