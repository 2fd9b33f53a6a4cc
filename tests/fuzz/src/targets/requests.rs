//! Requests of clients: the first byte says which, the rest is the message.

use allocd_proto::request::{Mutation, Query};
use allocd_proto::v1;
use allocd_types::agent::{Adoption, AgentReport, Inventory};
use allocd_types::allocation::{AllocationSpec, LeaseRef, ReleaseSpec, RenewalSpec};
use allocd_types::audit::AuditListing;
use allocd_types::cluster::MemberChange;
use allocd_types::contact::Heartbeat;
use allocd_types::decline::DeclineSpec;
use allocd_types::exclusion::ExclusionSpec;
use allocd_types::filter::LeaseFilter;
use allocd_types::host::{FenceSpec, HostRegistration, HostSpec};
use allocd_types::import::ImportSpec;
use allocd_types::lookup::LeaseQuery;
use allocd_types::migration::{CancelMoveSpec, MoveSpec};
use allocd_types::name::{ExclusionName, HostName, NetworkName, PoolName, ReservationName};
use allocd_types::network::NetworkSpec;
use allocd_types::page::PageSpec;
use allocd_types::pool::{PoolRef, PoolSpec};
use allocd_types::request::{Batch, Deletion, LeaseListing};
use allocd_types::reservation::ReservationSpec;
use allocd_types::value::Value;
use allocd_types::violation::Violations;
use prost::Message;

use super::survival::survives;

/// What each first byte stands for. New ones go to the end: the corpus counts on the numbers.
const KINDS: &[fn(&[u8])] = &[
    survives::<v1::AllocateLeaseRequest, Mutation<AllocationSpec>>,
    survives::<v1::BatchAllocateLeasesRequest, Mutation<Batch<AllocationSpec>>>,
    survives::<v1::GetLeaseRequest, Query<LeaseRef>>,
    survives::<v1::ListLeasesRequest, Query<LeaseListing>>,
    survives::<v1::RenewLeaseRequest, Mutation<RenewalSpec>>,
    survives::<v1::ReleaseLeaseRequest, Mutation<ReleaseSpec>>,
    survives::<v1::LookupLeaseRequest, Query<LeaseQuery>>,
    survives::<v1::ExplainValueRequest, Query<Value>>,
    survives::<v1::CreateNetworkRequest, Mutation<NetworkSpec>>,
    survives::<v1::UpdateNetworkRequest, Mutation<NetworkSpec>>,
    survives::<v1::CreatePoolRequest, Mutation<PoolSpec>>,
    survives::<v1::UpdatePoolRequest, Mutation<PoolSpec>>,
    survives::<v1::CreateHostRequest, Mutation<HostSpec>>,
    survives::<v1::RegisterHostRequest, Mutation<HostRegistration>>,
    survives::<v1::CreateReservationRequest, Mutation<ReservationSpec>>,
    survives::<v1::CreateExclusionRequest, Mutation<ExclusionSpec>>,
    survives::<v1::DeleteNetworkRequest, Mutation<Deletion<NetworkName>>>,
    survives::<v1::DeletePoolRequest, Mutation<Deletion<PoolName>>>,
    survives::<v1::DeleteHostRequest, Mutation<Deletion<HostName>>>,
    survives::<v1::DeleteReservationRequest, Mutation<Deletion<ReservationName>>>,
    survives::<v1::DeleteExclusionRequest, Mutation<Deletion<ExclusionName>>>,
    survives::<v1::GetNetworkRequest, Query<NetworkName>>,
    survives::<v1::GetPoolRequest, Query<PoolName>>,
    survives::<v1::GetHostRequest, Query<HostName>>,
    survives::<v1::GetReservationRequest, Query<ReservationName>>,
    survives::<v1::GetExclusionRequest, Query<ExclusionName>>,
    survives::<v1::ListNetworksRequest, Query<PageSpec>>,
    survives::<v1::ListHostsRequest, Query<PageSpec>>,
    survives::<v1::ListUsagesRequest, Query<PageSpec>>,
    survives::<v1::GetUsageRequest, Query<PoolRef>>,
    survives::<v1::ImportRequest, Mutation<ImportSpec>>,
    survives::<v1::ExportRequest, Query<LeaseFilter>>,
    changes_members::<v1::AddMemberRequest>,
    changes_members::<v1::PromoteMemberRequest>,
    changes_members::<v1::RemoveMemberRequest>,
    survives::<v1::FenceHostRequest, Mutation<FenceSpec>>,
    survives::<v1::ReconcileHostRequest, Mutation<Inventory>>,
    survives::<v1::BindLeaseRequest, Mutation<AgentReport>>,
    survives::<v1::ConfirmTeardownRequest, Mutation<AgentReport>>,
    survives::<v1::MoveLeaseRequest, Mutation<MoveSpec>>,
    survives::<v1::CancelMoveRequest, Mutation<CancelMoveSpec>>,
    survives::<v1::DeclineLeaseRequest, Mutation<DeclineSpec>>,
    survives::<v1::ClearDeclineRequest, Mutation<Value>>,
    survives::<v1::HeartbeatHostRequest, Query<Heartbeat>>,
    survives::<v1::ListAuditRequest, Query<AuditListing>>,
    survives::<v1::AdoptLeaseRequest, Mutation<Adoption>>,
];

pub(crate) fn run(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    if let Some(try_one) = KINDS.get(usize::from(*kind)) {
        try_one(bytes);
    }
}

/// A change of members is only read: members write none.
fn changes_members<M>(bytes: &[u8])
where
    M: Message + Default,
    MemberChange: TryFrom<M, Error = Violations>,
{
    let Ok(message) = M::decode(bytes) else { return };
    match MemberChange::try_from(message) {
        Err(wrong) => assert!(!wrong.is_empty(), "a refusal says what is wrong"),
        Ok(MemberChange::Add { address, .. }) => assert!(!address.is_empty() && !address.contains('@')),
        Ok(MemberChange::Promote(member) | MemberChange::Remove(member)) => assert_ne!(member.get(), 0),
    }
}
