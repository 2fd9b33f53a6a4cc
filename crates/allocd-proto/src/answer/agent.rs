//! Answers to agents, and about what they report.

use allocd_types::agent::Reconciliation;
use allocd_types::answer::{Answer, Confirmed, Released};
use allocd_types::decline::{Decline, Declined};
use allocd_types::host::Host;
use allocd_types::id::{LeaseId, Revision};
use allocd_types::lease::Lease;
use allocd_types::page::Page;
use allocd_types::time::ClusterTime;
use allocd_types::violation::Violations;

use super::resource::{tells, tells_a_page, tells_nothing};
use crate::read::{Read, list, next_page, optional, required};
use crate::{lease, v1};

tells! {
    ActivateHostResponse, host: Host;
    DrainHostResponse, host: Host;
    FenceHostResponse, host: Host;
    BindLeaseResponse, lease: Lease;
    AdoptLeaseResponse, lease: Lease;
    MoveLeaseResponse, lease: Lease;
    CancelMoveResponse, lease: Lease;
}

tells_a_page! {
    ListDeclinesResponse, declines: Decline;
}

tells_nothing! {
    ClearDeclineResponse;
}

impl TryFrom<v1::ReconcileHostResponse> for Answer<Reconciliation> {
    type Error = Violations;

    fn try_from(response: v1::ReconcileHostResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let mut leases = |names: &[String], field: &str| {
            list(names, field, &mut wrong, |name, field, wrong| lease::id(name, field, wrong))
        };
        let keep = leases(&response.keep, "keep");
        let create = leases(&response.create, "create");
        let destroy = leases(&response.destroy, "destroy");
        let suspect = leases(&response.suspect, "suspect");
        let adopt = leases(&response.adopt, "adopt");
        let value = keep.zip(create).zip(destroy).zip(suspect).zip(adopt);
        let value = value.map(|((((keep, create), destroy), suspect), adopt)| Reconciliation {
            keep,
            create,
            destroy,
            suspect,
            adopt,
        });
        Ok(Self {
            value: wrong.finish(value)?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<Reconciliation>> for v1::ReconcileHostResponse {
    fn from(answer: Answer<Reconciliation>) -> Self {
        let Reconciliation { keep, create, destroy, suspect, adopt } = answer.value;
        let names = |leases: Vec<LeaseId>| leases.into_iter().map(LeaseId::resource_name).collect();
        Self {
            keep: names(keep),
            create: names(create),
            destroy: names(destroy),
            suspect: names(suspect),
            adopt: names(adopt),
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}

impl TryFrom<v1::ConfirmTeardownResponse> for Answer<Confirmed> {
    type Error = Violations;

    fn try_from(response: v1::ConfirmTeardownResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let ended = maybe_id(&response.ended, "ended", &mut wrong);
        let moved = optional(response.moved, "moved", &mut wrong);
        let value = ended.zip(moved).map(|(ended, moved)| {
            moved.map_or(Confirmed::Ended(ended), |lease| Confirmed::Moved(Box::new(lease)))
        });
        Ok(Self {
            value: wrong.finish(value)?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<Confirmed>> for v1::ConfirmTeardownResponse {
    fn from(answer: Answer<Confirmed>) -> Self {
        let (moved, ended) = match answer.value {
            Confirmed::Moved(lease) => (Some((*lease).into()), String::new()),
            Confirmed::Ended(ended) => (None, ended.map(LeaseId::resource_name).unwrap_or_default()),
        };
        Self { moved, ended, revision: answer.revision.get(), cluster_time_ms: answer.now.millis() }
    }
}

impl TryFrom<v1::DeclineLeaseResponse> for Answer<Declined> {
    type Error = Violations;

    fn try_from(response: v1::DeclineLeaseResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let lease = required(response.lease, "lease", &mut wrong);
        let kept = optional(response.kept, "kept", &mut wrong);
        let value = lease.zip(kept).map(|(lease, kept)| Declined { lease, kept });
        Ok(Self {
            value: wrong.finish(value)?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<Declined>> for v1::DeclineLeaseResponse {
    fn from(answer: Answer<Declined>) -> Self {
        Self {
            lease: Some(answer.value.lease.into()),
            kept: answer.value.kept.map(Into::into),
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}

impl TryFrom<v1::ReleaseLeaseResponse> for Answer<Released> {
    type Error = Violations;

    fn try_from(response: v1::ReleaseLeaseResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let is_awaited = response.awaited;
        let lease = maybe_id(&response.name, "name", &mut wrong);
        Ok(Self {
            value: wrong.finish(lease.map(|lease| Released { lease, is_awaited }))?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<Released>> for v1::ReleaseLeaseResponse {
    fn from(answer: Answer<Released>) -> Self {
        let Released { lease, is_awaited } = answer.value;
        Self {
            name: lease.map(LeaseId::resource_name).unwrap_or_default(),
            awaited: is_awaited,
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}

/// The name of a lease, if there is one; the outer nothing means that it is wrong.
fn maybe_id(name: &str, field: &str, wrong: &mut Violations) -> Option<Option<LeaseId>> {
    if name.is_empty() { Some(None) } else { lease::id(name, field, wrong).map(Some) }
}
