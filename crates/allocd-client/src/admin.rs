//! What operators do.

use allocd_proto::request::Query;
use allocd_proto::v1;
use allocd_proto::v1::admin_service_client::AdminServiceClient;
use allocd_types::answer::Answer;
use allocd_types::check::CheckReport;
use allocd_types::cluster::ClusterStatus;
use allocd_types::filter::LeaseFilter;
use allocd_types::import::{ImportReport, ImportSpec};
use allocd_types::lease::Lease;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::call::{Patience, read};
use crate::client::Client;
use crate::error::ClientError;
use crate::methods::{ANSWER_BYTES_MAX, mutations};

mutations!(AdminServiceClient, Call {
    /// Takes over an inventory; with [`Effect::ValidateOnly`](allocd_types::effect::Effect) it is a dry run.
    import(ImportSpec) -> ImportReport;
});

impl Client {
    /// Reads all leases that the filter means, at one revision.
    ///
    /// # Errors
    /// [`ClientError`] with the cluster's reason, or why it gave no answer.
    pub async fn export(&self, filter: &LeaseFilter) -> Result<Answer<Vec<Lease>>, ClientError> {
        let query = Query { freshness: self.freshness(), wish: filter.clone() };
        let whole = self.call(v1::ExportRequest::from(query), Patience::Call, collect_export).await?;
        read(whole)
    }

    /// Checks every invariant of the state.
    ///
    /// # Errors
    /// [`ClientError`] with the cluster's reason, or why it gave no answer.
    pub async fn check(&self) -> Result<Answer<CheckReport>, ClientError> {
        let query = Query { freshness: self.freshness(), wish: () };
        let send = |channel, request| async move { service(channel).check(request).await };
        read(self.call(v1::CheckRequest::from(query), Patience::Call, send).await?)
    }

    /// Asks every member how it is.
    ///
    /// # Errors
    /// [`ClientError`] if not even one member could be asked.
    pub async fn cluster_status(&self) -> Result<Answer<ClusterStatus>, ClientError> {
        let send = |channel, request| async move { service(channel).get_cluster_status(request).await };
        read(self.call(v1::GetClusterStatusRequest {}, Patience::Attempt, send).await?)
    }
}

fn service(channel: Channel) -> AdminServiceClient<Channel> {
    AdminServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX)
}

/// Reads the whole stream, so that one that breaks is begun anew like any other call and gives no half of an export.
async fn collect_export(
    channel: Channel,
    request: Request<v1::ExportRequest>,
) -> Result<Response<v1::ExportResponse>, Status> {
    let mut stream = service(channel).export(request).await?.into_inner();
    let mut whole = v1::ExportResponse::default();
    while let Some(mut part) = stream.message().await? {
        whole.leases.append(&mut part.leases);
        (whole.revision, whole.cluster_time_ms) = (part.revision, part.cluster_time_ms);
    }
    Ok(Response::new(whole))
}
