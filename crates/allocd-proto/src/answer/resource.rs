//! Answers about the resources that operators make.

use allocd_types::exclusion::ExclusionSpec;
use allocd_types::host::Host;
use allocd_types::id::Revision;
use allocd_types::network::NetworkSpec;
use allocd_types::page::Page;
use allocd_types::pool::PoolSpec;
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::ClusterTime;
use allocd_types::usage::Usage;
use allocd_types::violation::Violations;

use crate::read::{Read, list, next_page, required};
use crate::v1;
use allocd_types::answer::{Answer, MadeExclusion};

/// Answers that carry one resource.
macro_rules! tells {
    ($($response:ident, $field:ident: $word:ty;)*) => {$(
        impl TryFrom<v1::$response> for Answer<$word> {
            type Error = Violations;

            fn try_from(response: v1::$response) -> Result<Self, Violations> {
                let mut wrong = Violations::default();
                let value = required(response.$field, stringify!($field), &mut wrong);
                Ok(Self {
                    value: wrong.finish(value)?,
                    revision: Revision::new(response.revision),
                    now: ClusterTime::from_millis(response.cluster_time_ms),
                })
            }
        }

        impl From<Answer<$word>> for v1::$response {
            fn from(answer: Answer<$word>) -> Self {
                Self {
                    $field: Some(answer.value.into()),
                    revision: answer.revision.get(),
                    cluster_time_ms: answer.now.millis(),
                }
            }
        }
    )*};
}
pub(super) use tells;

tells! {
    CreateNetworkResponse, network: NetworkSpec;
    UpdateNetworkResponse, network: NetworkSpec;
    GetNetworkResponse, network: NetworkSpec;
    CreatePoolResponse, pool: PoolSpec;
    UpdatePoolResponse, pool: PoolSpec;
    GetPoolResponse, pool: PoolSpec;
    CreateHostResponse, host: Host;
    RegisterHostResponse, host: Host;
    CreateReservationResponse, reservation: ReservationSpec;
    GetReservationResponse, reservation: ReservationSpec;
    GetExclusionResponse, exclusion: ExclusionSpec;
    GetUsageResponse, usage: Usage;
}

/// Answers that carry a page.
macro_rules! tells_a_page {
    ($($response:ident, $field:ident: $word:ty;)*) => {$(
        impl TryFrom<v1::$response> for Answer<Page<$word>> {
            type Error = Violations;

            fn try_from(response: v1::$response) -> Result<Self, Violations> {
                let mut wrong = Violations::default();
                let items = list(response.$field, stringify!($field), &mut wrong, |item, field, wrong| {
                    item.read(field, wrong)
                });
                let next = next_page(&response.next_page_token, &mut wrong);
                Ok(Self {
                    value: wrong.finish(items.map(|items| Page { items, next }))?,
                    revision: Revision::new(response.revision),
                    now: ClusterTime::from_millis(response.cluster_time_ms),
                })
            }
        }

        impl From<Answer<Page<$word>>> for v1::$response {
            fn from(answer: Answer<Page<$word>>) -> Self {
                Self {
                    $field: answer.value.items.into_iter().map(Into::into).collect(),
                    next_page_token: answer.value.next.map(|token| token.to_string()).unwrap_or_default(),
                    revision: answer.revision.get(),
                    cluster_time_ms: answer.now.millis(),
                }
            }
        }
    )*};
}
pub(super) use tells_a_page;

tells_a_page! {
    ListNetworksResponse, networks: NetworkSpec;
    ListPoolsResponse, pools: PoolSpec;
    ListReservationsResponse, reservations: ReservationSpec;
    ListExclusionsResponse, exclusions: ExclusionSpec;
    ListUsagesResponse, usages: Usage;
}

/// Answers that only say when.
macro_rules! tells_nothing {
    ($($response:ident;)*) => {$(
        impl From<v1::$response> for Answer<()> {
            fn from(response: v1::$response) -> Self {
                Self {
                    value: (),
                    revision: Revision::new(response.revision),
                    now: ClusterTime::from_millis(response.cluster_time_ms),
                }
            }
        }

        impl From<Answer<()>> for v1::$response {
            fn from(answer: Answer<()>) -> Self {
                Self { revision: answer.revision.get(), cluster_time_ms: answer.now.millis() }
            }
        }
    )*};
}

pub(super) use tells_nothing;

tells_nothing! {
    DeleteNetworkResponse;
    DeletePoolResponse;
    DeleteHostResponse;
    DeleteReservationResponse;
    DeleteExclusionResponse;
}

impl TryFrom<v1::CreateExclusionResponse> for Answer<MadeExclusion> {
    type Error = Violations;

    fn try_from(response: v1::CreateExclusionResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let exclusion = required(response.exclusion, "exclusion", &mut wrong);
        let leased = response.leased;
        Ok(Self {
            value: wrong.finish(exclusion.map(|exclusion| MadeExclusion { exclusion, leased }))?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<MadeExclusion>> for v1::CreateExclusionResponse {
    fn from(answer: Answer<MadeExclusion>) -> Self {
        Self {
            exclusion: Some(answer.value.exclusion.into()),
            leased: answer.value.leased,
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}
