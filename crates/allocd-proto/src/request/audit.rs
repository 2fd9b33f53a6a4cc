//! Questions for who did what.

use allocd_types::audit::{AuditFilter, AuditListing};
use allocd_types::id::Caller;
use allocd_types::violation::Violations;

use super::{Query, page, page_fields};
use crate::{span, v1};

impl TryFrom<v1::ListAuditRequest> for Query<AuditListing> {
    type Error = Violations;

    fn try_from(request: v1::ListAuditRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let page = page(request.page_size, &request.page_token, &mut wrong);
        let caller = match request.caller.as_str() {
            "" => Some(None),
            caller => wrong.keep("caller", Caller::new(caller)).map(Some),
        };
        let since = match request.since {
            None => Some(None),
            Some(since) => span::wall(Some(since), "since", &mut wrong).map(Some),
        };
        let resource = request.resource;
        let wish = page.zip(caller).zip(since).map(|((page, caller), since)| AuditListing {
            page,
            filter: AuditFilter { caller, resource, since },
        });
        Self::finish(request.allow_stale, wish, wrong)
    }
}

impl From<Query<AuditListing>> for v1::ListAuditRequest {
    fn from(query: Query<AuditListing>) -> Self {
        let allow_stale = query.allow_stale();
        let AuditListing { page, filter: AuditFilter { caller, resource, since } } = query.wish;
        let (page_size, page_token) = page_fields(&page);
        Self {
            page_size,
            page_token,
            caller: caller.map(|caller| caller.to_string()).unwrap_or_default(),
            resource,
            since: since.map(span::timestamp),
            allow_stale,
        }
    }
}
