//! What events about pools do.

use std::sync::Arc;

use allocd_types::kind::InterfaceKind;
use allocd_types::name::PoolName;
use allocd_types::pool::{IndexScope, PoolSpec, PoolValues};

use crate::event::SpaceRef;
use crate::state::{Allocations, PoolEntry, pool_ranges};

pub(super) fn created(all: &mut Allocations, spec: &PoolSpec) {
    let entry = PoolEntry { spec: Arc::new(spec.clone()), space: Arc::default() };
    all.pools.insert(spec.name.clone(), Arc::new(entry));
    lay_out(all, spec);
}

pub(super) fn updated(all: &mut Allocations, spec: &PoolSpec) {
    let Some(pool) = all.pool_mut(&spec.name) else { return };
    let old = std::mem::replace(&mut pool.spec, Arc::new(spec.clone()));
    unlist(all, &old);
    lay_out(all, spec);
}

pub(super) fn deleted(all: &mut Allocations, name: &PoolName) {
    all.edit(&SpaceRef::Mac(name.clone()), |space| space.set_ranges(Vec::new()));
    let Some(pool) = all.pools.remove(name) else { return };
    unlist(all, &pool.spec);
    if let PoolValues::Index { kind, .. } = pool.spec.values {
        lay_out_hosts(all, kind);
    }
}

/// Takes a pool out of the lists by value.
fn unlist(all: &mut Allocations, spec: &PoolSpec) {
    match &spec.values {
        PoolValues::Mac { blocks } => {
            for block in blocks {
                all.mac_blocks.remove(&block.first().bits());
            }
        }
        PoolValues::Index { kind, .. } => {
            all.index_pools.remove(kind);
        }
    }
}

/// Puts a pool into the lists by value and gives it its ranges; an index pool gives them to the hosts as well.
fn lay_out(all: &mut Allocations, spec: &PoolSpec) {
    let space = match &spec.values {
        PoolValues::Mac { blocks } => {
            for block in blocks {
                all.mac_blocks.insert(block.first().bits(), (block.last().bits(), spec.name.clone()));
            }
            SpaceRef::Mac(spec.name.clone())
        }
        PoolValues::Index { kind, scope, .. } => {
            all.index_pools.insert(*kind, spec.name.clone());
            lay_out_hosts(all, *kind);
            match scope {
                IndexScope::Cluster => SpaceRef::ClusterIndex(*kind),
                IndexScope::Host => return,
            }
        }
    };
    let excluded = all.excluded_from(&space);
    all.edit(&space, |found| {
        let mut forgotten = found.set_ranges(pool_ranges(&spec.values));
        forgotten.extend(found.set_excluded(excluded));
        forgotten
    });
}

fn lay_out_hosts(all: &mut Allocations, kind: InterfaceKind) {
    let hosts: Vec<_> = all.hosts.keys().cloned().collect();
    for host in hosts {
        let space = SpaceRef::HostIndex(host, kind);
        let (ranges, excluded) = (all.index_ranges(kind), all.excluded_from(&space));
        all.edit(&space, |space| {
            let mut forgotten = space.set_ranges(ranges);
            forgotten.extend(space.set_excluded(excluded));
            forgotten
        });
    }
}
