//! What the agent asks of its cluster: plain questions, each answered or not within a bounded time.
//!
//! Nothing waits for the cluster for longer than one call: the first that gets no answer ends the asking for this pass.

#[cfg(test)]
pub(crate) mod fake;
mod remote;

use allocd_types::agent::{LeaseAt, Reconciliation};
use allocd_types::contact::PassCounts;
use allocd_types::decline::{DeclineSpec, Declined};
use allocd_types::host::{HostRegistration, HostState};
use allocd_types::id::{Incarnation, LeaseId, Revision};
use allocd_types::lease::Lease;
use allocd_types::problem::Problem;

pub(crate) use remote::{Remote, client};

/// The cluster, as an agent of one host sees it.
pub(crate) trait Cluster {
    /// The leases of the host, and whether the host's word counts.
    fn leases(&mut self) -> Result<Told, Refusal>;
    /// Says that this agent has started; what it says afterwards is said under the incarnation that it gets.
    fn register(&mut self, registration: HostRegistration) -> Result<Registered, Refusal>;
    /// Takes a lease up; the answer is the lease as it is then.
    fn bind(&mut self, lease: LeaseAt) -> Result<Lease, Refusal>;
    /// Prolongs leases that end by themselves, all in one round; an answer for each, in their order.
    fn renew(&mut self, leases: &[LeaseAt]) -> Vec<Result<Lease, Refusal>>;
    /// Says that somebody else on the wire has a value of a lease; the answer says whether the lease gets another.
    fn decline(&mut self, spec: DeclineSpec) -> Result<Declined, Refusal>;
    /// Says what leases are that live here since before a restore, all in one round; an answer for each, in their order.
    fn adopt(&mut self, leases: &[Lease]) -> Vec<Result<Lease, Refusal>>;
    /// Says that nothing of a lease is left.
    fn confirm(&mut self, lease: LeaseAt) -> Result<(), Refusal>;
    /// Tells of which leases something is there; the answer says what should be.
    fn reconcile(&mut self, leases: Vec<LeaseId>) -> Result<Reconciliation, Refusal>;
    /// Says that this agent is there, and what its pass came to.
    fn heartbeat(&mut self, pass: PassCounts) -> Result<(), Refusal>;
}

/// What the cluster tells of the host.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) revision: Revision,
    pub(crate) state: HostState,
    pub(crate) leases: Vec<Lease>,
}

/// What the cluster knows of the agent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registered {
    pub(crate) incarnation: Incarnation,
}

/// Why a question was not answered with a yes.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Refusal {
    /// Nobody answered in time.
    #[error("the cluster does not answer: {0}")]
    Away(String),
    /// The answer is no.
    #[error("{0}")]
    No(Box<Problem>),
}
