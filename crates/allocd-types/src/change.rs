//! What a watch tells: changes of the cluster's state, in the words of those who watch.

use crate::exclusion::ExclusionSpec;
use crate::host::Host;
use crate::lease::Lease;
use crate::name::{ExclusionName, HostName, NetworkName, PoolName, ReservationName};
use crate::network::NetworkSpec;
use crate::pool::PoolSpec;
use crate::recovery::RecoveryStatus;
use crate::reservation::ReservationSpec;
use crate::value::Value;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A lease was granted.
    LeaseGranted(Lease),
    /// A lease was prolonged.
    LeaseRenewed(Lease),
    /// A lease was given back; this is what it was.
    LeaseReleased(Lease),
    /// A lease's lifetime ended; this is what it was.
    LeaseExpired(Lease),
    /// A value has rested long enough.
    ValueRested(Value),
    /// A network was made.
    NetworkCreated(NetworkSpec),
    /// A network was changed to this.
    NetworkUpdated(NetworkSpec),
    /// A network was deleted.
    NetworkDeleted(NetworkName),
    /// A pool was made.
    PoolCreated(PoolSpec),
    /// A pool was changed to this.
    PoolUpdated(PoolSpec),
    /// A pool was deleted.
    PoolDeleted(PoolName),
    /// A host was made.
    HostCreated(Host),
    /// An agent of the host has started.
    HostRegistered(Host),
    /// A host was deleted.
    HostDeleted(HostName),
    /// Values were set aside.
    ReservationCreated(ReservationSpec),
    /// Reserved values were given free.
    ReservationDeleted(ReservationName),
    /// Values were taken out of every pool.
    ExclusionCreated(ExclusionSpec),
    /// Excluded values were put back.
    ExclusionDeleted(ExclusionName),
    /// Recovery has come further, or to its end.
    RecoveryChanged(RecoveryStatus),
}
