//! What allocd is asked for, by the generated client itself: nothing is repeated behind the bench's back.

use allocd_proto::v1;
use allocd_proto::v1::batch_item::Outcome;
use allocd_proto::v1::lease_service_client::LeaseServiceClient;
use allocd_proto::v1::reservation_service_client::ReservationServiceClient;
use tonic::Status;
use tonic::transport::Channel;

use super::furniture::{Pool, allocation};
use crate::bench::load::Work;
use crate::bench::names::Names;

/// How many leases a batch asks for.
pub(in crate::bench) const LEASES_PER_BATCH: usize = 100;

/// Allocates leases, one a call.
pub(in crate::bench) struct Allocate {
    client: LeaseServiceClient<Channel>,
    pool: Pool,
    names: Names,
}

impl Allocate {
    pub(in crate::bench) fn new(channel: Channel, pool: Pool) -> Self {
        Self { client: LeaseServiceClient::new(channel), pool, names: Names::new() }
    }

    async fn allocate(&mut self) -> Result<v1::Lease, Status> {
        let wish = allocation(&self.pool, self.names.holder());
        let request = v1::AllocateLeaseRequest {
            request_id: self.names.request_id(),
            allocation: Some(wish),
            validate_only: false,
        };
        let answer = self.client.allocate_lease(request).await?.into_inner();
        answer.lease.ok_or_else(|| Status::internal("an answer without a lease"))
    }
}

impl Work for Allocate {
    async fn call(&mut self) -> Result<u32, Status> {
        self.allocate().await.map(|_| 0)
    }
}

/// Allocates a lease, and gives it back outside the measure: the pool stays as full as it is.
pub(in crate::bench) struct Turn {
    inner: Allocate,
    name: Option<String>,
}

impl Turn {
    pub(in crate::bench) fn new(channel: Channel, pool: Pool) -> Self {
        Self { inner: Allocate::new(channel, pool), name: None }
    }
}

impl Work for Turn {
    async fn call(&mut self) -> Result<u32, Status> {
        self.name = Some(self.inner.allocate().await?.name);
        Ok(0)
    }

    async fn undo(&mut self) -> Result<(), Status> {
        let Some(name) = self.name.take() else { return Ok(()) };
        let request = v1::ReleaseLeaseRequest { name, ..v1::ReleaseLeaseRequest::default() };
        self.inner.client.release_lease(request).await.map(drop)
    }
}

/// Allocates the one value that is left; then the next of some exclusions ends, outside the measure.
pub(in crate::bench) struct Last {
    inner: Allocate,
    exclusions: ReservationServiceClient<Channel>,
    spares: std::vec::IntoIter<String>,
}

impl Last {
    pub(in crate::bench) fn new(channel: Channel, pool: Pool, spares: Vec<String>) -> Self {
        let exclusions = ReservationServiceClient::new(channel.clone());
        Self { inner: Allocate::new(channel, pool), exclusions, spares: spares.into_iter() }
    }
}

impl Work for Last {
    async fn call(&mut self) -> Result<u32, Status> {
        self.inner.call().await
    }

    async fn undo(&mut self) -> Result<(), Status> {
        let Some(name) = self.spares.next() else { return Ok(()) };
        let request = v1::DeleteExclusionRequest { name, ..v1::DeleteExclusionRequest::default() };
        self.exclusions.delete_exclusion(request).await.map(drop)
    }
}

/// Allocates leases, a hundred a call.
pub(in crate::bench) struct Batch {
    client: LeaseServiceClient<Channel>,
    pool: Pool,
    names: Names,
}

impl Batch {
    pub(in crate::bench) fn new(channel: Channel, pool: Pool) -> Self {
        Self { client: LeaseServiceClient::new(channel), pool, names: Names::new() }
    }

    /// Allocates so many, and says who holds them.
    pub(in crate::bench) async fn allocate(&mut self, leases: usize) -> Result<Vec<v1::Holder>, Status> {
        let holders: Vec<v1::Holder> = (0..leases).map(|_| self.names.holder()).collect();
        let request = v1::BatchAllocateLeasesRequest {
            request_id: self.names.request_id(),
            allocations: holders.iter().map(|holder| allocation(&self.pool, holder.clone())).collect(),
            ..v1::BatchAllocateLeasesRequest::default()
        };
        let answer = self.client.batch_allocate_leases(request).await?.into_inner();
        let granted = answer.items.iter().filter(|item| matches!(item.outcome, Some(Outcome::Granted(_))));
        if granted.count() == leases {
            Ok(holders)
        } else {
            Err(Status::internal("a batch was granted in part"))
        }
    }
}

impl Work for Batch {
    async fn call(&mut self) -> Result<u32, Status> {
        self.allocate(LEASES_PER_BATCH).await.map(|_| 0)
    }
}

/// Makes leases to read, and says whose they are.
pub(in crate::bench) async fn holders_to_read(
    channel: Channel,
    pool: &Pool,
    count: usize,
) -> Result<Vec<v1::Holder>, Status> {
    Batch::new(channel, pool.clone()).allocate(count).await
}

/// Reads leases by their holders in turn, linearizably.
pub(in crate::bench) struct Get {
    client: LeaseServiceClient<Channel>,
    holders: std::iter::Cycle<std::vec::IntoIter<v1::Holder>>,
}

impl Get {
    /// `first` is where among the holders it begins.
    pub(in crate::bench) fn new(channel: Channel, mut holders: Vec<v1::Holder>, first: usize) -> Self {
        let first = first % holders.len().max(1);
        holders.rotate_left(first);
        Self { client: LeaseServiceClient::new(channel), holders: holders.into_iter().cycle() }
    }
}

impl Work for Get {
    async fn call(&mut self) -> Result<u32, Status> {
        let holder = self.holders.next().ok_or_else(|| Status::not_found("there are no leases to read"))?;
        let request = v1::GetLeaseRequest { holder: Some(holder), ..v1::GetLeaseRequest::default() };
        self.client.get_lease(request).await.map(|_| 0)
    }
}
