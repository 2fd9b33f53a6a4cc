//! What a watch tells: changes of the cluster's state, in the words of those who watch.

use crate::decline::Decline;
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
    /// A lease's host has taken it up.
    LeaseBound(Lease),
    /// A lease of before a restore is taken over, as it lives on its host.
    LeaseAdopted(Lease),
    /// A lease was given back, and its host has still to confirm that nothing is left.
    LeaseReleasing(Lease),
    /// A lease is to move to another host.
    LeaseMoveBegun(Lease),
    /// A lease stays where it is after all.
    LeaseMoveCancelled(Lease),
    /// A lease has come to another host.
    LeaseMoved {
        /// Where it was.
        from: HostName,
        /// The lease as it is now.
        lease: Lease,
    },
    /// A value of a lease was in use by somebody else; this is the lease with another one.
    LeaseDeclined {
        /// The lease as it is now.
        lease: Lease,
        /// What was declined.
        decline: Decline,
    },
    /// A value of a lease is in use by somebody else, and the lease has it still: a bound was reached, and somebody should look.
    DeclineNoted(Decline),
    /// A declined value may be handed out again.
    DeclineCleared(Value),
    /// A lease's host had it in use once and has lost it.
    LeaseSuspected(Lease),
    /// A lease that was lost is in use again.
    LeaseFound(Lease),
    /// A lease was given back; this is what it was.
    LeaseReleased(Lease),
    /// A lease's lifetime ended; this is what it was.
    LeaseExpired(Lease),
    /// A lease ended because its host had lost it for as long as its network keeps suspects; this is what it was.
    SuspectFreed(Lease),
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
    /// A host gets leases again, gets no more, or was declared off.
    HostStateChanged(Host),
    /// A host that was declared off has come back with nothing left of what it had.
    HostReturned(Host),
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
