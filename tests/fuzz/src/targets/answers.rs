//! Answers, as a client reads them: the first byte says which, the rest is the message.

use allocd_proto::v1;
use allocd_types::agent::Reconciliation;
use allocd_types::answer::{Answer, Changes, Confirmed, MadeExclusion, Released};
use allocd_types::audit::AuditPage;
use allocd_types::check::CheckReport;
use allocd_types::cluster::ClusterStatus;
use allocd_types::contact::KnownHost;
use allocd_types::decline::{Decline, Declined};
use allocd_types::exclusion::ExclusionSpec;
use allocd_types::grant::Granted;
use allocd_types::import::ImportReport;
use allocd_types::lease::Lease;
use allocd_types::network::NetworkSpec;
use allocd_types::page::Page;
use allocd_types::pool::PoolSpec;
use allocd_types::problem::Problem;
use allocd_types::reservation::ReservationSpec;
use allocd_types::usage::Usage;
use allocd_types::value::ValueReport;

use super::survival::survives;

/// What each first byte stands for. New ones go to the end: the corpus counts on the numbers.
const KINDS: &[fn(&[u8])] = &[
    survives::<v1::AllocateLeaseResponse, Answer<Granted>>,
    survives::<v1::BatchAllocateLeasesResponse, Answer<Vec<Result<Granted, Problem>>>>,
    survives::<v1::GetLeaseResponse, Answer<Lease>>,
    survives::<v1::ListLeasesResponse, Answer<Page<Lease>>>,
    survives::<v1::ReleaseLeaseResponse, Answer<Released>>,
    survives::<v1::ExplainValueResponse, Answer<ValueReport>>,
    survives::<v1::WatchLeasesResponse, Answer<Changes>>,
    survives::<v1::GetNetworkResponse, Answer<NetworkSpec>>,
    survives::<v1::GetPoolResponse, Answer<PoolSpec>>,
    survives::<v1::GetHostResponse, Answer<KnownHost>>,
    survives::<v1::GetReservationResponse, Answer<ReservationSpec>>,
    survives::<v1::GetExclusionResponse, Answer<ExclusionSpec>>,
    survives::<v1::CreateExclusionResponse, Answer<MadeExclusion>>,
    survives::<v1::GetUsageResponse, Answer<Usage>>,
    survives::<v1::ListUsagesResponse, Answer<Page<Usage>>>,
    survives::<v1::ImportResponse, Answer<ImportReport>>,
    survives::<v1::ExportResponse, Answer<Vec<Lease>>>,
    survives::<v1::CheckResponse, Answer<CheckReport>>,
    survives::<v1::GetClusterStatusResponse, Answer<ClusterStatus>>,
    survives::<v1::ReconcileHostResponse, Answer<Reconciliation>>,
    survives::<v1::ConfirmTeardownResponse, Answer<Confirmed>>,
    survives::<v1::DeclineLeaseResponse, Answer<Declined>>,
    survives::<v1::ListDeclinesResponse, Answer<Page<Decline>>>,
    survives::<v1::ListAuditResponse, Answer<AuditPage>>,
];

pub(crate) fn run(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    if let Some(try_one) = KINDS.get(usize::from(*kind)) {
        try_one(bytes);
    }
}
