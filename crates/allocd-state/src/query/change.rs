//! Events in the words of those who watch.

use std::net::IpAddr;

use allocd_types::address::Family;
use allocd_types::change::Change;
use allocd_types::id::LeaseId;
use allocd_types::index::UnitIndex;
use allocd_types::lease::Lease;
use allocd_types::mac::Mac;
use allocd_types::value::Value;

use crate::event::{Event, FreedCause, RestingValue, SpaceRef};
use crate::state::{State, pair_of};

impl State {
    /// What an event means to a watcher, as this version of the state has it; it is at least as new as the event.
    ///
    /// Nothing, if what the event is about has gone since and cannot be told any more.
    #[must_use]
    pub fn tell(&self, event: &Event) -> Option<Change> {
        Some(match event {
            Event::NetworkCreated(spec) => Change::NetworkCreated(spec.clone()),
            Event::NetworkUpdated { spec, at: _ } => Change::NetworkUpdated(spec.clone()),
            Event::NetworkDeleted(name) => Change::NetworkDeleted(name.clone()),
            Event::PoolCreated(spec) => Change::PoolCreated(spec.clone()),
            Event::PoolUpdated(spec) => Change::PoolUpdated(spec.clone()),
            Event::PoolDeleted(name) => Change::PoolDeleted(name.clone()),
            Event::HostCreated(spec) => Change::HostCreated(self.host(&spec.name)?),
            Event::HostRegistered { registration, .. } => {
                Change::HostRegistered(self.host(&registration.host)?)
            }
            Event::HostStateChanged { host, .. } => Change::HostStateChanged(self.host(host)?),
            Event::HostReturned(host) => Change::HostReturned(self.host(host)?),
            Event::HostDeleted(name) => Change::HostDeleted(name.clone()),
            Event::ReservationCreated(spec) => Change::ReservationCreated(spec.clone()),
            Event::ReservationDeleted(name) => Change::ReservationDeleted(name.clone()),
            Event::ExclusionCreated(spec) => Change::ExclusionCreated(spec.clone()),
            Event::ExclusionDeleted(name) => Change::ExclusionDeleted(name.clone()),
            Event::LeaseGranted(record) => Change::LeaseGranted(self.told_if_there(record)?),
            Event::LeaseRenewed { lease, .. } => Change::LeaseRenewed(self.told_now(*lease)?),
            Event::LeaseBound { lease, .. } => Change::LeaseBound(self.told_now(*lease)?),
            Event::LeaseAdopted { lease, .. } => Change::LeaseAdopted(self.told_if_there(lease)?),
            Event::LeaseReleasing(lease) => Change::LeaseReleasing(self.told_now(*lease)?),
            Event::LeaseMoveBegun { lease, .. } => Change::LeaseMoveBegun(self.told_now(*lease)?),
            Event::LeaseMoveCancelled { lease, .. } => Change::LeaseMoveCancelled(self.told_now(*lease)?),
            Event::LeaseMoved { from, to, .. } => {
                let (from, lease) = (from.holder.host.clone(), self.told_if_there(to)?);
                Change::LeaseMoved { from, lease }
            }
            Event::LeaseDeclined { lease, decline } => {
                Change::LeaseDeclined { lease: self.told_if_there(lease)?, decline: (**decline).clone() }
            }
            Event::DeclineNoted(decline) => Change::DeclineNoted((**decline).clone()),
            Event::DeclineCleared { value, .. } => Change::DeclineCleared(value.clone()),
            Event::LeaseSuspected { lease, .. } => Change::LeaseSuspected(self.told_now(*lease)?),
            Event::LeaseFound(lease) => Change::LeaseFound(self.told_now(*lease)?),
            Event::LeaseFreed { lease, cause, .. } => {
                let lease = self.told_if_there(lease)?;
                match cause {
                    FreedCause::Released
                    | FreedCause::Confirmed
                    | FreedCause::Stated
                    | FreedCause::Fenced
                    | FreedCause::Superseded => Change::LeaseReleased(lease),
                    FreedCause::Expired => Change::LeaseExpired(lease),
                    FreedCause::Suspect => Change::SuspectFreed(lease),
                }
            }
            Event::ValueRested(value) => Change::ValueRested(self.value_of(value)?),
            Event::HostsConfirmed(_)
            | Event::LeasesMissed { .. }
            | Event::RecoveryProlonged(_)
            | Event::SpacesOpened(_)
            | Event::RecoveryEnded { .. } => Change::RecoveryChanged(self.recovery_status()),
        })
    }

    /// A lease as it is now.
    fn told_now(&self, lease: LeaseId) -> Option<Lease> {
        Some(self.told(self.lease(lease)?))
    }

    /// The value at a place; of a pair of MACs, its even end.
    fn value_of(&self, place: &RestingValue) -> Option<Value> {
        let number = place.number;
        let unit = || u32::try_from(number).ok().and_then(|unit| UnitIndex::new(unit).ok());
        Some(match &place.space {
            SpaceRef::Mac(_) => Value::Mac(pair_of(number).0),
            SpaceRef::ForeignMac => Value::Mac(Mac::from_bits(u64::try_from(number).ok()?)),
            SpaceRef::HostIndex(host, kind) => Value::Index(host.clone(), *kind, unit()?),
            // A unit that is unique in the cluster has no host; the first that could have it stands for all.
            SpaceRef::ClusterIndex(kind) => {
                let host = self.allocations.hosts.keys().next()?;
                Value::Index(host.clone(), *kind, unit()?)
            }
            SpaceRef::Subnet(network, first) => {
                let family = match first {
                    IpAddr::V4(_) => Family::V4,
                    IpAddr::V6(_) => Family::V6,
                };
                Value::Address(self.network(network)?.vrf.clone(), family.address(number))
            }
        })
    }
}
