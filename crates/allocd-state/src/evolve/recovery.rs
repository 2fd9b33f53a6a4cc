//! What events about recovery do.

use std::sync::Arc;

use allocd_types::name::HostName;
use allocd_types::time::ClusterTime;

use crate::event::SpaceRef;
use crate::record::{LeaseRecord, Lifetime};
use crate::state::Allocations;

pub(super) fn confirmed(all: &mut Allocations, hosts: &[HostName]) {
    let Some(recovery) = &mut all.recovery else { return };
    for host in hosts {
        recovery.unconfirmed.remove(host);
    }
}

pub(super) fn opened(all: &mut Allocations, spaces: &[SpaceRef]) {
    let Some(recovery) = &mut all.recovery else { return };
    recovery.open.extend(spaces.iter().cloned());
}

/// A host that is gone needs nobody to vouch for it.
pub(super) fn host_deleted(all: &mut Allocations, name: &HostName) {
    let Some(recovery) = &mut all.recovery else { return };
    recovery.unconfirmed.remove(name);
    recovery.open = recovery.open.iter().filter(|space| !is_on(space, name)).cloned().collect();
}

fn is_on(space: &SpaceRef, name: &HostName) -> bool {
    match space {
        SpaceRef::HostIndex(host, _) => host == name,
        SpaceRef::Mac(_) | SpaceRef::ForeignMac | SpaceRef::ClusterIndex(_) | SpaceRef::Subnet(..) => false,
    }
}

/// Who has a lease of the former timeline may have prolonged it until the moment it ended: its lifetime begins anew.
pub(super) fn ended(all: &mut Allocations, at: ClusterTime) {
    let unconfirmed = all.leases.values().filter(|record| all.is_unconfirmed(record));
    let prolonged: Vec<(Arc<LeaseRecord>, Lifetime)> = unconfirmed
        .filter_map(|record| {
            let Lifetime { ttl, ends_at } = record.lifetime?;
            Some((Arc::clone(record), Lifetime { ttl, ends_at: at.after(ttl).max(ends_at) }))
        })
        .collect();
    for (record, lifetime) in prolonged {
        all.lease_deadlines.insert((lifetime.ends_at, record.id));
        all.leases.insert(record.id, Arc::new(LeaseRecord { lifetime: Some(lifetime), ..(*record).clone() }));
    }
    all.recovery = None;
}
