//! Requests about values that are in use by somebody else.

use allocd_types::decline::{DeclineSpec, LeasePart};
use allocd_types::page::PageSpec;
use allocd_types::value::Value;
use allocd_types::violation::Violations;

use super::{Mutation, Query, page, page_fields};
use crate::read::{ip, required};
use crate::v1::decline_lease_request::Part;
use crate::{lease, v1};

impl TryFrom<v1::DeclineLeaseRequest> for Mutation<DeclineSpec> {
    type Error = Violations;

    fn try_from(request: v1::DeclineLeaseRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let lease = lease::reference(&request.name, request.holder, &mut wrong);
        let generation = required(request.generation, "generation", &mut wrong);
        let part = part(request.part, &mut wrong);
        let evidence = required(request.evidence, "evidence", &mut wrong);
        let wish = lease.zip(generation).zip(part).zip(evidence);
        let wish = wish.map(|(((lease, generation), part), evidence)| DeclineSpec {
            lease,
            generation,
            part,
            evidence,
        });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

fn part(part: Option<Part>, wrong: &mut Violations) -> Option<LeasePart> {
    match part {
        Some(Part::Index(true)) => Some(LeasePart::Index),
        Some(Part::Macs(true)) => Some(LeasePart::Macs),
        Some(Part::Address(address)) => ip(&address, "address", wrong).map(LeasePart::Address),
        Some(Part::Index(false) | Part::Macs(false)) | None => {
            wrong.add("part", "names no value of the lease: say index, macs or address");
            None
        }
    }
}

impl From<Mutation<DeclineSpec>> for v1::DeclineLeaseRequest {
    fn from(mutation: Mutation<DeclineSpec>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let DeclineSpec { lease, generation, part, evidence } = mutation.wish;
        let (name, holder) = lease::reference_fields(lease);
        let part = match part {
            LeasePart::Index => Part::Index(true),
            LeasePart::Macs => Part::Macs(true),
            LeasePart::Address(address) => Part::Address(address.to_string()),
        };
        let (generation, evidence) = (Some(generation.into()), Some(evidence.into()));
        Self { request_id, validate_only, name, holder, generation, part: Some(part), evidence }
    }
}

impl TryFrom<v1::ListDeclinesRequest> for Query<PageSpec> {
    type Error = Violations;

    fn try_from(request: v1::ListDeclinesRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let wish = page(request.page_size, &request.page_token, &mut wrong);
        Self::finish(request.allow_stale, wish, wrong)
    }
}

impl From<Query<PageSpec>> for v1::ListDeclinesRequest {
    fn from(query: Query<PageSpec>) -> Self {
        let (page_size, page_token) = page_fields(&query.wish);
        Self { page_size, page_token, allow_stale: query.allow_stale() }
    }
}

impl TryFrom<v1::ClearDeclineRequest> for Mutation<Value> {
    type Error = Violations;

    fn try_from(request: v1::ClearDeclineRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let wish = required(request.value, "value", &mut wrong);
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<Value>> for v1::ClearDeclineRequest {
    fn from(mutation: Mutation<Value>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        Self { request_id, validate_only, value: Some(mutation.wish.into()) }
    }
}
