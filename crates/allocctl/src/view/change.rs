//! What a watch tells: a line for people, an object for programs.

use allocd_types::change::Change;
use allocd_types::id::Revision;
use allocd_types::lease::Lease;
use allocd_types::time::ClusterTime;
use serde::Serialize;

use super::decline::DeclineJson;
use super::exclusion::ExclusionJson;
use super::host::HostJson;
use super::lease::LeaseJson;
use super::network::NetworkJson;
use super::pool::PoolJson;
use super::recovery::RecoveryJson;
use super::reservation::ReservationJson;
use super::value::ValueJson;
use super::{Resource, joined};

/// One change, with the revision that made it. `change` is the field of `allocd.v1.Change` that `subject` stands for.
#[derive(Serialize)]
pub(crate) struct ChangeJson {
    revision: u64,
    cluster_time_ms: u64,
    change: &'static str,
    subject: SubjectJson,
}

/// What changed.
#[derive(Serialize)]
#[serde(untagged)]
enum SubjectJson {
    Lease(Box<LeaseJson>),
    Value(Box<ValueJson>),
    Network(Box<NetworkJson>),
    Pool(Box<PoolJson>),
    Host(Box<HostJson>),
    Reservation(Box<ReservationJson>),
    Exclusion(Box<ExclusionJson>),
    Recovery(RecoveryJson),
    MovedLease(MovedLeaseJson),
    DeclinedLease(DeclinedLeaseJson),
    Decline(Box<DeclineJson>),
    Name(String),
}

/// `allocd.v1.MovedLease`.
#[derive(Serialize)]
struct MovedLeaseJson {
    from: String,
    lease: Box<LeaseJson>,
}

/// `allocd.v1.DeclinedLease`.
#[derive(Serialize)]
struct DeclinedLeaseJson {
    lease: Box<LeaseJson>,
    decline: Box<DeclineJson>,
}

/// The change as an object.
pub(crate) fn json(change: &Change, revision: Revision, now: ClusterTime) -> ChangeJson {
    let (name, subject) = match change {
        Change::LeaseGranted(lease) => ("lease_granted", SubjectJson::Lease(Box::new(lease.json()))),
        Change::LeaseRenewed(lease) => ("lease_renewed", SubjectJson::Lease(Box::new(lease.json()))),
        Change::LeaseReleased(lease) => ("lease_released", SubjectJson::Lease(Box::new(lease.json()))),
        Change::SuspectFreed(lease) => ("suspect_freed", SubjectJson::Lease(Box::new(lease.json()))),
        Change::LeaseExpired(lease) => ("lease_expired", SubjectJson::Lease(Box::new(lease.json()))),
        Change::ValueRested(value) => ("value_rested", SubjectJson::Value(Box::new(ValueJson::from(value)))),
        Change::NetworkCreated(network) => {
            ("network_created", SubjectJson::Network(Box::new(network.json())))
        }
        Change::NetworkUpdated(network) => {
            ("network_updated", SubjectJson::Network(Box::new(network.json())))
        }
        Change::NetworkDeleted(name) => ("network_deleted", SubjectJson::Name(name.to_string())),
        Change::PoolCreated(pool) => ("pool_created", SubjectJson::Pool(Box::new(pool.json()))),
        Change::PoolUpdated(pool) => ("pool_updated", SubjectJson::Pool(Box::new(pool.json()))),
        Change::PoolDeleted(name) => ("pool_deleted", SubjectJson::Name(name.to_string())),
        Change::HostCreated(host) => ("host_created", SubjectJson::Host(Box::new(host.json()))),
        Change::HostRegistered(host) => ("host_registered", SubjectJson::Host(Box::new(host.json()))),
        Change::HostDeleted(name) => ("host_deleted", SubjectJson::Name(name.to_string())),
        Change::ReservationCreated(reservation) => {
            ("reservation_created", SubjectJson::Reservation(Box::new(reservation.json())))
        }
        Change::ReservationDeleted(name) => ("reservation_deleted", SubjectJson::Name(name.to_string())),
        Change::ExclusionCreated(exclusion) => {
            ("exclusion_created", SubjectJson::Exclusion(Box::new(exclusion.json())))
        }
        Change::ExclusionDeleted(name) => ("exclusion_deleted", SubjectJson::Name(name.to_string())),
        Change::LeaseBound(lease) => ("lease_bound", SubjectJson::Lease(Box::new(lease.json()))),
        Change::LeaseAdopted(lease) => ("lease_adopted", SubjectJson::Lease(Box::new(lease.json()))),
        Change::LeaseReleasing(lease) => ("lease_releasing", SubjectJson::Lease(Box::new(lease.json()))),
        Change::LeaseMoveBegun(lease) => ("lease_move_begun", SubjectJson::Lease(Box::new(lease.json()))),
        Change::LeaseMoveCancelled(lease) => {
            ("lease_move_cancelled", SubjectJson::Lease(Box::new(lease.json())))
        }
        Change::LeaseSuspected(lease) => ("lease_suspected", SubjectJson::Lease(Box::new(lease.json()))),
        Change::LeaseFound(lease) => ("lease_found", SubjectJson::Lease(Box::new(lease.json()))),
        Change::LeaseMoved { from, lease } => {
            let (from, lease) = (from.to_string(), Box::new(lease.json()));
            ("lease_moved", SubjectJson::MovedLease(MovedLeaseJson { from, lease }))
        }
        Change::LeaseDeclined { lease, decline } => {
            let (lease, decline) = (Box::new(lease.json()), Box::new(decline.json()));
            ("lease_declined", SubjectJson::DeclinedLease(DeclinedLeaseJson { lease, decline }))
        }
        Change::DeclineNoted(decline) => ("decline_noted", SubjectJson::Decline(Box::new(decline.json()))),
        Change::DeclineCleared(value) => {
            ("decline_cleared", SubjectJson::Value(Box::new(ValueJson::from(value))))
        }
        Change::HostStateChanged(host) => ("host_state_changed", SubjectJson::Host(Box::new(host.json()))),
        Change::HostReturned(host) => ("host_returned", SubjectJson::Host(Box::new(host.json()))),
        Change::RecoveryChanged(status) => {
            ("recovery_changed", SubjectJson::Recovery(RecoveryJson::from(status)))
        }
    };
    ChangeJson { revision: revision.get(), cluster_time_ms: now.millis(), change: name, subject }
}

/// The change in one line.
pub(crate) fn line(change: &Change, revision: Revision) -> String {
    let what = match change {
        Change::LeaseGranted(lease) => format!("granted    {}", held(lease)),
        Change::LeaseRenewed(lease) => format!("renewed    {}", held(lease)),
        Change::LeaseReleased(lease) => format!("released   {}", held(lease)),
        Change::LeaseExpired(lease) => format!("expired    {}", held(lease)),
        Change::SuspectFreed(lease) => format!("freed      {}, which its host had lost", held(lease)),
        Change::ValueRested(value) => format!("rested     {value}"),
        Change::NetworkCreated(network) => format!("created    network {}", network.name),
        Change::NetworkUpdated(network) => format!("updated    network {}", network.name),
        Change::NetworkDeleted(name) => format!("deleted    network {name}"),
        Change::PoolCreated(pool) => format!("created    pool {}", pool.name),
        Change::PoolUpdated(pool) => format!("updated    pool {}", pool.name),
        Change::PoolDeleted(name) => format!("deleted    pool {name}"),
        Change::HostCreated(host) => format!("created    host {}", host.spec.name),
        Change::HostRegistered(host) => {
            format!("registered host {} as its start {}", host.spec.name, host.incarnation)
        }
        Change::HostDeleted(name) => format!("deleted    host {name}"),
        Change::ReservationCreated(reservation) => format!("created    reservation {}", reservation.name),
        Change::ReservationDeleted(name) => format!("deleted    reservation {name}"),
        Change::ExclusionCreated(exclusion) => format!("created    exclusion {}", exclusion.name),
        Change::ExclusionDeleted(name) => format!("deleted    exclusion {name}"),
        Change::LeaseBound(lease) => format!("bound      {}", held(lease)),
        Change::LeaseAdopted(lease) => format!("adopted    {}", held(lease)),
        Change::LeaseReleasing(lease) => format!("releasing  {}", held(lease)),
        Change::LeaseMoveBegun(lease) => format!("moves      {}", held(lease)),
        Change::LeaseMoveCancelled(lease) => format!("stays      {}", held(lease)),
        Change::LeaseSuspected(lease) => format!("lost       {}", held(lease)),
        Change::LeaseFound(lease) => format!("found      {}", held(lease)),
        Change::LeaseMoved { from, lease } => format!("moved      {} from {from}", held(lease)),
        Change::LeaseDeclined { lease, decline } => {
            format!("declined   {} for {}", decline.value, held(lease))
        }
        Change::DeclineNoted(decline) => {
            format!("conflict   {} of {} is in use and was not exchanged", decline.value, decline.holder)
        }
        Change::DeclineCleared(value) => format!("cleared    {value}"),
        Change::HostStateChanged(host) => format!("turned     host {} {}", host.spec.name, host.state),
        Change::HostReturned(host) => format!("returned   host {}", host.spec.name),
        Change::RecoveryChanged(status) => match &status.open {
            Some(open) => format!("recovers   {} hosts are not confirmed", open.hosts.len()),
            None => format!("recovered  timeline {}", status.timeline),
        },
    };
    format!("{revision:>8}  {what}")
}

/// What changed, by its name alone.
pub(crate) fn name(change: &Change) -> String {
    match change {
        Change::LeaseGranted(lease)
        | Change::LeaseRenewed(lease)
        | Change::LeaseReleased(lease)
        | Change::LeaseExpired(lease)
        | Change::SuspectFreed(lease)
        | Change::LeaseBound(lease)
        | Change::LeaseAdopted(lease)
        | Change::LeaseReleasing(lease)
        | Change::LeaseMoveBegun(lease)
        | Change::LeaseMoveCancelled(lease)
        | Change::LeaseMoved { from: _, lease }
        | Change::LeaseDeclined { lease, decline: _ }
        | Change::LeaseSuspected(lease)
        | Change::LeaseFound(lease) => lease.name(),
        Change::DeclineNoted(decline) => Resource::name(decline),
        Change::DeclineCleared(value) => value.to_string(),
        Change::ValueRested(value) => value.to_string(),
        Change::NetworkCreated(network) | Change::NetworkUpdated(network) => Resource::name(network),
        Change::NetworkDeleted(name) => name.to_string(),
        Change::PoolCreated(pool) | Change::PoolUpdated(pool) => Resource::name(pool),
        Change::PoolDeleted(name) => name.to_string(),
        Change::HostCreated(host)
        | Change::HostRegistered(host)
        | Change::HostStateChanged(host)
        | Change::HostReturned(host) => Resource::name(host),
        Change::HostDeleted(name) => name.to_string(),
        Change::ReservationCreated(reservation) => Resource::name(reservation),
        Change::ReservationDeleted(name) => name.to_string(),
        Change::ExclusionCreated(exclusion) => Resource::name(exclusion),
        Change::ExclusionDeleted(name) => name.to_string(),
        Change::RecoveryChanged(status) => format!("timeline {}", status.timeline),
    }
}

fn held(lease: &Lease) -> String {
    let addresses = joined(lease.addresses.iter().map(|held| held.address));
    let ifname = lease.ifname_b.as_ref().or(lease.ifname_a.as_ref());
    let parts =
        [ifname.map(ToString::to_string), lease.macs.b().or(lease.macs.a()).map(|mac| mac.to_string())];
    let link: Vec<String> = parts.into_iter().flatten().collect();
    format!("{} {} {} {addresses}", lease.id.resource_name(), lease.holder, link.join(" "))
}
