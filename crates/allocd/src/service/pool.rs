//! PoolService: pools, and how full every pool is.

use allocd_proto::v1;
use allocd_proto::v1::pool_service_server::PoolService;
use allocd_state::command::Command;
use allocd_state::response::Response as Told;
use allocd_types::name::PoolName;
use allocd_types::page::PageSpec;
use allocd_types::pool::PoolRef;
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::rejection::Subject;
use allocd_types::request::Deletion;
use tonic::{Request, Response, Status};

use super::page::page;
use crate::door::{Door, answer, misfit};
use crate::lookup::missing;

/// Pools.
#[derive(Clone)]
pub(crate) struct Pools(pub(crate) Door);

#[tonic::async_trait]
impl PoolService for Pools {
    async fn create_pool(
        &self,
        request: Request<v1::CreatePoolRequest>,
    ) -> Result<Response<v1::CreatePoolResponse>, Status> {
        let done = self.0.mutate("CreatePool", request, Command::CreatePool).await?;
        let Told::Pool(pool) = done.value.clone() else { return Err(misfit("CreatePool")) };
        Ok(Response::new(done.map(|_| pool).into()))
    }

    async fn update_pool(
        &self,
        request: Request<v1::UpdatePoolRequest>,
    ) -> Result<Response<v1::UpdatePoolResponse>, Status> {
        let done = self.0.mutate("UpdatePool", request, Command::UpdatePool).await?;
        let Told::Pool(pool) = done.value.clone() else { return Err(misfit("UpdatePool")) };
        Ok(Response::new(done.map(|_| pool).into()))
    }

    async fn get_pool(
        &self,
        request: Request<v1::GetPoolRequest>,
    ) -> Result<Response<v1::GetPoolResponse>, Status> {
        let (name, state) = self.0.query::<_, PoolName>(request).await?;
        let pool = state.pool(&name).ok_or_else(|| missing(Subject::Pool(name)))?;
        Ok(Response::new(answer(&state, (**pool).clone()).into()))
    }

    async fn list_pools(
        &self,
        request: Request<v1::ListPoolsRequest>,
    ) -> Result<Response<v1::ListPoolsResponse>, Status> {
        let (spec, state) = self.0.query::<_, PageSpec>(request).await?;
        let pools = state.pools().map(|pool| (pool.name.to_string(), (**pool).clone()));
        Ok(Response::new(answer(&state, page(pools, &spec)).into()))
    }

    async fn delete_pool(
        &self,
        request: Request<v1::DeletePoolRequest>,
    ) -> Result<Response<v1::DeletePoolResponse>, Status> {
        let command = |wish: Deletion<PoolName>| Command::DeletePool(wish.name, wish.missing);
        let done = self.0.mutate("DeletePool", request, command).await?;
        Ok(Response::new(done.map(drop).into()))
    }

    async fn get_usage(
        &self,
        request: Request<v1::GetUsageRequest>,
    ) -> Result<Response<v1::GetUsageResponse>, Status> {
        let (pool, state) = self.0.query::<_, PoolRef>(request).await?;
        let usage = state.usages().into_iter().find(|usage| usage.pool == pool).ok_or_else(|| {
            let problem = Problem::new(
                Reason::PoolNotFound,
                format!("there is no pool of {pool}, or nothing of it was ever held"),
            )
            .hint("see which there are: `allocctl pools usage`")
            .about("pool", &pool);
            allocd_proto::status::status(&problem)
        })?;
        Ok(Response::new(answer(&state, usage).into()))
    }

    async fn list_usages(
        &self,
        request: Request<v1::ListUsagesRequest>,
    ) -> Result<Response<v1::ListUsagesResponse>, Status> {
        let (spec, state) = self.0.query::<_, PageSpec>(request).await?;
        // Pools of all sorts have no name in common; their position is one while the list is read.
        let usages = state.usages().into_iter().enumerate().map(|(at, usage)| (format!("{at:010}"), usage));
        Ok(Response::new(answer(&state, page(usages, &spec)).into()))
    }
}
