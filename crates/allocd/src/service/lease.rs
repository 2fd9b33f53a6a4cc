//! LeaseService.

use std::pin::Pin;
use std::sync::Arc;

use allocd_proto::v1;
use allocd_proto::v1::lease_service_server::LeaseService;
use allocd_state::command::Command;
use allocd_state::record::LeaseRecord;
use allocd_state::response::Response as Told;
use allocd_state::state::State;
use allocd_types::allocation::{AllocationSpec, LeaseRef};
use allocd_types::answer::{Answer, Confirmed, Released};
use allocd_types::grant::Granted;
use allocd_types::id::{LeaseId, Revision};
use allocd_types::lookup::LeaseQuery;
use allocd_types::page::{Page, PageSpec, PageToken};
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::rejection::Subject;
use allocd_types::request::{Batch, LeaseListing};
use allocd_types::value::Value;
use allocd_types::violation::Violations;
use futures::Stream;
use tokio::task::spawn_blocking;
use tonic::{Request, Response, Status};

use super::page::page;
use super::watch::watch;
use crate::door::{Door, answer, misfit};
use crate::lookup::missing;
use crate::phase::Phases;
use crate::watch_hub::WatchHub;

/// Leases.
#[derive(Clone)]
pub(crate) struct Leases {
    pub(crate) door: Door,
    pub(crate) hub: Arc<WatchHub>,
    pub(crate) phases: Phases,
}

#[tonic::async_trait]
impl LeaseService for Leases {
    async fn allocate_lease(
        &self,
        request: Request<v1::AllocateLeaseRequest>,
    ) -> Result<Response<v1::AllocateLeaseResponse>, Status> {
        let Answer { value, revision, now } =
            self.door.mutate("AllocateLease", request, Command::Allocate).await?;
        let Told::Lease(granted) = value else { return Err(misfit("AllocateLease")) };
        Ok(Response::new(Answer { value: granted, revision, now }.into()))
    }

    async fn batch_allocate_leases(
        &self,
        request: Request<v1::BatchAllocateLeasesRequest>,
    ) -> Result<Response<v1::BatchAllocateLeasesResponse>, Status> {
        let command = |wish: Batch<AllocationSpec>| Command::BatchAllocate(wish.items, wish.mode);
        let Answer { value, revision, now } =
            self.door.mutate("BatchAllocateLeases", request, command).await?;
        let Told::Batch(results) = value else { return Err(misfit("BatchAllocateLeases")) };
        let results = results.into_iter().map(|result| result.map_err(|rejection| Problem::from(&rejection)));
        let value: Vec<Result<Granted, Problem>> = results.collect();
        Ok(Response::new(Answer { value, revision, now }.into()))
    }

    async fn get_lease(
        &self,
        request: Request<v1::GetLeaseRequest>,
    ) -> Result<Response<v1::GetLeaseResponse>, Status> {
        let (name, state) = self.door.query::<_, LeaseRef>(request).await?;
        let record = state.find(&name).ok_or_else(|| missing(Subject::Lease(name)))?;
        Ok(Response::new(answer(&state, state.told(record)).into()))
    }

    async fn list_leases(
        &self,
        request: Request<v1::ListLeasesRequest>,
    ) -> Result<Response<v1::ListLeasesResponse>, Status> {
        let (listing, state) = self.door.query::<_, LeaseListing>(request).await?;
        // A filter may pass over all leases there are.
        let page = spawn_blocking(move || Ok(answer(&state, list(&state, &listing)?)));
        let page: Result<_, Status> = page.await.map_err(|_| misfit("ListLeases"))?;
        Ok(Response::new(page?.into()))
    }

    async fn renew_lease(
        &self,
        request: Request<v1::RenewLeaseRequest>,
    ) -> Result<Response<v1::RenewLeaseResponse>, Status> {
        let Answer { value, revision, now } = self.door.mutate("RenewLease", request, Command::Renew).await?;
        let Told::Lease(granted) = value else { return Err(misfit("RenewLease")) };
        Ok(Response::new(Answer { value: granted.lease, revision, now }.into()))
    }

    async fn release_lease(
        &self,
        request: Request<v1::ReleaseLeaseRequest>,
    ) -> Result<Response<v1::ReleaseLeaseResponse>, Status> {
        let Answer { value, revision, now } =
            self.door.mutate("ReleaseLease", request, Command::Release).await?;
        let Told::Released { lease, is_awaited } = value else { return Err(misfit("ReleaseLease")) };
        Ok(Response::new(Answer { value: Released { lease, is_awaited }, revision, now }.into()))
    }

    async fn bind_lease(
        &self,
        request: Request<v1::BindLeaseRequest>,
    ) -> Result<Response<v1::BindLeaseResponse>, Status> {
        let Answer { value, revision, now } =
            self.door.mutate("BindLease", request, Command::BindLease).await?;
        let Told::Lease(granted) = value else { return Err(misfit("BindLease")) };
        Ok(Response::new(Answer { value: granted.lease, revision, now }.into()))
    }

    async fn confirm_teardown(
        &self,
        request: Request<v1::ConfirmTeardownRequest>,
    ) -> Result<Response<v1::ConfirmTeardownResponse>, Status> {
        let Answer { value, revision, now } =
            self.door.mutate("ConfirmTeardown", request, Command::ConfirmTeardown).await?;
        let value = if let Told::Released { lease, is_awaited: _ } = value {
            Confirmed::Ended(lease)
        } else if let Told::Lease(granted) = value {
            Confirmed::Moved(Box::new(granted.lease))
        } else {
            return Err(misfit("ConfirmTeardown"));
        };
        Ok(Response::new(Answer { value, revision, now }.into()))
    }

    async fn adopt_lease(
        &self,
        request: Request<v1::AdoptLeaseRequest>,
    ) -> Result<Response<v1::AdoptLeaseResponse>, Status> {
        let Answer { value, revision, now } =
            self.door.mutate("AdoptLease", request, Command::AdoptLease).await?;
        let Told::Lease(granted) = value else { return Err(misfit("AdoptLease")) };
        Ok(Response::new(Answer { value: granted.lease, revision, now }.into()))
    }

    async fn move_lease(
        &self,
        request: Request<v1::MoveLeaseRequest>,
    ) -> Result<Response<v1::MoveLeaseResponse>, Status> {
        let Answer { value, revision, now } =
            self.door.mutate("MoveLease", request, Command::MoveLease).await?;
        let Told::Lease(granted) = value else { return Err(misfit("MoveLease")) };
        Ok(Response::new(Answer { value: granted.lease, revision, now }.into()))
    }

    async fn cancel_move(
        &self,
        request: Request<v1::CancelMoveRequest>,
    ) -> Result<Response<v1::CancelMoveResponse>, Status> {
        let Answer { value, revision, now } =
            self.door.mutate("CancelMove", request, Command::CancelMove).await?;
        let Told::Lease(granted) = value else { return Err(misfit("CancelMove")) };
        Ok(Response::new(Answer { value: granted.lease, revision, now }.into()))
    }

    async fn decline_lease(
        &self,
        request: Request<v1::DeclineLeaseRequest>,
    ) -> Result<Response<v1::DeclineLeaseResponse>, Status> {
        let Answer { value, revision, now } =
            self.door.mutate("DeclineLease", request, Command::DeclineLease).await?;
        let Told::Declined(value) = value else { return Err(misfit("DeclineLease")) };
        Ok(Response::new(Answer { value, revision, now }.into()))
    }

    async fn list_declines(
        &self,
        request: Request<v1::ListDeclinesRequest>,
    ) -> Result<Response<v1::ListDeclinesResponse>, Status> {
        let (spec, state) = self.door.query::<_, PageSpec>(request).await?;
        // Pages go by what values are called, and there are never many.
        let mut declines: Vec<_> =
            state.declines().map(|decline| (decline.value.to_string(), decline)).collect();
        declines.sort_by(|(one, _), (other, _)| one.cmp(other));
        let found = page(declines.into_iter(), &spec);
        let items = found.items.into_iter().map(|decline| (**decline).clone()).collect();
        Ok(Response::new(answer(&state, Page { items, next: found.next }).into()))
    }

    async fn clear_decline(
        &self,
        request: Request<v1::ClearDeclineRequest>,
    ) -> Result<Response<v1::ClearDeclineResponse>, Status> {
        let done = self.door.mutate("ClearDecline", request, Command::ClearDecline).await?;
        Ok(Response::new(done.map(drop).into()))
    }

    async fn lookup_lease(
        &self,
        request: Request<v1::LookupLeaseRequest>,
    ) -> Result<Response<v1::LookupLeaseResponse>, Status> {
        let (query, state) = self.door.query::<_, LeaseQuery>(request).await?;
        let record = find(&state, &query).ok_or_else(|| {
            let problem = Problem::new(Reason::LeaseNotFound, format!("no lease holds {query}"))
                .hint(format!("see what is known about it: `allocctl why {query}`"));
            allocd_proto::status::status(&problem)
        })?;
        Ok(Response::new(answer(&state, state.told(record)).into()))
    }

    async fn explain_value(
        &self,
        request: Request<v1::ExplainValueRequest>,
    ) -> Result<Response<v1::ExplainValueResponse>, Status> {
        let (value, state) = self.door.query::<_, Value>(request).await?;
        if let Value::Index(host, ..) = &value
            && state.host(host).is_none()
        {
            return Err(missing(Subject::Host(host.clone())));
        }
        Ok(Response::new(answer(&state, state.explain(&value)).into()))
    }

    type WatchLeasesStream = Pin<Box<dyn Stream<Item = Result<v1::WatchLeasesResponse, Status>> + Send>>;

    async fn watch_leases(
        &self,
        request: Request<v1::WatchLeasesRequest>,
    ) -> Result<Response<Self::WatchLeasesStream>, Status> {
        let from = Revision::new(request.into_inner().from_revision);
        let subscription =
            self.hub.subscribe(from).map_err(|problem| allocd_proto::status::status(&problem))?;
        let (view, phases) = (Arc::clone(&self.door.view), self.phases.clone());
        Ok(Response::new(Box::pin(watch(subscription, self.hub.last(), view, phases))))
    }
}

fn find<'a>(state: &'a State, query: &LeaseQuery) -> Option<&'a LeaseRecord> {
    match query {
        LeaseQuery::Mac(mac) => state.lease_by_mac(*mac),
        LeaseQuery::Address(vrf, address) => state.lease_by_address(vrf, *address),
        LeaseQuery::Holder(holder) => state.lease_of(holder).map(|record| &**record),
        LeaseQuery::Interface(host, ifname) => state.lease_by_ifname(host, ifname),
    }
}

/// A page in the order of the leases' ids: what is there all along is told once, whatever comes and goes in between.
fn list(state: &State, listing: &LeaseListing) -> Result<Page<allocd_types::lease::Lease>, Status> {
    let after = match &listing.page.token {
        None => None,
        Some(token) => {
            let mut wrong = Violations::default();
            let id = wrong.keep("page_token", LeaseId::from_resource_name(token.as_str()));
            Some(wrong.finish(id).map_err(allocd_proto::status::refusal)?)
        }
    };
    let filter = &listing.filter;
    let found = state
        .page(after, listing.page.size(), |record| filter.is_all() || filter.matches(&state.told(record)));
    let items = found.leases.iter().map(|record| state.told(record)).collect();
    let next = found.next_after.and_then(|lease| PageToken::new(&lease.resource_name()).ok());
    Ok(Page { items, next })
}
