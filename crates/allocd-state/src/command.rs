//! What is asked of the machine: entries of the log, and the commands in them.

use allocd_types::agent::{Adoption, AgentReport, Inventory};
use allocd_types::allocation::{AllocationSpec, MissingResource, ReleaseSpec, RenewalSpec};
use allocd_types::decline::DeclineSpec;
use allocd_types::exclusion::ExclusionSpec;
use allocd_types::grant::BatchMode;
use allocd_types::host::{FenceSpec, HostRegistration, HostSpec};
use allocd_types::id::{Caller, RequestId};
use allocd_types::import::ImportSpec;
use allocd_types::migration::{CancelMoveSpec, MoveSpec};
use allocd_types::name::{ExclusionName, HostName, NetworkName, PoolName, ReservationName};
use allocd_types::network::NetworkSpec;
use allocd_types::pool::PoolSpec;
use allocd_types::recovery::{RecoveryConfirmation, SkipTo};
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::{ClusterTime, WallTime};
use allocd_types::value::Value;

/// One entry of the log: commands that were stamped together by the leader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log.
    pub index: u64,
    /// The leader's cluster time when it proposed the entry.
    pub stamped_at: ClusterTime,
    /// The leader's wall clock then: a label for people.
    pub labelled_at: WallTime,
    /// Randomness for every choice made while applying the entry.
    pub entropy: u64,
    /// The commands, applied one by one in this order.
    pub commands: Vec<Request>,
}

/// One command with who asks and how it is recognised when it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The id that a client keeps over its retries.
    pub request_id: RequestId,
    /// Who asks.
    pub caller: Caller,
    /// The cluster time after which the request is refused: its client has given up by then.
    pub expires_at: ClusterTime,
    /// What is asked.
    pub command: Command,
}

/// What can be asked. New ones come last: the request memory keeps digests of commands, and a command's place is part of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Command {
    /// Let fall what is due, a bounded portion of it. Proposed by the leader.
    Tick,
    /// Make a network.
    CreateNetwork(NetworkSpec),
    /// Change a network to this.
    UpdateNetwork(NetworkSpec),
    /// Delete a network that nothing uses.
    DeleteNetwork(NetworkName, MissingResource),
    /// Make a pool.
    CreatePool(PoolSpec),
    /// Change a pool to this.
    UpdatePool(PoolSpec),
    /// Delete a pool that nothing uses.
    DeletePool(PoolName, MissingResource),
    /// Make a host.
    CreateHost(HostSpec),
    /// An agent of the host has started.
    RegisterHost(HostRegistration),
    /// Delete a host that nothing uses.
    DeleteHost(HostName, MissingResource),
    /// Set values aside.
    CreateReservation(ReservationSpec),
    /// Give reserved values free.
    DeleteReservation(ReservationName, MissingResource),
    /// Take values out of every pool.
    CreateExclusion(ExclusionSpec),
    /// Put excluded values back.
    DeleteExclusion(ExclusionName, MissingResource),
    /// Grant a lease.
    Allocate(AllocationSpec),
    /// Grant several, all or as many as can be.
    BatchAllocate(Vec<AllocationSpec>, BatchMode),
    /// Prolong a lease.
    Renew(RenewalSpec),
    /// Give a lease back.
    Release(ReleaseSpec),
    /// Take over an inventory.
    Import(ImportSpec),
    /// The operator vouches for hosts after a restore, or for there being no others.
    ConfirmRecovery(RecoveryConfirmation),
    /// Let a pool hand out again, past what the former timeline can have handed out.
    SkipTo(SkipTo),
    /// Let a host get leases again.
    ActivateHost(HostName),
    /// Give a host no more leases.
    DrainHost(HostName),
    /// A host is off, states the operator: its values may be given to others.
    FenceHost(FenceSpec),
    /// An agent tells which leases something is left of on its host.
    ReconcileHost(Inventory),
    /// An agent takes a lease up.
    BindLease(AgentReport),
    /// An agent confirms that nothing of a lease is left on its host.
    ConfirmTeardown(AgentReport),
    /// An agent tells of a lease that lives on its host since before a restore.
    AdoptLease(Adoption),
    /// Move a lease to another host.
    MoveLease(MoveSpec),
    /// Leave a lease where it is.
    CancelMove(CancelMoveSpec),
    /// A value of a lease is in use by somebody else.
    DeclineLease(DeclineSpec),
    /// Let a declined value be handed out again.
    ClearDecline(Value),
}

impl Command {
    /// What it is called in the API; a tick is the cluster's own.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Tick => "Tick",
            Self::CreateNetwork(..) => "CreateNetwork",
            Self::UpdateNetwork(..) => "UpdateNetwork",
            Self::DeleteNetwork(..) => "DeleteNetwork",
            Self::CreatePool(..) => "CreatePool",
            Self::UpdatePool(..) => "UpdatePool",
            Self::DeletePool(..) => "DeletePool",
            Self::CreateHost(..) => "CreateHost",
            Self::RegisterHost(..) => "RegisterHost",
            Self::DeleteHost(..) => "DeleteHost",
            Self::CreateReservation(..) => "CreateReservation",
            Self::DeleteReservation(..) => "DeleteReservation",
            Self::CreateExclusion(..) => "CreateExclusion",
            Self::DeleteExclusion(..) => "DeleteExclusion",
            Self::Allocate(..) => "AllocateLease",
            Self::BatchAllocate(..) => "BatchAllocateLeases",
            Self::Renew(..) => "RenewLease",
            Self::Release(..) => "ReleaseLease",
            Self::Import(..) => "Import",
            Self::ConfirmRecovery(..) => "ConfirmRecovery",
            Self::SkipTo(..) => "SkipValues",
            Self::ActivateHost(..) => "ActivateHost",
            Self::DrainHost(..) => "DrainHost",
            Self::FenceHost(..) => "FenceHost",
            Self::ReconcileHost(..) => "ReconcileHost",
            Self::BindLease(..) => "BindLease",
            Self::ConfirmTeardown(..) => "ConfirmTeardown",
            Self::AdoptLease(..) => "AdoptLease",
            Self::MoveLease(..) => "MoveLease",
            Self::CancelMove(..) => "CancelMove",
            Self::DeclineLease(..) => "DeclineLease",
            Self::ClearDecline(..) => "ClearDecline",
        }
    }
}
