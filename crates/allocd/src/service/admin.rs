//! AdminService: import, export, the self-check, and how the cluster is.

use std::pin::Pin;
use std::sync::Arc;

use allocd_proto::peer::v1::GetMemberStatusRequest;
use allocd_proto::peer::v1::peer_service_client::PeerServiceClient;
use allocd_proto::request::member::named;
use allocd_proto::status;
use allocd_proto::v1;
use allocd_proto::v1::admin_service_server::AdminService;
use allocd_state::command::Command;
use allocd_state::response::Response as Told;
use allocd_types::answer::Answer;
use allocd_types::audit::AuditListing;
use allocd_types::check::{CheckFinding, CheckReport};
use allocd_types::cluster::{ClusterStatus, Member, MemberStatus};
use allocd_types::filter::LeaseFilter;
use allocd_types::lease::Lease;
use allocd_types::recovery::RecoveryStatus;
use futures::future::join_all;
use futures::{Stream, stream};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tonic::{Request, Response, Status};

use super::audit;
use super::backup::{self, BackupStream};
use super::members::Members;
use super::peer::{PeerDoor, STATUS_DEADLINE};
use crate::door::{Door, answer, answer_at, misfit};
use crate::peers::Place;
use crate::watch_hub::WatchHub;

/// Leases in one message of an export. Few: tonic turns a message into bytes where the connections are served, and everybody who
/// calls meanwhile waits for that.
const LEASES_PER_MESSAGE_MAX: usize = 100;

/// What operators do.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) door: Door,
    pub(crate) member: PeerDoor,
    pub(crate) hub: Arc<WatchHub>,
}

#[tonic::async_trait]
impl AdminService for Admin {
    async fn import(
        &self,
        request: Request<v1::ImportRequest>,
    ) -> Result<Response<v1::ImportResponse>, Status> {
        let Answer { value, revision, now } = self.door.mutate("Import", request, Command::Import).await?;
        let Told::Imported(report) = value else { return Err(misfit("Import")) };
        Ok(Response::new(Answer { value: report, revision, now }.into()))
    }

    type ExportStream = Pin<Box<dyn Stream<Item = Result<v1::ExportResponse, Status>> + Send>>;

    async fn export(
        &self,
        request: Request<v1::ExportRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        let (filter, state) = self.door.query::<_, LeaseFilter>(request).await?;
        // The state is a fixed version: commits go on while it is read. Each message is made when it is wanted, on a thread that
        // serves nobody else meanwhile; whoever does not read on holds up none.
        let messages = stream::try_unfold(Some((None, filter, state)), |rest| async {
            let Some((after, filter, state)) = rest else { return Ok(None) };
            let page = spawn_blocking(move || {
                let passes = |record: &_| filter.is_all() || filter.matches(&state.told(record));
                let page = state.page(after, LEASES_PER_MESSAGE_MAX, passes);
                let leases: Vec<Lease> = page.leases.iter().map(|record| state.told(record)).collect();
                let message = answer(&state, leases).into();
                (message, page.next_after.map(|after| (Some(after), filter, state)))
            });
            Ok(Some(page.await.map_err(|_| misfit("Export"))?))
        });
        Ok(Response::new(Box::pin(messages)))
    }

    async fn check(&self, request: Request<v1::CheckRequest>) -> Result<Response<v1::CheckResponse>, Status> {
        let ((), state) = self.door.query_infallible(request.into_inner()).await?;
        let report = spawn_blocking(move || {
            let finding = |flaw: allocd_state::check::Flaw| CheckFinding {
                invariant: flaw.subject,
                message: flaw.message,
            };
            let findings = state.check().into_iter().map(finding).collect();
            let leases = u64::try_from(state.lease_count()).unwrap_or(u64::MAX);
            let report = CheckReport { findings, leases, state_digest: state.digest() };
            answer(&state, report)
        });
        let report = report.await.map_err(|_| misfit("Check"))?;
        Ok(Response::new(report.into()))
    }

    async fn get_cluster_status(
        &self,
        _request: Request<v1::GetClusterStatusRequest>,
    ) -> Result<Response<v1::GetClusterStatusResponse>, Status> {
        let places = self.member.peers.places();
        let members = join_all(places.iter().map(|place| self.ask(place))).await;
        let leader = self.door.view.standing.borrow().leader;
        let cluster = ClusterStatus { cluster_id: self.member.cluster.clone(), leader, members };
        Ok(Response::new(answer_at(&self.door.view.moment(), cluster).into()))
    }

    async fn add_member(
        &self,
        request: Request<v1::AddMemberRequest>,
    ) -> Result<Response<v1::AddMemberResponse>, Status> {
        self.members().change("AddMember", request.into_inner()).await.map(Response::new)
    }

    async fn promote_member(
        &self,
        request: Request<v1::PromoteMemberRequest>,
    ) -> Result<Response<v1::PromoteMemberResponse>, Status> {
        self.members().change("PromoteMember", request.into_inner()).await.map(Response::new)
    }

    async fn remove_member(
        &self,
        request: Request<v1::RemoveMemberRequest>,
    ) -> Result<Response<v1::RemoveMemberResponse>, Status> {
        self.members().change("RemoveMember", request.into_inner()).await.map(Response::new)
    }

    async fn transfer_leadership(
        &self,
        request: Request<v1::TransferLeadershipRequest>,
    ) -> Result<Response<v1::TransferLeadershipResponse>, Status> {
        let to = named(request.into_inner().member_id).map_err(status::refusal)?;
        Ok(Response::new(self.members().transfer(to).await?.into()))
    }

    type BackupStream = BackupStream;

    async fn backup(&self, request: Request<v1::BackupRequest>) -> Result<Response<BackupStream>, Status> {
        let query = request.into_inner().into();
        Ok(Response::new(backup::begin(&self.door, &self.member.cluster, query).await?))
    }

    async fn get_recovery(
        &self,
        request: Request<v1::GetRecoveryRequest>,
    ) -> Result<Response<v1::GetRecoveryResponse>, Status> {
        let ((), state) = self.door.query_infallible(request.into_inner()).await?;
        Ok(Response::new(answer(&state, state.recovery_status()).into()))
    }

    async fn list_audit(
        &self,
        request: Request<v1::ListAuditRequest>,
    ) -> Result<Response<v1::ListAuditResponse>, Status> {
        // What was answered before this was asked is kept by the time that the state is here.
        let (listing, state) = self.door.query::<_, AuditListing>(request).await?;
        let hub = Arc::clone(&self.hub);
        let page = spawn_blocking(move || {
            let (first, kept) = hub.kept();
            audit::page(first, &kept, &listing)
        });
        let page = page.await.map_err(|_| misfit("ListAudit"))?;
        Ok(Response::new(answer(&state, page).into()))
    }

    async fn confirm_recovery(
        &self,
        request: Request<v1::ConfirmRecoveryRequest>,
    ) -> Result<Response<v1::ConfirmRecoveryResponse>, Status> {
        let done = self.door.mutate("ConfirmRecovery", request, Command::ConfirmRecovery).await?;
        Ok(Response::new(recovery("ConfirmRecovery", done)?.into()))
    }

    async fn skip_values(
        &self,
        request: Request<v1::SkipValuesRequest>,
    ) -> Result<Response<v1::SkipValuesResponse>, Status> {
        let done = self.door.mutate("SkipValues", request, Command::SkipTo).await?;
        Ok(Response::new(recovery("SkipValues", done)?.into()))
    }
}

fn recovery(rpc: &'static str, done: Answer<Told>) -> Result<Answer<RecoveryStatus>, Status> {
    let Answer { value, revision, now } = done;
    let Told::Recovery(value) = value else { return Err(misfit(rpc)) };
    Ok(Answer { value, revision, now })
}

impl Admin {
    const fn members(&self) -> Members<'_> {
        Members { door: &self.door, peers: &self.member.peers }
    }

    /// Asks one member how it is; that it does not answer is an answer too.
    async fn ask(&self, member: &Place) -> Member {
        let answer = match self.member.peers.get(member.id) {
            None if member.id != self.member.member => {
                Err("the asked member does not know where it is; add it to `members` there".to_owned())
            }
            None => self.member.status().await.map_err(|status| status.message().to_owned()),
            Some(channel) => {
                let request = GetMemberStatusRequest {
                    cluster_id: self.member.cluster.to_string(),
                    from: self.member.member.get(),
                    to: member.id.get(),
                };
                let mut client = PeerServiceClient::new(channel);
                match timeout(STATUS_DEADLINE, client.get_member_status(request)).await {
                    Ok(Ok(response)) => told(response.into_inner().status),
                    Ok(Err(status)) => Err(status.message().to_owned()),
                    Err(_) => Err(format!("no answer within {STATUS_DEADLINE:?}")),
                }
            }
        };
        Member { id: member.id, address: member.address.clone(), vote: member.vote, answer }
    }
}

fn told(status: Option<v1::MemberStatus>) -> Result<MemberStatus, String> {
    allocd_proto::read::read("status", status).map_err(|wrong| format!("its answer cannot be read: {wrong}"))
}
