//! Requests about the resources that operators make: five nouns, the same few verbs.

use allocd_types::exclusion::ExclusionSpec;
use allocd_types::host::HostSpec;
use allocd_types::name::{ExclusionName, HostName, NetworkName, PoolName, ReservationName};
use allocd_types::network::NetworkSpec;
use allocd_types::page::PageSpec;
use allocd_types::pool::{PoolRef, PoolSpec};
use allocd_types::reservation::ReservationSpec;
use allocd_types::violation::Violations;

use super::{Mutation, Query, allow_missing, deletion, page, page_fields};
use crate::read::{required, text};
use crate::{host, v1};
use allocd_types::request::Deletion;

/// A request to make or change: `request_id`, the resource, `validate_only`.
macro_rules! writes {
    ($request:ident, $field:ident: $spec:ty, $read:path) => {
        impl TryFrom<v1::$request> for Mutation<$spec> {
            type Error = Violations;

            fn try_from(request: v1::$request) -> Result<Self, Violations> {
                let mut wrong = Violations::default();
                let wish = $read(request.$field, stringify!($field), &mut wrong);
                Self::finish(&request.request_id, request.validate_only, wish, wrong)
            }
        }

        impl From<Mutation<$spec>> for v1::$request {
            fn from(mutation: Mutation<$spec>) -> Self {
                Self {
                    request_id: mutation.request_id_text(),
                    validate_only: mutation.validate_only(),
                    $field: Some(mutation.wish.into()),
                }
            }
        }
    };
}

writes!(CreateNetworkRequest, network: NetworkSpec, required);
writes!(UpdateNetworkRequest, network: NetworkSpec, required);
writes!(CreatePoolRequest, pool: PoolSpec, required);
writes!(UpdatePoolRequest, pool: PoolSpec, required);
writes!(CreateHostRequest, host: HostSpec, host::spec);
writes!(CreateReservationRequest, reservation: ReservationSpec, required);
writes!(CreateExclusionRequest, exclusion: ExclusionSpec, required);

/// A request to read, to list and to delete one noun.
macro_rules! reads_and_deletes {
    ($get:ident, $list:ident, $delete:ident: $name:ty) => {
        impl TryFrom<v1::$get> for Query<$name> {
            type Error = Violations;

            fn try_from(request: v1::$get) -> Result<Self, Violations> {
                let mut wrong = Violations::default();
                let wish = text(&request.name, "name", &mut wrong);
                Self::finish(request.allow_stale, wish, wrong)
            }
        }

        impl From<Query<$name>> for v1::$get {
            fn from(query: Query<$name>) -> Self {
                Self { allow_stale: query.allow_stale(), name: query.wish.to_string() }
            }
        }

        impl TryFrom<v1::$list> for Query<PageSpec> {
            type Error = Violations;

            fn try_from(request: v1::$list) -> Result<Self, Violations> {
                let mut wrong = Violations::default();
                let wish = page(request.page_size, &request.page_token, &mut wrong);
                Self::finish(request.allow_stale, wish, wrong)
            }
        }

        impl From<Query<PageSpec>> for v1::$list {
            fn from(query: Query<PageSpec>) -> Self {
                let (page_size, page_token) = page_fields(&query.wish);
                Self { page_size, page_token, allow_stale: query.allow_stale() }
            }
        }

        impl TryFrom<v1::$delete> for Mutation<Deletion<$name>> {
            type Error = Violations;

            fn try_from(request: v1::$delete) -> Result<Self, Violations> {
                let mut wrong = Violations::default();
                let wish = deletion(&request.name, request.allow_missing, &mut wrong);
                Self::finish(&request.request_id, request.validate_only, wish, wrong)
            }
        }

        impl From<Mutation<Deletion<$name>>> for v1::$delete {
            fn from(mutation: Mutation<Deletion<$name>>) -> Self {
                Self {
                    request_id: mutation.request_id_text(),
                    validate_only: mutation.validate_only(),
                    name: mutation.wish.name.to_string(),
                    allow_missing: allow_missing(mutation.wish.missing),
                }
            }
        }
    };
}

reads_and_deletes!(GetNetworkRequest, ListNetworksRequest, DeleteNetworkRequest: NetworkName);
reads_and_deletes!(GetPoolRequest, ListPoolsRequest, DeletePoolRequest: PoolName);
reads_and_deletes!(GetHostRequest, ListHostsRequest, DeleteHostRequest: HostName);
reads_and_deletes!(GetReservationRequest, ListReservationsRequest, DeleteReservationRequest: ReservationName);
reads_and_deletes!(GetExclusionRequest, ListExclusionsRequest, DeleteExclusionRequest: ExclusionName);

impl TryFrom<v1::GetUsageRequest> for Query<PoolRef> {
    type Error = Violations;

    fn try_from(request: v1::GetUsageRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let wish = required(request.pool, "pool", &mut wrong);
        Self::finish(request.allow_stale, wish, wrong)
    }
}

impl From<Query<PoolRef>> for v1::GetUsageRequest {
    fn from(query: Query<PoolRef>) -> Self {
        Self { allow_stale: query.allow_stale(), pool: Some(query.wish.into()) }
    }
}

impl TryFrom<v1::ListUsagesRequest> for Query<PageSpec> {
    type Error = Violations;

    fn try_from(request: v1::ListUsagesRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let wish = page(request.page_size, &request.page_token, &mut wrong);
        Self::finish(request.allow_stale, wish, wrong)
    }
}

impl From<Query<PageSpec>> for v1::ListUsagesRequest {
    fn from(query: Query<PageSpec>) -> Self {
        let (page_size, page_token) = page_fields(&query.wish);
        Self { page_size, page_token, allow_stale: query.allow_stale() }
    }
}
