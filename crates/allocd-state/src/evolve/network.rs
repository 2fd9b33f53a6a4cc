//! What events about networks do.

use std::sync::Arc;

use allocd_types::name::NetworkName;
use allocd_types::network::NetworkSpec;
use allocd_types::time::ClusterTime;
use imbl::OrdMap;

use super::suspicion;
use crate::event::SpaceRef;
use crate::space::ValueSpace;
use crate::state::{Allocations, NetworkEntry, subnet_ranges};

pub(super) fn created(all: &mut Allocations, spec: &NetworkSpec) {
    let entry = NetworkEntry { spec: Arc::new(spec.clone()), spaces: OrdMap::new(), leases: 0 };
    all.networks.insert(spec.name.clone(), Arc::new(entry));
    lay_out(all, spec);
}

pub(super) fn updated(all: &mut Allocations, spec: &NetworkSpec, at: ClusterTime) {
    let Some(network) = all.network_mut(&spec.name) else { return };
    let old = std::mem::replace(&mut network.spec, Arc::new(spec.clone()));
    for subnet in &old.subnets {
        all.subnets.remove(&(old.vrf.clone(), subnet.prefix.first()));
        if !spec.subnets.iter().any(|kept| kept.prefix == subnet.prefix) {
            drop_space(all, &spec.name, subnet.prefix.first());
        }
    }
    lay_out(all, spec);
    suspicion::policy_changed(all, &old, spec, at);
}

pub(super) fn deleted(all: &mut Allocations, name: &NetworkName) {
    let Some(spec) = all.networks.get(name).map(|network| Arc::clone(&network.spec)) else { return };
    for subnet in &spec.subnets {
        drop_space(all, name, subnet.prefix.first());
        all.subnets.remove(&(spec.vrf.clone(), subnet.prefix.first()));
    }
    all.networks.remove(name);
}

/// A space goes only when nothing in it is held or rests; what it still remembers is forgotten.
fn drop_space(all: &mut Allocations, name: &NetworkName, first: std::net::IpAddr) {
    let space = SpaceRef::Subnet(name.clone(), first);
    all.edit(&space, |space| space.set_ranges(Vec::new()));
    if let Some(network) = all.network_mut(name) {
        network.spaces.remove(&first);
    }
}

/// Gives each subnet its space: a new one, or the one it has with its ranges and exclusions anew.
fn lay_out(all: &mut Allocations, spec: &NetworkSpec) {
    for subnet in &spec.subnets {
        let first = subnet.prefix.first();
        all.subnets.insert((spec.vrf.clone(), first), (spec.name.clone(), subnet.prefix));
        let reference = SpaceRef::Subnet(spec.name.clone(), first);
        let (ranges, excluded) = (subnet_ranges(subnet), all.excluded_from(&reference));
        if all.space(&reference).is_some() {
            all.edit(&reference, |space| {
                let mut forgotten = space.set_ranges(ranges);
                forgotten.extend(space.set_excluded(excluded));
                forgotten
            });
        } else if let Some(network) = all.network_mut(&spec.name) {
            network.spaces.insert(first, Arc::new(ValueSpace::new(ranges, excluded)));
        }
    }
}
