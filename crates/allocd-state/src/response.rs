//! What the machine answers when it says yes.

use allocd_types::agent::Reconciliation;
use allocd_types::decline::Declined;
use allocd_types::exclusion::ExclusionSpec;
use allocd_types::grant::Granted;
use allocd_types::host::Host;
use allocd_types::id::{LeaseId, Revision};
use allocd_types::import::ImportReport;
use allocd_types::network::NetworkSpec;
use allocd_types::pool::PoolSpec;
use allocd_types::recovery::RecoveryStatus;
use allocd_types::rejection::Rejection;
use allocd_types::reservation::ReservationSpec;

use crate::event::Event;
use crate::state::State;

/// A yes, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The answer.
    pub response: Response,
    /// The changes, in their order; none if everything is as asked already.
    pub events: Vec<Event>,
    /// The state after these changes, if the decision had to make it in order to decide.
    pub(crate) after: Option<State>,
}

/// What became of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The cluster's revision after it.
    pub revision: Revision,
    /// The answer.
    pub outcome: Result<Response, Rejection>,
    /// The changes, in their order.
    pub events: Vec<Event>,
}

/// The answer to one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// It is done and there is nothing to tell.
    Done,
    /// The network as it is now.
    Network(NetworkSpec),
    /// The pool as it is now.
    Pool(PoolSpec),
    /// The host as it is now.
    Host(Host),
    /// The reservation as it is now.
    Reservation(ReservationSpec),
    /// The exclusion as it is now.
    Exclusion {
        /// What is excluded.
        exclusion: ExclusionSpec,
        /// How many of its values are leased still and will be excluded once they are given back.
        leased: u64,
    },
    /// The lease as it is now.
    Lease(Granted),
    /// One answer for each of the batch, in its order.
    Batch(Vec<Result<Granted, Rejection>>),
    /// The lease is given back; nothing if it was gone before.
    Released {
        /// The lease.
        lease: Option<LeaseId>,
        /// Whether its host has still to confirm that nothing of it is left.
        is_awaited: bool,
    },
    /// What a decline led to.
    Declined(Declined),
    /// What a host should do.
    Reconciled(Reconciliation),
    /// What the import did.
    Imported(ImportReport),
    /// How far recovery has come.
    Recovery(RecoveryStatus),
}
