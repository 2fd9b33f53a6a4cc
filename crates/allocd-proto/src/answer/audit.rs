//! Answers that tell who did what.

use allocd_types::answer::Answer;
use allocd_types::audit::AuditPage;
use allocd_types::id::Revision;
use allocd_types::page::Page;
use allocd_types::time::ClusterTime;
use allocd_types::violation::Violations;

use crate::read::{Read, list, next_page};
use crate::v1;

impl TryFrom<v1::ListAuditResponse> for Answer<AuditPage> {
    type Error = Violations;

    fn try_from(response: v1::ListAuditResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let items = list(response.records, "records", &mut wrong, Read::read);
        let next = next_page(&response.next_page_token, &mut wrong);
        let first_revision = Revision::new(response.first_revision);
        let page = items.map(|items| AuditPage { page: Page { items, next }, first_revision });
        Ok(Self {
            value: wrong.finish(page)?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<AuditPage>> for v1::ListAuditResponse {
    fn from(answer: Answer<AuditPage>) -> Self {
        let AuditPage { page, first_revision } = answer.value;
        Self {
            records: page.items.into_iter().map(Into::into).collect(),
            next_page_token: page.next.map(|token| token.to_string()).unwrap_or_default(),
            first_revision: first_revision.get(),
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}
