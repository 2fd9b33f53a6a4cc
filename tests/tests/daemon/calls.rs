//! Calls as any gRPC client makes them: one attempt at one member, and the bare status.

use std::net::SocketAddr;

use allocd_proto::v1;
use allocd_proto::v1::lease_service_client::LeaseServiceClient;
use allocd_types::allocation::AllocationSpec;
use allocd_types::effect::Effect;
use allocd_types::problem::Problem;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

use crate::wishes::jail;

/// A connection to one member.
pub(crate) async fn connect(address: SocketAddr) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an endpoint");
    endpoint.connect().await.expect("connect to a member")
}

/// A request for a jail's lease.
pub(crate) fn allocation(jail_name: &str) -> Request<v1::AllocateLeaseRequest> {
    let wish: AllocationSpec = jail(jail_name);
    let mutation = allocd_proto::request::Mutation { request_id: None, effect: Effect::Commit, wish };
    Request::new(mutation.into())
}

/// Sends it once.
pub(crate) async fn allocate_once(
    channel: Channel,
    request: Request<v1::AllocateLeaseRequest>,
) -> Result<v1::AllocateLeaseResponse, Problem> {
    let answered = LeaseServiceClient::new(channel).allocate_lease(request).await;
    answered.map(tonic::Response::into_inner).map_err(|status| allocd_proto::status::problem(&status))
}
