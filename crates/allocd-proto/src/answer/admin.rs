//! Answers to operators.

use allocd_types::check::CheckReport;
use allocd_types::cluster::ClusterStatus;
use allocd_types::id::{MemberId, Revision};
use allocd_types::import::ImportReport;
use allocd_types::lease::Lease;
use allocd_types::recovery::RecoveryStatus;
use allocd_types::time::ClusterTime;
use allocd_types::violation::Violations;

use super::resource::tells;
use crate::read::{Read, list, required};
use crate::{digest, v1};
use allocd_types::answer::Answer;

tells! {
    GetClusterStatusResponse, cluster: ClusterStatus;
    GetRecoveryResponse, recovery: RecoveryStatus;
    ConfirmRecoveryResponse, recovery: RecoveryStatus;
    SkipValuesResponse, recovery: RecoveryStatus;
}

/// Answers that name a member.
macro_rules! tells_a_member {
    ($($response:ident;)*) => {$(
        impl From<v1::$response> for Answer<MemberId> {
            fn from(response: v1::$response) -> Self {
                Self {
                    value: MemberId::new(response.member_id),
                    revision: Revision::new(response.revision),
                    now: ClusterTime::from_millis(response.cluster_time_ms),
                }
            }
        }

        impl From<Answer<MemberId>> for v1::$response {
            fn from(answer: Answer<MemberId>) -> Self {
                Self {
                    member_id: answer.value.get(),
                    revision: answer.revision.get(),
                    cluster_time_ms: answer.now.millis(),
                }
            }
        }
    )*};
}

tells_a_member! {
    AddMemberResponse;
    PromoteMemberResponse;
    RemoveMemberResponse;
    TransferLeadershipResponse;
}

impl TryFrom<v1::ImportResponse> for Answer<ImportReport> {
    type Error = Violations;

    fn try_from(response: v1::ImportResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let findings = list(response.findings, "findings", &mut wrong, |finding, field, wrong| {
            finding.read(field, wrong)
        });
        let exclusions =
            list(response.exclusions, "exclusions", &mut wrong, |item, field, wrong| item.read(field, wrong));
        let report = findings.zip(exclusions).map(|(findings, exclusions)| ImportReport {
            leases: response.leases,
            unchanged: response.unchanged,
            hosts_created: response.hosts_created,
            findings,
            exclusions,
        });
        Ok(Self {
            value: wrong.finish(report)?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<ImportReport>> for v1::ImportResponse {
    fn from(answer: Answer<ImportReport>) -> Self {
        let report = answer.value;
        Self {
            leases: report.leases,
            unchanged: report.unchanged,
            hosts_created: report.hosts_created,
            findings: report.findings.into_iter().map(Into::into).collect(),
            exclusions: report.exclusions.into_iter().map(Into::into).collect(),
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}

impl TryFrom<v1::ExportResponse> for Answer<Vec<Lease>> {
    type Error = Violations;

    fn try_from(response: v1::ExportResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let leases =
            list(response.leases, "leases", &mut wrong, |lease, field, wrong| lease.read(field, wrong));
        Ok(Self {
            value: wrong.finish(leases)?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<Vec<Lease>>> for v1::ExportResponse {
    fn from(answer: Answer<Vec<Lease>>) -> Self {
        Self {
            leases: answer.value.into_iter().map(Into::into).collect(),
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}

impl TryFrom<v1::CheckResponse> for Answer<CheckReport> {
    type Error = Violations;

    fn try_from(response: v1::CheckResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let findings = list(response.findings, "findings", &mut wrong, |finding, field, wrong| {
            finding.read(field, wrong)
        });
        let state_digest = digest::read(&response.state_digest, "state_digest", &mut wrong);
        let report = findings.zip(state_digest).map(|(findings, state_digest)| CheckReport {
            findings,
            leases: response.leases,
            state_digest,
        });
        Ok(Self {
            value: wrong.finish(report)?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<CheckReport>> for v1::CheckResponse {
    fn from(answer: Answer<CheckReport>) -> Self {
        Self {
            findings: answer.value.findings.into_iter().map(Into::into).collect(),
            leases: answer.value.leases,
            state_digest: answer.value.state_digest.to_string(),
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}
