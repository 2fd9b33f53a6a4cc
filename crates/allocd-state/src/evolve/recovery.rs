//! What events about recovery do.

use std::sync::Arc;

use allocd_types::id::{Generation, LeaseId};
use allocd_types::name::HostName;
use allocd_types::time::ClusterTime;

use super::lease::{declined_until, hold, replace};
use crate::event::SpaceRef;
use crate::record::{LeaseRecord, Lifetime, RestDeadlines};
use crate::state::Allocations;

pub(super) fn confirmed(all: &mut Allocations, hosts: &[HostName]) {
    let Some(recovery) = &mut all.recovery else { return };
    for host in hosts {
        recovery.unconfirmed.remove(host);
    }
}

pub(super) fn prolonged(all: &mut Allocations, until: ClusterTime) {
    if let Some(recovery) = &mut all.recovery {
        recovery.ends_no_earlier = recovery.ends_no_earlier.max(until);
    }
}

pub(super) fn opened(all: &mut Allocations, spaces: &[SpaceRef]) {
    let Some(recovery) = &mut all.recovery else { return };
    recovery.open.extend(spaces.iter().cloned());
}

/// What the backup has for the lease makes way for what lives.
pub(super) fn adopted(all: &mut Allocations, to: &Arc<LeaseRecord>, former: Generation, rest: RestDeadlines) {
    match all.leases.get(&to.id).map(Arc::clone) {
        None => hold(all, Arc::clone(to)),
        Some(from) => replace(all, (&from, to), |all, place| {
            rest.of(&place.space).max(declined_until(all, &from, place))
        }),
    }
    let Some(recovery) = &mut all.recovery else { return };
    recovery.adopted.insert(to.id, former);
    recovery.absent.remove(&to.id);
}

/// What a host has nothing of, as it was last told.
pub(super) fn missed(all: &mut Allocations, host: &HostName, leases: &[LeaseId]) {
    let of_host: Vec<LeaseId> =
        all.hosts.get(host).into_iter().flat_map(|host| host.holders.leases()).collect();
    let Some(recovery) = &mut all.recovery else { return };
    for lease in of_host {
        recovery.absent.remove(&lease);
    }
    recovery.absent.extend(leases.iter().copied());
}

/// A lease that ended is no lease of the former timeline any more.
pub(super) fn lease_freed(all: &mut Allocations, lease: LeaseId) {
    if let Some(recovery) = &mut all.recovery {
        recovery.absent.remove(&lease);
    }
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
