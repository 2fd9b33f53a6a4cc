//! HostService.

use std::sync::Arc;

use allocd_proto::status::status;
use allocd_proto::v1;
use allocd_proto::v1::host_service_server::HostService;
use allocd_state::command::Command;
use allocd_state::response::Response as Told;
use allocd_types::contact::Heartbeat;
use allocd_types::name::HostName;
use allocd_types::page::{Page, PageSpec};
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::rejection::Subject;
use allocd_types::request::Deletion;
use tonic::{Request, Response, Status};

use super::page::page;
use crate::contacts::{Contacts, NotLeading};
use crate::door::{Door, TRY_AGAIN, answer, misfit};
use crate::lookup::missing;

/// Hosts.
#[derive(Clone)]
pub(crate) struct Hosts {
    pub(crate) door: Door,
    pub(crate) contacts: Arc<Contacts>,
}

#[tonic::async_trait]
impl HostService for Hosts {
    async fn create_host(
        &self,
        request: Request<v1::CreateHostRequest>,
    ) -> Result<Response<v1::CreateHostResponse>, Status> {
        let done = self.door.mutate("CreateHost", request, Command::CreateHost).await?;
        let Told::Host(host) = done.value.clone() else { return Err(misfit("CreateHost")) };
        Ok(Response::new(done.map(|_| host).into()))
    }

    async fn register_host(
        &self,
        request: Request<v1::RegisterHostRequest>,
    ) -> Result<Response<v1::RegisterHostResponse>, Status> {
        let done = self.door.mutate("RegisterHost", request, Command::RegisterHost).await?;
        let Told::Host(host) = done.value.clone() else { return Err(misfit("RegisterHost")) };
        Ok(Response::new(done.map(|_| host).into()))
    }

    async fn activate_host(
        &self,
        request: Request<v1::ActivateHostRequest>,
    ) -> Result<Response<v1::ActivateHostResponse>, Status> {
        let done = self.door.mutate("ActivateHost", request, Command::ActivateHost).await?;
        let Told::Host(host) = done.value.clone() else { return Err(misfit("ActivateHost")) };
        Ok(Response::new(done.map(|_| host).into()))
    }

    async fn drain_host(
        &self,
        request: Request<v1::DrainHostRequest>,
    ) -> Result<Response<v1::DrainHostResponse>, Status> {
        let done = self.door.mutate("DrainHost", request, Command::DrainHost).await?;
        let Told::Host(host) = done.value.clone() else { return Err(misfit("DrainHost")) };
        Ok(Response::new(done.map(|_| host).into()))
    }

    async fn fence_host(
        &self,
        request: Request<v1::FenceHostRequest>,
    ) -> Result<Response<v1::FenceHostResponse>, Status> {
        let done = self.door.mutate("FenceHost", request, Command::FenceHost).await?;
        let Told::Host(host) = done.value.clone() else { return Err(misfit("FenceHost")) };
        Ok(Response::new(done.map(|_| host).into()))
    }

    async fn reconcile_host(
        &self,
        request: Request<v1::ReconcileHostRequest>,
    ) -> Result<Response<v1::ReconcileHostResponse>, Status> {
        let done = self.door.mutate("ReconcileHost", request, Command::ReconcileHost).await?;
        let Told::Reconciled(found) = done.value.clone() else { return Err(misfit("ReconcileHost")) };
        Ok(Response::new(done.map(|_| found).into()))
    }

    async fn get_host(
        &self,
        request: Request<v1::GetHostRequest>,
    ) -> Result<Response<v1::GetHostResponse>, Status> {
        let (name, state) = self.door.query::<_, HostName>(request).await?;
        let host = state.host(&name).ok_or_else(|| missing(Subject::Host(name)))?;
        Ok(Response::new(answer(&state, self.contacts.known(host)).into()))
    }

    async fn list_hosts(
        &self,
        request: Request<v1::ListHostsRequest>,
    ) -> Result<Response<v1::ListHostsResponse>, Status> {
        let (spec, state) = self.door.query::<_, PageSpec>(request).await?;
        let hosts = state.hosts().map(|host| (host.spec.name.to_string(), host));
        let page = page(hosts, &spec);
        let items = page.items.into_iter().map(|host| self.contacts.known(host)).collect();
        Ok(Response::new(answer(&state, Page { items, next: page.next }).into()))
    }

    async fn heartbeat_host(
        &self,
        request: Request<v1::HeartbeatHostRequest>,
    ) -> Result<Response<v1::HeartbeatHostResponse>, Status> {
        let (heartbeat, state) = self.door.query::<_, Heartbeat>(request).await?;
        state.check_agent(&heartbeat.agent).map_err(|rejection| status(&Problem::from(&rejection)))?;
        self.contacts.hear(&heartbeat).map_err(|NotLeading| {
            let problem = Problem::new(Reason::LeaderChanged, "this member does not lead any more");
            status(&problem.hint("try again").retry_after(TRY_AGAIN))
        })?;
        Ok(Response::new(answer(&state, ()).into()))
    }

    async fn delete_host(
        &self,
        request: Request<v1::DeleteHostRequest>,
    ) -> Result<Response<v1::DeleteHostResponse>, Status> {
        let mut deleted = None;
        let command = |wish: Deletion<HostName>| {
            deleted = Some(wish.name.clone());
            Command::DeleteHost(wish.name, wish.missing)
        };
        let done = self.door.mutate("DeleteHost", request, command).await?;
        // If it was only looked at what would happen, the host's next word brings it back.
        deleted.iter().for_each(|host| self.contacts.forget(host));
        Ok(Response::new(done.map(drop).into()))
    }
}
