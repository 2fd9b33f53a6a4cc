//! Answers about leases.

use allocd_types::grant::{Granted, Novelty};
use allocd_types::id::Revision;
use allocd_types::lease::Lease;
use allocd_types::page::Page;
use allocd_types::problem::Problem;
use allocd_types::time::ClusterTime;
use allocd_types::value::ValueReport;
use allocd_types::violation::Violations;

use super::resource::{tells, tells_a_page};
use crate::read::{Read, list, next_page, path, required};
use crate::v1;
use crate::v1::batch_item::Outcome;
use allocd_types::answer::{Answer, Changes, MoreOfRevision};

tells! {
    GetLeaseResponse, lease: Lease;
    RenewLeaseResponse, lease: Lease;
    LookupLeaseResponse, lease: Lease;
    ExplainValueResponse, report: ValueReport;
}

tells_a_page! {
    ListLeasesResponse, leases: Lease;
}

const fn novelty(existing: bool) -> Novelty {
    if existing { Novelty::Existing } else { Novelty::New }
}

const fn existing(novelty: Novelty) -> bool {
    match novelty {
        Novelty::New => false,
        Novelty::Existing => true,
    }
}

impl TryFrom<v1::AllocateLeaseResponse> for Answer<Granted> {
    type Error = Violations;

    fn try_from(response: v1::AllocateLeaseResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let lease = required(response.lease, "lease", &mut wrong);
        let novelty = novelty(response.existing);
        Ok(Self {
            value: wrong.finish(lease.map(|lease| Granted { lease, novelty }))?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<Granted>> for v1::AllocateLeaseResponse {
    fn from(answer: Answer<Granted>) -> Self {
        Self {
            existing: existing(answer.value.novelty),
            lease: Some(answer.value.lease.into()),
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}

impl TryFrom<v1::BatchAllocateLeasesResponse> for Answer<Vec<Result<Granted, Problem>>> {
    type Error = Violations;

    fn try_from(response: v1::BatchAllocateLeasesResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let items = list(response.items, "items", &mut wrong, |item, field, wrong| item.read(field, wrong));
        Ok(Self {
            value: wrong.finish(items)?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl Read for v1::BatchItem {
    type Word = Result<Granted, Problem>;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Self::Word> {
        match self.outcome {
            Some(Outcome::Granted(granted)) => {
                let lease = required(granted.lease, &path(field, "granted.lease"), wrong)?;
                Some(Ok(Granted { lease, novelty: novelty(granted.existing) }))
            }
            Some(Outcome::Problem(problem)) => problem.read(&path(field, "problem"), wrong).map(Err),
            None => {
                wrong.add(field, "says neither granted nor problem");
                None
            }
        }
    }
}

impl From<Answer<Vec<Result<Granted, Problem>>>> for v1::BatchAllocateLeasesResponse {
    fn from(answer: Answer<Vec<Result<Granted, Problem>>>) -> Self {
        let item = |outcome: Result<Granted, Problem>| match outcome {
            Ok(granted) => Outcome::Granted(v1::GrantedLease {
                existing: existing(granted.novelty),
                lease: Some(granted.lease.into()),
            }),
            Err(problem) => Outcome::Problem(problem.into()),
        };
        let items = answer.value.into_iter().map(|outcome| v1::BatchItem { outcome: Some(item(outcome)) });
        Self { items: items.collect(), revision: answer.revision.get(), cluster_time_ms: answer.now.millis() }
    }
}

impl TryFrom<v1::WatchLeasesResponse> for Answer<Changes> {
    type Error = Violations;

    fn try_from(response: v1::WatchLeasesResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let changes =
            list(response.changes, "changes", &mut wrong, |change, field, wrong| change.read(field, wrong));
        let more = if response.continued { MoreOfRevision::Follows } else { MoreOfRevision::Complete };
        Ok(Self {
            value: wrong.finish(changes.map(|changes| Changes { changes, more }))?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<Changes>> for v1::WatchLeasesResponse {
    fn from(answer: Answer<Changes>) -> Self {
        let message = |change: Option<_>| change.map_or_else(v1::Change::default, Into::into);
        Self {
            revision: answer.revision.get(),
            changes: answer.value.changes.into_iter().map(message).collect(),
            continued: match answer.value.more {
                MoreOfRevision::Complete => false,
                MoreOfRevision::Follows => true,
            },
            cluster_time_ms: answer.now.millis(),
        }
    }
}
