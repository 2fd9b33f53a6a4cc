//! Leases that their hosts have lost: since when, and in which order they end by themselves where their networks say so.
//!
//! What a lease of a network is suspect for counts from when both were so, the suspicion and the policy: who switches it on has
//! all of its time to look at what is suspect already.

use allocd_types::id::LeaseId;
use allocd_types::name::HostName;
use allocd_types::network::NetworkSpec;
use allocd_types::time::ClusterTime;

use crate::record::LeaseRecord;
use crate::state::Allocations;

pub(super) fn begun(all: &mut Allocations, id: LeaseId, since: ClusterTime) {
    let Some(record) = all.leases.get(&id).cloned() else { return };
    ended(all, &record);
    if let Some(host) = all.host_mut(&record.holder.host) {
        host.suspects.insert(id, since);
    }
    let deadline = all.suspect_deadline(&record, since);
    all.suspect_deadlines.extend(deadline.map(|at| (at, id)));
}

pub(super) fn found(all: &mut Allocations, id: LeaseId) {
    if let Some(record) = all.leases.get(&id).cloned() {
        ended(all, &record);
    }
}

/// The lease is suspect no more, if it was.
pub(super) fn ended(all: &mut Allocations, record: &LeaseRecord) {
    // To change what is not there would copy what a version holds.
    let Some(since) = all.suspect_since(record) else { return };
    if let Some(at) = all.suspect_deadline(record, since) {
        all.suspect_deadlines.remove(&(at, record.id));
    }
    if let Some(host) = all.host_mut(&record.holder.host) {
        host.suspects.remove(&record.id);
    }
}

/// A network frees its suspects otherwise than before. Takes time in the order of all suspects there are.
pub(super) fn policy_changed(
    all: &mut Allocations,
    before: &NetworkSpec,
    now: &NetworkSpec,
    at: ClusterTime,
) {
    let (old, new) = (before.free_suspects_after, now.free_suspects_after);
    if old == new {
        return;
    }
    let suspects = all.hosts.values().flat_map(|host| host.suspects.iter());
    let of_network = suspects.filter_map(|(id, since)| {
        let record = all.leases.get(id).filter(|record| record.network == now.name)?;
        Some((*id, record.holder.host.clone(), *since))
    });
    let of_network: Vec<(LeaseId, HostName, ClusterTime)> = of_network.collect();
    for (id, host, since) in of_network {
        if let Some(span) = old {
            all.suspect_deadlines.remove(&(since.after(span), id));
        }
        let Some(span) = new else { continue };
        let counted = if old.is_none() { at } else { since };
        all.suspect_deadlines.insert((counted.after(span), id));
        if let Some(host) = all.host_mut(&host).filter(|_| counted != since) {
            host.suspects.insert(id, counted);
        }
    }
}

/// Puts the suspects of a host in the order in which they end: it knows them, and its leases are all there.
pub(crate) fn enter_suspects(all: &mut Allocations, host: &HostName) {
    let suspects = all.hosts.get(host).into_iter().flat_map(|host| host.suspects.iter());
    let ends =
        suspects.filter_map(|(id, since)| Some((all.suspect_deadline(all.leases.get(id)?, *since)?, *id)));
    let ends: Vec<(ClusterTime, LeaseId)> = ends.collect();
    all.suspect_deadlines.extend(ends);
}
