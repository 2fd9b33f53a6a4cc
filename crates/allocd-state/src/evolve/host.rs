//! What events about hosts do.

use std::sync::Arc;

use allocd_types::host::{HostSpec, HostState, HostUuid};
use allocd_types::id::Incarnation;
use allocd_types::kind::InterfaceKind;
use allocd_types::name::HostName;

use crate::event::SpaceRef;
use crate::state::{Allocations, Holders, HostEntry};

pub(super) fn created(all: &mut Allocations, spec: &HostSpec) {
    let entry = HostEntry {
        spec: Arc::new(spec.clone()),
        state: HostState::Active,
        incarnation: Incarnation::default(),
        uuid: None,
        holders: Holders::default(),
        former_holders: Holders::default(),
        indices: all.new_index_spaces(&spec.name),
    };
    all.hosts.insert(spec.name.clone(), Arc::new(entry));
}

pub(super) fn registered(all: &mut Allocations, name: &HostName, uuid: &HostUuid, incarnation: Incarnation) {
    let Some(host) = all.host_mut(name) else { return };
    let old = host.uuid.replace(uuid.clone());
    host.incarnation = incarnation;
    if let Some(old) = old {
        all.host_uuids.remove(&old);
    }
    all.host_uuids.insert(uuid.clone(), name.clone());
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
}
