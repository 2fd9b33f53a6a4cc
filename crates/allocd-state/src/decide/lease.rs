//! Granting a lease: one bundle of values, all or nothing.

use std::sync::Arc;

use allocd_types::address::Family;
use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish};
use allocd_types::grant::{Granted, Novelty};
use allocd_types::host::HostState;
use allocd_types::id::Generation;
use allocd_types::lease::LeaseState;
use allocd_types::limits::LEASES_PER_HOST_MAX;
use allocd_types::mac::Macs;
use allocd_types::rejection::{Difference, Rejection, Subject};

use super::address::choose_addresses;
use super::choice::{Claim, Origin};
use super::link::{choose_index, choose_macs};
use super::{changed, recovery, unchanged};
use crate::context::Context;
use crate::event::Event;
use crate::record::{LeaseRecord, Lifetime};
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn allocate(
    state: &State,
    context: &mut Context,
    spec: &AllocationSpec,
) -> Result<Decision, Rejection> {
    Ok(match grant(state, context, spec, Origin::Request)? {
        Grant::New(record) => {
            let granted = Granted { lease: state.told(&record), novelty: Novelty::New };
            changed(Response::Lease(granted), Event::LeaseGranted(record))
        }
        Grant::Existing(granted) => unchanged(Response::Lease(*granted)),
    })
}

/// What a wish for a lease leads to.
pub(super) enum Grant {
    /// A new lease.
    New(Arc<LeaseRecord>),
    /// The one the holder has already.
    Existing(Box<Granted>),
}

/// Decides one wish for a lease.
pub(super) fn grant(
    state: &State,
    context: &mut Context,
    spec: &AllocationSpec,
    origin: Origin,
) -> Result<Grant, Rejection> {
    let Some(host) = state.allocations.hosts.get(&spec.holder.host) else {
        return Err(Rejection::NotFound(Subject::Host(spec.holder.host.clone())));
    };
    let Some(network) = state.network(&spec.network) else {
        return Err(Rejection::NotFound(Subject::Network(spec.network.clone())));
    };
    if let Some(record) = state.lease_on(host, &spec.holder) {
        recovery::check_told(state, record)?;
        return existing(state, record, spec);
    }
    if let Some(incoming) = state.incoming_on(host, &spec.holder) {
        let (holder, lease) = (spec.holder.clone(), incoming.id);
        return Err(Rejection::HolderHasLease { holder, lease, differences: Vec::new() });
    }
    if host.state != HostState::Active {
        return Err(Rejection::HostNotActive { host: spec.holder.host.clone(), state: host.state });
    }
    if host.holders.len() + host.incoming.len() >= LEASES_PER_HOST_MAX {
        let leases_max = u32::try_from(LEASES_PER_HOST_MAX).unwrap_or(u32::MAX);
        return Err(Rejection::LeasesPerHost { host: spec.holder.host.clone(), leases_max });
    }
    let mut record = composed(context, &Claim::new(state, spec, network, origin))?;
    recovery::check_grant(state, spec, &record)?;
    record.share_names(&state.allocations);
    Ok(Grant::New(Arc::new(record)))
}

/// The lease that a claim comes to.
pub(super) fn composed(context: &mut Context, claim: &Claim<'_>) -> Result<LeaseRecord, Rejection> {
    let Claim { state, spec, .. } = *claim;
    let index = choose_index(claim)?;
    let macs = choose_macs(claim, &mut context.entropy)?;
    let addresses = choose_addresses(claim)?;
    Ok(LeaseRecord {
        id: state.allocations.next_lease,
        holder: spec.holder.clone(),
        network: spec.network.clone(),
        kind: spec.kind,
        index,
        macs,
        addresses,
        state: LeaseState::Granted,
        is_delivered: false,
        migration: None,
        retired: None,
        generation: Generation { timeline: state.allocations.timeline, revision: state.revision.next() },
        lifetime: spec.ttl.map(|ttl| Lifetime { ttl, ends_at: state.now.after(ttl) }),
        granted_at: context.labelled_at,
        labels: spec.labels.clone(),
    })
}

/// The holder has a lease: it is the answer if it is what was asked for.
fn existing(state: &State, record: &LeaseRecord, spec: &AllocationSpec) -> Result<Grant, Rejection> {
    if record.state == LeaseState::Releasing {
        return Err(Rejection::Releasing { lease: record.id, holder: record.holder.clone() });
    }
    let refuse = |differences| {
        Err(Rejection::HolderHasLease { holder: spec.holder.clone(), lease: record.id, differences })
    };
    match spec.existing {
        ExistingLease::Refuse => refuse(Vec::new()),
        ExistingLease::Return => {
            let differences = differences(record, spec);
            if differences.is_empty() {
                let (lease, novelty) = (state.told(record), Novelty::Existing);
                return Ok(Grant::Existing(Box::new(Granted { lease, novelty })));
            }
            refuse(differences)
        }
    }
}

/// In what a lease is not what is asked for. Labels and the length of a lifetime may differ.
fn differences(record: &LeaseRecord, spec: &AllocationSpec) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut compare = |field: &'static str, is_same: bool, has: String, wanted: String| {
        if !is_same {
            found.push(Difference { field: field.into(), has, wanted });
        }
    };
    compare("network", record.network == spec.network, record.network.to_string(), spec.network.to_string());
    compare("kind", record.kind == spec.kind, record.kind.to_string(), spec.kind.to_string());
    if let Some(index) = spec.pins.index {
        let has = record.index.map_or_else(|| "none".to_owned(), |index| index.to_string());
        compare("index", record.index == Some(index), has, index.to_string());
    }
    if spec.pins.macs != Macs::None {
        compare("macs", record.macs == spec.pins.macs, told(record.macs), told(spec.pins.macs));
    }
    for address in &spec.pins.addresses {
        let has: Vec<String> = record.addresses.iter().map(ToString::to_string).collect();
        compare("addresses", record.addresses.contains(address), has.join(" "), address.to_string());
    }
    for (field, family, wish) in [("ipv4", Family::V4, spec.ipv4), ("ipv6", Family::V6, spec.ipv6)] {
        let has = record.addresses.iter().any(|address| Family::of(*address) == family);
        let pinned = spec.pins.addresses.iter().any(|address| Family::of(*address) == family);
        let is_same = match wish {
            FamilyWish::IfSubnets => true,
            FamilyWish::Required => has,
            FamilyWish::Unwanted => !has || pinned,
        };
        let word = |has: bool| if has { "an address" } else { "no address" }.to_owned();
        compare(field, is_same, word(has), word(!has));
    }
    let lifetime = |ends: bool| if ends { "a lifetime" } else { "no end" }.to_owned();
    let (has, wanted) = (record.lifetime.is_some(), spec.ttl.is_some());
    compare("ttl", has == wanted, lifetime(has), lifetime(wanted));
    found
}

fn told(macs: Macs) -> String {
    let told: Vec<String> = macs.iter().map(|mac| mac.to_string()).collect();
    if told.is_empty() { "none".to_owned() } else { told.join(" ") }
}
