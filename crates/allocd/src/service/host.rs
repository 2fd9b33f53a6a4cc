//! HostService.

use allocd_proto::v1;
use allocd_proto::v1::host_service_server::HostService;
use allocd_state::command::Command;
use allocd_state::response::Response as Told;
use allocd_types::name::HostName;
use allocd_types::page::PageSpec;
use allocd_types::rejection::Subject;
use allocd_types::request::Deletion;
use tonic::{Request, Response, Status};

use super::page::page;
use crate::door::{Door, answer, misfit};
use crate::lookup::missing;

/// Hosts.
#[derive(Clone)]
pub(crate) struct Hosts(pub(crate) Door);

#[tonic::async_trait]
impl HostService for Hosts {
    async fn create_host(
        &self,
        request: Request<v1::CreateHostRequest>,
    ) -> Result<Response<v1::CreateHostResponse>, Status> {
        let done = self.0.mutate("CreateHost", request, Command::CreateHost).await?;
        let Told::Host(host) = done.value.clone() else { return Err(misfit("CreateHost")) };
        Ok(Response::new(done.map(|_| host).into()))
    }

    async fn register_host(
        &self,
        request: Request<v1::RegisterHostRequest>,
    ) -> Result<Response<v1::RegisterHostResponse>, Status> {
        let done = self.0.mutate("RegisterHost", request, Command::RegisterHost).await?;
        let Told::Host(host) = done.value.clone() else { return Err(misfit("RegisterHost")) };
        Ok(Response::new(done.map(|_| host).into()))
    }

    async fn activate_host(
        &self,
        request: Request<v1::ActivateHostRequest>,
    ) -> Result<Response<v1::ActivateHostResponse>, Status> {
        let done = self.0.mutate("ActivateHost", request, Command::ActivateHost).await?;
        let Told::Host(host) = done.value.clone() else { return Err(misfit("ActivateHost")) };
        Ok(Response::new(done.map(|_| host).into()))
    }

    async fn drain_host(
        &self,
        request: Request<v1::DrainHostRequest>,
    ) -> Result<Response<v1::DrainHostResponse>, Status> {
        let done = self.0.mutate("DrainHost", request, Command::DrainHost).await?;
        let Told::Host(host) = done.value.clone() else { return Err(misfit("DrainHost")) };
        Ok(Response::new(done.map(|_| host).into()))
    }

    async fn fence_host(
        &self,
        request: Request<v1::FenceHostRequest>,
    ) -> Result<Response<v1::FenceHostResponse>, Status> {
        let done = self.0.mutate("FenceHost", request, Command::FenceHost).await?;
        let Told::Host(host) = done.value.clone() else { return Err(misfit("FenceHost")) };
        Ok(Response::new(done.map(|_| host).into()))
    }

    async fn reconcile_host(
        &self,
        request: Request<v1::ReconcileHostRequest>,
    ) -> Result<Response<v1::ReconcileHostResponse>, Status> {
        let done = self.0.mutate("ReconcileHost", request, Command::ReconcileHost).await?;
        let Told::Reconciled(found) = done.value.clone() else { return Err(misfit("ReconcileHost")) };
        Ok(Response::new(done.map(|_| found).into()))
    }

    async fn get_host(
        &self,
        request: Request<v1::GetHostRequest>,
    ) -> Result<Response<v1::GetHostResponse>, Status> {
        let (name, state) = self.0.query::<_, HostName>(request).await?;
        let host = state.host(&name).ok_or_else(|| missing(Subject::Host(name)))?;
        Ok(Response::new(answer(&state, host).into()))
    }

    async fn list_hosts(
        &self,
        request: Request<v1::ListHostsRequest>,
    ) -> Result<Response<v1::ListHostsResponse>, Status> {
        let (spec, state) = self.0.query::<_, PageSpec>(request).await?;
        let hosts = state.hosts().map(|host| (host.spec.name.to_string(), host));
        Ok(Response::new(answer(&state, page(hosts, &spec)).into()))
    }

    async fn delete_host(
        &self,
        request: Request<v1::DeleteHostRequest>,
    ) -> Result<Response<v1::DeleteHostResponse>, Status> {
        let command = |wish: Deletion<HostName>| Command::DeleteHost(wish.name, wish.missing);
        let done = self.0.mutate("DeleteHost", request, command).await?;
        Ok(Response::new(done.map(drop).into()))
    }
}
