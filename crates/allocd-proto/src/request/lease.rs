//! Requests about leases.

use allocd_types::allocation::{AllocationSpec, LeaseRef, ReleaseSpec, RenewalSpec, Teardown};
use allocd_types::filter::LeaseFilter;
use allocd_types::grant::BatchMode;
use allocd_types::limits::BATCH_SIZE_MAX;
use allocd_types::lookup::LeaseQuery;
use allocd_types::time::Span;
use allocd_types::value::Value;
use allocd_types::violation::Violations;

use super::{Mutation, Query, allow_missing, missing, page, page_fields};
use crate::read::{Read, bounded, list, optional, required};
use crate::{lease, lookup, span, v1};
use allocd_types::request::{Batch, LeaseListing};

impl TryFrom<v1::AllocateLeaseRequest> for Mutation<AllocationSpec> {
    type Error = Violations;

    fn try_from(request: v1::AllocateLeaseRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let wish = required(request.allocation, "allocation", &mut wrong);
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<AllocationSpec>> for v1::AllocateLeaseRequest {
    fn from(mutation: Mutation<AllocationSpec>) -> Self {
        Self {
            request_id: mutation.request_id_text(),
            validate_only: mutation.validate_only(),
            allocation: Some(mutation.wish.into()),
        }
    }
}

impl TryFrom<v1::BatchAllocateLeasesRequest> for Mutation<Batch<AllocationSpec>> {
    type Error = Violations;

    fn try_from(request: v1::BatchAllocateLeasesRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        if request.allocations.is_empty() {
            wrong.add("allocations", "is empty");
        }
        bounded(request.allocations.len(), BATCH_SIZE_MAX, "allocations", &mut wrong);
        // Beyond the bound nothing is read: what is wrong there would only make the answer as large as the request.
        let bounded = request.allocations.into_iter().take(BATCH_SIZE_MAX);
        let items = list(bounded, "allocations", &mut wrong, |item, field, wrong| item.read(field, wrong));
        let mode = if request.partial_ok { BatchMode::PartialOk } else { BatchMode::AllOrNothing };
        let wish = items.map(|items| Batch { items, mode });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<Batch<AllocationSpec>>> for v1::BatchAllocateLeasesRequest {
    fn from(mutation: Mutation<Batch<AllocationSpec>>) -> Self {
        Self {
            request_id: mutation.request_id_text(),
            validate_only: mutation.validate_only(),
            partial_ok: match mutation.wish.mode {
                BatchMode::AllOrNothing => false,
                BatchMode::PartialOk => true,
            },
            allocations: mutation.wish.items.into_iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<v1::GetLeaseRequest> for Query<LeaseRef> {
    type Error = Violations;

    fn try_from(request: v1::GetLeaseRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let wish = lease::reference(&request.name, request.holder, &mut wrong);
        Self::finish(request.allow_stale, wish, wrong)
    }
}

impl From<Query<LeaseRef>> for v1::GetLeaseRequest {
    fn from(query: Query<LeaseRef>) -> Self {
        let allow_stale = query.allow_stale();
        let (name, holder) = lease::reference_fields(query.wish);
        Self { name, holder, allow_stale }
    }
}

impl TryFrom<v1::ListLeasesRequest> for Query<LeaseListing> {
    type Error = Violations;

    fn try_from(request: v1::ListLeasesRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let page = page(request.page_size, &request.page_token, &mut wrong);
        let filter = LeaseFilter::parse("filter", &request.filter, &mut wrong);
        let wish = page.zip(filter).map(|(page, filter)| LeaseListing { page, filter });
        Self::finish(request.allow_stale, wish, wrong)
    }
}

impl From<Query<LeaseListing>> for v1::ListLeasesRequest {
    fn from(query: Query<LeaseListing>) -> Self {
        let (page_size, page_token) = page_fields(&query.wish.page);
        let filter = query.wish.filter.to_string();
        Self { page_size, page_token, filter, allow_stale: query.allow_stale() }
    }
}

impl TryFrom<v1::RenewLeaseRequest> for Mutation<RenewalSpec> {
    type Error = Violations;

    fn try_from(request: v1::RenewLeaseRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let lease = lease::reference(&request.name, request.holder, &mut wrong);
        let generation = optional(request.generation, "generation", &mut wrong);
        let ttl = span::ttl(request.ttl_ms, "ttl_ms", &mut wrong);
        let wish = lease.zip(generation).zip(ttl).map(|((lease, generation), ttl)| RenewalSpec {
            lease,
            generation,
            ttl,
        });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<RenewalSpec>> for v1::RenewLeaseRequest {
    fn from(mutation: Mutation<RenewalSpec>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let RenewalSpec { lease, generation, ttl } = mutation.wish;
        let (name, holder) = lease::reference_fields(lease);
        Self {
            request_id,
            name,
            holder,
            generation: generation.map(Into::into),
            ttl_ms: ttl.map(Span::millis),
            validate_only,
        }
    }
}

impl TryFrom<v1::ReleaseLeaseRequest> for Mutation<ReleaseSpec> {
    type Error = Violations;

    fn try_from(request: v1::ReleaseLeaseRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let lease = lease::reference(&request.name, request.holder, &mut wrong);
        let generation = optional(request.generation, "generation", &mut wrong);
        let missing = missing(request.allow_missing);
        let teardown = if request.force { Teardown::Stated } else { Teardown::Awaited };
        let wish = lease.zip(generation);
        let wish = wish.map(|(lease, generation)| ReleaseSpec { lease, generation, missing, teardown });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<ReleaseSpec>> for v1::ReleaseLeaseRequest {
    fn from(mutation: Mutation<ReleaseSpec>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let ReleaseSpec { lease, generation, missing, teardown } = mutation.wish;
        let (name, holder) = lease::reference_fields(lease);
        Self {
            request_id,
            name,
            holder,
            generation: generation.map(Into::into),
            allow_missing: allow_missing(missing),
            force: match teardown {
                Teardown::Awaited => false,
                Teardown::Stated => true,
            },
            validate_only,
        }
    }
}

impl TryFrom<v1::LookupLeaseRequest> for Query<LeaseQuery> {
    type Error = Violations;

    fn try_from(request: v1::LookupLeaseRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let wish = lookup::query(request.query, &mut wrong);
        Self::finish(request.allow_stale, wish, wrong)
    }
}

impl From<Query<LeaseQuery>> for v1::LookupLeaseRequest {
    fn from(query: Query<LeaseQuery>) -> Self {
        Self { allow_stale: query.allow_stale(), query: Some(lookup::message(query.wish)) }
    }
}

impl TryFrom<v1::ExplainValueRequest> for Query<Value> {
    type Error = Violations;

    fn try_from(request: v1::ExplainValueRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let wish = required(request.value, "value", &mut wrong);
        Self::finish(request.allow_stale, wish, wrong)
    }
}

impl From<Query<Value>> for v1::ExplainValueRequest {
    fn from(query: Query<Value>) -> Self {
        Self { allow_stale: query.allow_stale(), value: Some(query.wish.into()) }
    }
}
