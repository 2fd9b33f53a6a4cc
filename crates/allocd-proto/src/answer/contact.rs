//! Answers that tell hosts with what is known of their agents.

use allocd_types::answer::Answer;
use allocd_types::contact::KnownHost;
use allocd_types::id::Revision;
use allocd_types::page::Page;
use allocd_types::time::ClusterTime;
use allocd_types::violation::Violations;

use super::resource::tells_nothing;
use crate::contact::known;
use crate::read::{list, next_page};
use crate::v1;

tells_nothing! {
    HeartbeatHostResponse;
}

impl TryFrom<v1::GetHostResponse> for Answer<KnownHost> {
    type Error = Violations;

    fn try_from(response: v1::GetHostResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        if response.host.is_none() {
            wrong.add("host", "is missing");
        }
        let host = response.host.and_then(|host| known(host, "host", &mut wrong));
        Ok(Self {
            value: wrong.finish(host)?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<KnownHost>> for v1::GetHostResponse {
    fn from(answer: Answer<KnownHost>) -> Self {
        Self {
            host: Some(answer.value.into()),
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}

impl TryFrom<v1::ListHostsResponse> for Answer<Page<KnownHost>> {
    type Error = Violations;

    fn try_from(response: v1::ListHostsResponse) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let items = list(response.hosts, "hosts", &mut wrong, known);
        let next = next_page(&response.next_page_token, &mut wrong);
        Ok(Self {
            value: wrong.finish(items.map(|items| Page { items, next }))?,
            revision: Revision::new(response.revision),
            now: ClusterTime::from_millis(response.cluster_time_ms),
        })
    }
}

impl From<Answer<Page<KnownHost>>> for v1::ListHostsResponse {
    fn from(answer: Answer<Page<KnownHost>>) -> Self {
        Self {
            hosts: answer.value.items.into_iter().map(Into::into).collect(),
            next_page_token: answer.value.next.map(|token| token.to_string()).unwrap_or_default(),
            revision: answer.revision.get(),
            cluster_time_ms: answer.now.millis(),
        }
    }
}
