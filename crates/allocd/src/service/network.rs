//! NetworkService.

use allocd_proto::v1;
use allocd_proto::v1::network_service_server::NetworkService;
use allocd_state::command::Command;
use allocd_state::response::Response as Told;
use allocd_types::name::NetworkName;
use allocd_types::page::PageSpec;
use allocd_types::rejection::Subject;
use allocd_types::request::Deletion;
use tonic::{Request, Response, Status};

use super::page::page;
use crate::door::{Door, answer, misfit};
use crate::lookup::missing;

/// Networks.
#[derive(Clone)]
pub(crate) struct Networks(pub(crate) Door);

#[tonic::async_trait]
impl NetworkService for Networks {
    async fn create_network(
        &self,
        request: Request<v1::CreateNetworkRequest>,
    ) -> Result<Response<v1::CreateNetworkResponse>, Status> {
        let done = self.0.mutate("CreateNetwork", request, Command::CreateNetwork).await?;
        let Told::Network(network) = done.value.clone() else { return Err(misfit("CreateNetwork")) };
        Ok(Response::new(done.map(|_| network).into()))
    }

    async fn update_network(
        &self,
        request: Request<v1::UpdateNetworkRequest>,
    ) -> Result<Response<v1::UpdateNetworkResponse>, Status> {
        let done = self.0.mutate("UpdateNetwork", request, Command::UpdateNetwork).await?;
        let Told::Network(network) = done.value.clone() else { return Err(misfit("UpdateNetwork")) };
        Ok(Response::new(done.map(|_| network).into()))
    }

    async fn get_network(
        &self,
        request: Request<v1::GetNetworkRequest>,
    ) -> Result<Response<v1::GetNetworkResponse>, Status> {
        let (name, state) = self.0.query::<_, NetworkName>(request).await?;
        let network = state.network(&name).ok_or_else(|| missing(Subject::Network(name)))?;
        Ok(Response::new(answer(&state, (**network).clone()).into()))
    }

    async fn list_networks(
        &self,
        request: Request<v1::ListNetworksRequest>,
    ) -> Result<Response<v1::ListNetworksResponse>, Status> {
        let (spec, state) = self.0.query::<_, PageSpec>(request).await?;
        let networks = state.networks().map(|network| (network.name.to_string(), (**network).clone()));
        Ok(Response::new(answer(&state, page(networks, &spec)).into()))
    }

    async fn delete_network(
        &self,
        request: Request<v1::DeleteNetworkRequest>,
    ) -> Result<Response<v1::DeleteNetworkResponse>, Status> {
        let command = |wish: Deletion<NetworkName>| Command::DeleteNetwork(wish.name, wish.missing);
        let done = self.0.mutate("DeleteNetwork", request, command).await?;
        Ok(Response::new(done.map(drop).into()))
    }
}
