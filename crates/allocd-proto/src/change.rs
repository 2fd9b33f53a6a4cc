//! What a watch tells.

use allocd_types::change::Change;
use allocd_types::violation::Violations;

use crate::read::{Read, path, required, text};
use crate::v1;
use crate::v1::change::Change as Told;

impl Read for v1::Change {
    /// Nothing, if the change is of a sort that this program does not know yet.
    type Word = Option<Change>;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Option<Change>> {
        let Some(told) = self.change else {
            return Some(None);
        };
        let at = |inner: &str| path(field, inner);
        let change = match told {
            Told::LeaseGranted(lease) => Change::LeaseGranted(lease.read(&at("lease_granted"), wrong)?),
            Told::LeaseRenewed(lease) => Change::LeaseRenewed(lease.read(&at("lease_renewed"), wrong)?),
            Told::LeaseReleased(lease) => Change::LeaseReleased(lease.read(&at("lease_released"), wrong)?),
            Told::SuspectFreed(lease) => Change::SuspectFreed(lease.read(&at("suspect_freed"), wrong)?),
            Told::LeaseExpired(lease) => Change::LeaseExpired(lease.read(&at("lease_expired"), wrong)?),
            Told::ValueRested(value) => Change::ValueRested(value.read(&at("value_rested"), wrong)?),
            Told::NetworkCreated(network) => {
                Change::NetworkCreated(network.read(&at("network_created"), wrong)?)
            }
            Told::NetworkUpdated(network) => {
                Change::NetworkUpdated(network.read(&at("network_updated"), wrong)?)
            }
            Told::NetworkDeleted(name) => Change::NetworkDeleted(text(&name, &at("network_deleted"), wrong)?),
            Told::PoolCreated(pool) => Change::PoolCreated(pool.read(&at("pool_created"), wrong)?),
            Told::PoolUpdated(pool) => Change::PoolUpdated(pool.read(&at("pool_updated"), wrong)?),
            Told::PoolDeleted(name) => Change::PoolDeleted(text(&name, &at("pool_deleted"), wrong)?),
            Told::HostCreated(host) => Change::HostCreated(host.read(&at("host_created"), wrong)?),
            Told::HostRegistered(host) => Change::HostRegistered(host.read(&at("host_registered"), wrong)?),
            Told::HostDeleted(name) => Change::HostDeleted(text(&name, &at("host_deleted"), wrong)?),
            Told::ReservationCreated(reservation) => {
                Change::ReservationCreated(reservation.read(&at("reservation_created"), wrong)?)
            }
            Told::ReservationDeleted(name) => {
                Change::ReservationDeleted(text(&name, &at("reservation_deleted"), wrong)?)
            }
            Told::ExclusionCreated(exclusion) => {
                Change::ExclusionCreated(exclusion.read(&at("exclusion_created"), wrong)?)
            }
            Told::ExclusionDeleted(name) => {
                Change::ExclusionDeleted(text(&name, &at("exclusion_deleted"), wrong)?)
            }
            Told::LeaseBound(told) => Change::LeaseBound(told.read(&at("lease_bound"), wrong)?),
            Told::LeaseAdopted(told) => Change::LeaseAdopted(told.read(&at("lease_adopted"), wrong)?),
            Told::LeaseReleasing(told) => Change::LeaseReleasing(told.read(&at("lease_releasing"), wrong)?),
            Told::LeaseMoveBegun(told) => Change::LeaseMoveBegun(told.read(&at("lease_move_begun"), wrong)?),
            Told::LeaseMoveCancelled(told) => {
                Change::LeaseMoveCancelled(told.read(&at("lease_move_cancelled"), wrong)?)
            }
            Told::LeaseSuspected(told) => Change::LeaseSuspected(told.read(&at("lease_suspected"), wrong)?),
            Told::LeaseFound(told) => Change::LeaseFound(told.read(&at("lease_found"), wrong)?),
            Told::DeclineNoted(told) => Change::DeclineNoted(told.read(&at("decline_noted"), wrong)?),
            Told::DeclineCleared(told) => Change::DeclineCleared(told.read(&at("decline_cleared"), wrong)?),
            Told::HostStateChanged(told) => {
                Change::HostStateChanged(told.read(&at("host_state_changed"), wrong)?)
            }
            Told::HostReturned(told) => Change::HostReturned(told.read(&at("host_returned"), wrong)?),
            Told::LeaseMoved(moved) => {
                let from = text(&moved.from, &at("lease_moved.from"), wrong);
                let lease = required(moved.lease, &at("lease_moved.lease"), wrong);
                Change::LeaseMoved { from: from?, lease: lease? }
            }
            Told::LeaseDeclined(declined) => {
                let lease = required(declined.lease, &at("lease_declined.lease"), wrong);
                let decline = required(declined.decline, &at("lease_declined.decline"), wrong);
                Change::LeaseDeclined { lease: lease?, decline: decline? }
            }
            Told::RecoveryChanged(status) => {
                Change::RecoveryChanged(status.read(&at("recovery_changed"), wrong)?)
            }
        };
        Some(Some(change))
    }
}

impl From<Change> for v1::Change {
    fn from(change: Change) -> Self {
        let told = match change {
            Change::LeaseGranted(lease) => Told::LeaseGranted(lease.into()),
            Change::LeaseRenewed(lease) => Told::LeaseRenewed(lease.into()),
            Change::LeaseReleased(lease) => Told::LeaseReleased(lease.into()),
            Change::SuspectFreed(lease) => Told::SuspectFreed(lease.into()),
            Change::LeaseExpired(lease) => Told::LeaseExpired(lease.into()),
            Change::ValueRested(value) => Told::ValueRested(value.into()),
            Change::NetworkCreated(network) => Told::NetworkCreated(network.into()),
            Change::NetworkUpdated(network) => Told::NetworkUpdated(network.into()),
            Change::NetworkDeleted(name) => Told::NetworkDeleted(name.to_string()),
            Change::PoolCreated(pool) => Told::PoolCreated(pool.into()),
            Change::PoolUpdated(pool) => Told::PoolUpdated(pool.into()),
            Change::PoolDeleted(name) => Told::PoolDeleted(name.to_string()),
            Change::HostCreated(host) => Told::HostCreated(host.into()),
            Change::HostRegistered(host) => Told::HostRegistered(host.into()),
            Change::HostDeleted(name) => Told::HostDeleted(name.to_string()),
            Change::ReservationCreated(reservation) => Told::ReservationCreated(reservation.into()),
            Change::ReservationDeleted(name) => Told::ReservationDeleted(name.to_string()),
            Change::ExclusionCreated(exclusion) => Told::ExclusionCreated(exclusion.into()),
            Change::ExclusionDeleted(name) => Told::ExclusionDeleted(name.to_string()),
            Change::LeaseBound(told) => Told::LeaseBound(told.into()),
            Change::LeaseAdopted(told) => Told::LeaseAdopted(told.into()),
            Change::LeaseReleasing(told) => Told::LeaseReleasing(told.into()),
            Change::LeaseMoveBegun(told) => Told::LeaseMoveBegun(told.into()),
            Change::LeaseMoveCancelled(told) => Told::LeaseMoveCancelled(told.into()),
            Change::LeaseSuspected(told) => Told::LeaseSuspected(told.into()),
            Change::LeaseFound(told) => Told::LeaseFound(told.into()),
            Change::DeclineNoted(told) => Told::DeclineNoted(told.into()),
            Change::DeclineCleared(told) => Told::DeclineCleared(told.into()),
            Change::HostStateChanged(told) => Told::HostStateChanged(told.into()),
            Change::HostReturned(told) => Told::HostReturned(told.into()),
            Change::LeaseMoved { from, lease } => {
                Told::LeaseMoved(v1::MovedLease { from: from.to_string(), lease: Some(lease.into()) })
            }
            Change::LeaseDeclined { lease, decline } => {
                let (lease, decline) = (Some(lease.into()), Some(decline.into()));
                Told::LeaseDeclined(v1::DeclinedLease { lease, decline })
            }
            Change::RecoveryChanged(status) => Told::RecoveryChanged(status.into()),
        };
        Self { change: Some(told) }
    }
}
