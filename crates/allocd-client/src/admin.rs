//! What operators do.

use allocd_proto::request::Query;
use allocd_proto::v1;
use allocd_proto::v1::admin_service_client::AdminServiceClient;
use allocd_types::answer::Answer;
use allocd_types::audit::{AuditFilter, AuditListing, AuditPage};
use allocd_types::check::CheckReport;
use allocd_types::cluster::ClusterStatus;
use allocd_types::filter::LeaseFilter;
use allocd_types::id::MemberId;
use allocd_types::import::{ImportReport, ImportSpec};
use allocd_types::lease::Lease;
use allocd_types::page::PageSpec;
use allocd_types::recovery::{RecoveryConfirmation, RecoveryStatus, SkipTo};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::call::{Patience, read};
use crate::client::Client;
use crate::error::ClientError;
use crate::methods::{ANSWER_BYTES_MAX, mutations, questions};

mutations!(AdminServiceClient, Call {
    /// Takes over an inventory; with [`Effect::ValidateOnly`](allocd_types::effect::Effect) it is a dry run.
    import(ImportSpec) -> ImportReport;
    /// Vouches for hosts after a restore, or for there being no others, which ends recovery.
    confirm_recovery(RecoveryConfirmation) -> RecoveryStatus;
    /// Lets a pool hand out again in recovery, past what may have been handed out after the backup.
    skip_values(SkipTo) -> RecoveryStatus;
});

questions!(AdminServiceClient {
    /// Reads a page of who changed what.
    list_audit(AuditListing) -> AuditPage;
});

impl Client {
    /// Reads who changed what, page by page, at one go. Pages may come from members that keep more or less of it: the first revision
    /// that is kept is the last page's.
    ///
    /// # Errors
    /// [`ClientError`] with the cluster's reason, or why it gave no answer.
    pub async fn all_audit(&self, filter: &AuditFilter) -> Result<Answer<AuditPage>, ClientError> {
        let mut page = PageSpec::largest();
        let mut records = Vec::new();
        loop {
            let mut answer =
                self.list_audit(AuditListing { page: page.clone(), filter: filter.clone() }).await?;
            records.append(&mut answer.value.page.items);
            match answer.value.page.next.take() {
                Some(token) => page = page.at(token),
                None => {
                    answer.value.page.items = records;
                    return Ok(answer);
                }
            }
        }
    }

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

    /// Asks how far recovery has come.
    ///
    /// # Errors
    /// [`ClientError`] with the cluster's reason, or why it gave no answer.
    pub async fn recovery(&self) -> Result<Answer<RecoveryStatus>, ClientError> {
        let query = Query { freshness: self.freshness(), wish: () };
        let send = |channel, request| async move { service(channel).get_recovery(request).await };
        read(self.call(v1::GetRecoveryRequest::from(query), Patience::Attempt, send).await?)
    }

    /// Asks every member how it is.
    ///
    /// # Errors
    /// [`ClientError`] if not even one member could be asked.
    pub async fn cluster_status(&self) -> Result<Answer<ClusterStatus>, ClientError> {
        let send = |channel, request| async move { service(channel).get_cluster_status(request).await };
        read(self.call(v1::GetClusterStatusRequest {}, Patience::Attempt, send).await?)
    }

    /// Takes in a new member, reached at an address, which learns and does not vote yet; says its id.
    ///
    /// # Errors
    /// [`ClientError`] with the cluster's reason, or why it gave no answer.
    pub async fn add_member(
        &self,
        member: Option<MemberId>,
        address: &str,
    ) -> Result<Answer<MemberId>, ClientError> {
        let member_id = member.map_or(0, MemberId::get);
        let request = v1::AddMemberRequest { member_id, address: address.to_owned() };
        let send = |channel, request| async move { service(channel).add_member(request).await };
        read(self.call(request, Patience::Call, send).await?)
    }

    /// Lets a learner vote that has caught up.
    ///
    /// # Errors
    /// [`ClientError`] with the cluster's reason, or why it gave no answer.
    pub async fn promote_member(&self, member: MemberId) -> Result<Answer<MemberId>, ClientError> {
        let request = v1::PromoteMemberRequest { member_id: member.get() };
        let send = |channel, request| async move { service(channel).promote_member(request).await };
        read(self.call(request, Patience::Call, send).await?)
    }

    /// Removes a member that does not lead.
    ///
    /// # Errors
    /// [`ClientError`] with the cluster's reason, or why it gave no answer.
    pub async fn remove_member(&self, member: MemberId) -> Result<Answer<MemberId>, ClientError> {
        let request = v1::RemoveMemberRequest { member_id: member.get() };
        let send = |channel, request| async move { service(channel).remove_member(request).await };
        read(self.call(request, Patience::Call, send).await?)
    }

    /// Hands the lead to a member, and waits until it has it.
    ///
    /// # Errors
    /// [`ClientError`] with the cluster's reason, or why it gave no answer.
    pub async fn transfer_leadership(&self, to: MemberId) -> Result<Answer<MemberId>, ClientError> {
        let request = v1::TransferLeadershipRequest { member_id: to.get() };
        let send = |channel, request| async move { service(channel).transfer_leadership(request).await };
        read(self.call(request, Patience::Call, send).await?)
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
