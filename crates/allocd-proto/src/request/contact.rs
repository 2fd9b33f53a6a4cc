//! What an agent says after a pass.

use allocd_types::agent::AgentRef;
use allocd_types::contact::{Heartbeat, HeartbeatInterval};
use allocd_types::id::Incarnation;
use allocd_types::time::Span;
use allocd_types::violation::Violations;

use super::Query;
use crate::read::{required, text};
use crate::v1;

impl TryFrom<v1::HeartbeatHostRequest> for Query<Heartbeat> {
    type Error = Violations;

    fn try_from(request: v1::HeartbeatHostRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let host = text(&request.name, "name", &mut wrong);
        let incarnation = Incarnation::new(request.incarnation);
        let interval = HeartbeatInterval::new(Span::from_millis(request.interval_ms));
        let interval = wrong.keep("interval_ms", interval);
        let pass = required(request.pass, "pass", &mut wrong);
        let wish = host.zip(interval).zip(pass).map(|((host, interval), pass)| Heartbeat {
            agent: AgentRef { host, incarnation },
            interval,
            pass,
        });
        // Only the state as it is now says whose word counts.
        Self::finish(false, wish, wrong)
    }
}

impl From<Query<Heartbeat>> for v1::HeartbeatHostRequest {
    fn from(query: Query<Heartbeat>) -> Self {
        let Heartbeat { agent: AgentRef { host, incarnation }, interval, pass } = query.wish;
        Self {
            name: host.to_string(),
            incarnation: incarnation.get(),
            interval_ms: interval.span().millis(),
            pass: Some(pass.into()),
        }
    }
}
