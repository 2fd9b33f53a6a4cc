//! The door of a member: what every handler needs to have a command decided or the state read.
//!
//! A handler turns its message into vocabulary, asks here, and turns the answer into its message. Deadlines, request ids,
//! callers, refusals and the record in the log are the door's business, in one place.

use std::sync::Arc;

use allocd_proto::request::{Mutation, Query};
use allocd_proto::status;
use allocd_replica::{Answer as Replied, Level, Unavailable, UpgradePending};
use allocd_state::command::Command;
use allocd_state::context::Context;
use allocd_state::entropy::Entropy;
use allocd_state::response::Response;
use allocd_state::state::State;
use allocd_types::answer::Answer;
use allocd_types::effect::Effect;
use allocd_types::id::{Caller, RequestId, Revision};
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::request::Freshness;
use allocd_types::time::{Span, WallTime};
use allocd_types::violation::Violations;
use tonic::metadata::MetadataMap;
use tonic::{Request, Status};

use crate::inbox::{Inbox, Input, Refused};
use crate::view::{Moment, View};

/// How long a call may take if its client does not say.
const DEADLINE_DEFAULT: Span = Span::from_seconds(10);
/// How long a call may take at most.
const DEADLINE_MAX: Span = Span::from_seconds(300);
/// When to try again after a refusal at the door.
pub(crate) const TRY_AGAIN: Span = Span::from_millis(100);
/// The metadata by which a client says what it calls itself.
const CALLER_KEY: &str = "allocd-caller";
/// The caller of those who do not say.
const CALLER_UNSAID: &str = "anonymous";

/// The way from the handlers to the member.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) inbox: Inbox,
    pub(crate) view: Arc<View>,
}

/// Who asks, by which id, and how long it will wait.
struct Asked {
    request_id: RequestId,
    caller: Caller,
    expires_in: Span,
}

impl Door {
    /// Has a command decided, or only looks at what it would do.
    pub(crate) async fn mutate<M, T>(
        &self,
        rpc: &'static str,
        request: Request<M>,
        command: impl FnOnce(T) -> Command,
    ) -> Result<Answer<Response>, Status>
    where
        Mutation<T>: TryFrom<M, Error = Violations>,
    {
        let (metadata, _, message) = request.into_parts();
        let (asked, effect, wish) = asked(&metadata, Mutation::try_from(message)).map_err(|wrong| {
            let problem = Problem::from(wrong);
            let status = status::status(&problem);
            let caller = caller(&metadata).map(|caller| caller.to_string()).unwrap_or_default();
            let reason = problem.reason.as_str();
            tracing::info!(rpc, caller, reason, problem = status.message(), "refused");
            status
        })?;
        let (request_id, caller) = (asked.request_id.clone(), asked.caller.clone());
        let outcome = match effect {
            Effect::Commit => self.commit(asked, command(wish)).await,
            Effect::ValidateOnly => self.validate(&command(wish)).await,
        };
        match outcome {
            Ok(answer) => {
                tracing::info!(rpc, %request_id, %caller, revision = answer.revision.get(), "done");
                Ok(answer)
            }
            Err(problem) => {
                // A status bounds its message; as a text value it cannot break the line either.
                let status = status::status(&problem);
                let reason = problem.reason.as_str();
                tracing::info!(rpc, %request_id, %caller, reason, problem = status.message(), "refused");
                Err(status)
            }
        }
    }

    /// Reads a request and the state to answer it from.
    pub(crate) async fn query<M, T>(&self, request: Request<M>) -> Result<(T, Arc<State>), Status>
    where
        Query<T>: TryFrom<M, Error = Violations>,
    {
        let query = Query::try_from(request.into_inner()).map_err(status::refusal)?;
        let state = self.state(query.freshness).await.map_err(|problem| status::status(&problem))?;
        Ok((query.wish, state))
    }

    /// Reads a request that cannot be wrong, and the state to answer it from.
    pub(crate) async fn query_infallible<M: Into<Query<T>>, T>(
        &self,
        message: M,
    ) -> Result<(T, Arc<State>), Status> {
        let query: Query<T> = message.into();
        let state = self.state(query.freshness).await.map_err(|problem| status::status(&problem))?;
        Ok((query.wish, state))
    }

    /// The state, as fresh as is asked for.
    pub(crate) async fn state(&self, freshness: Freshness) -> Result<Arc<State>, Problem> {
        match freshness {
            Freshness::Stale => match self.view.state() {
                Some(state) => Ok(state),
                None => self.inbox.call(Input::Look).map_err(refused)?.await.map_err(|_| stopped()),
            },
            Freshness::Linearizable => {
                let answered = self.inbox.call(Input::Read).map_err(refused)?;
                let state = answered.await.map_err(|_| stopped())?;
                state.map_err(unavailable)
            }
        }
    }

    async fn commit(&self, asked: Asked, command: Command) -> Result<Answer<Response>, Problem> {
        let Asked { request_id, caller, expires_in } = asked;
        let command = Box::new(command);
        let input = |waiter| Input::Propose { request_id, caller, expires_in, command, waiter };
        let answered = self.inbox.call(input).map_err(refused)?;
        match answered.await.map_err(|_| stopped())? {
            Replied::Applied { revision, outcome } => match *outcome {
                Ok(response) => Ok(self.answer(response, revision)),
                Err(rejection) => Err(Problem::from(&rejection)),
            },
            Replied::Unavailable(why) => Err(unavailable(why)),
            Replied::UpgradePending(pending) => Err(upgrade_pending(&pending)),
            Replied::TooLarge { bytes, bytes_max } => {
                let mut wrong = Violations::default();
                wrong.add("", format!("the request takes {bytes} bytes in the log, {bytes_max} are allowed: send it in parts"));
                Err(wrong.into())
            }
        }
    }

    async fn validate(&self, command: &Command) -> Result<Answer<Response>, Problem> {
        let state = self.state(Freshness::Linearizable).await?;
        let mut context =
            Context { labelled_at: WallTime::default(), entropy: Entropy::new(rand::random(), 0) };
        let response =
            state.validate(&mut context, command).map_err(|rejection| Problem::from(&rejection))?;
        Ok(Answer { value: response, revision: state.revision(), now: state.now() })
    }

    fn answer(&self, response: Response, revision: Revision) -> Answer<Response> {
        Answer { value: response, revision, now: self.view.moment().now }
    }
}

/// An answer from this moment of the state.
pub(crate) fn answer_at<T>(moment: &Moment, value: T) -> Answer<T> {
    Answer { value, revision: moment.revision, now: moment.now }
}

/// An answer from a version of the state.
pub(crate) fn answer<T>(state: &State, value: T) -> Answer<T> {
    Answer { value, revision: state.revision(), now: state.now() }
}

/// The machine answered something that does not fit the question: ours.
pub(crate) fn misfit(rpc: &'static str) -> Status {
    tracing::error!(rpc, "the machine's answer does not fit the question");
    status::status(&Problem::new(
        Reason::Internal,
        format!("the answer to {rpc} does not fit it; the member's log says more"),
    ))
}

/// Takes a request apart, or says everything that is wrong with its message and its metadata.
fn asked<T>(
    metadata: &MetadataMap,
    mutation: Result<Mutation<T>, Violations>,
) -> Result<(Asked, Effect, T), Violations> {
    let (mutation, mut wrong) = match mutation {
        Ok(mutation) => (Some(mutation), Violations::default()),
        Err(wrong) => (None, wrong),
    };
    let caller = wrong.keep("metadata allocd-caller", caller(metadata));
    let expires_in = deadline(metadata).unwrap_or(DEADLINE_DEFAULT).min(DEADLINE_MAX);
    let asked = caller.zip(mutation).map(|(caller, Mutation { request_id, effect, wish })| {
        (Asked { request_id: request_id.unwrap_or_else(made_up), caller, expires_in }, effect, wish)
    });
    wrong.finish(asked)
}

/// What the client calls itself.
fn caller(metadata: &MetadataMap) -> Result<Caller, String> {
    let said = metadata.get(CALLER_KEY).map(|value| value.to_str().unwrap_or_default());
    // The cluster signs its own ticks so; a client under that name could stand in their way.
    if said == Some("allocd") {
        return Err("allocd is the cluster's own name".to_owned());
    }
    Caller::new(said.unwrap_or(CALLER_UNSAID)).map_err(|error| error.to_string())
}

/// An id for a request that is never repeated.
fn made_up() -> RequestId {
    RequestId::new(&uuid::Uuid::new_v4().to_string()).expect("a UUID is short and printable")
}

/// The deadline a gRPC client sends along: digits and a unit (the `grpc-timeout` header of gRPC over HTTP/2).
fn deadline(metadata: &MetadataMap) -> Option<Span> {
    let text = metadata.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: u64 = digits.parse().ok()?;
    let millis = match unit {
        "H" => number.checked_mul(3_600_000)?,
        "M" => number.checked_mul(60_000)?,
        "S" => number.checked_mul(1_000)?,
        "m" => number,
        "u" => number / 1_000,
        "n" => number / 1_000_000,
        _ => return None,
    };
    Some(Span::from_millis(millis))
}

/// The problem that the inbox takes nothing.
pub(crate) fn refused(why: Refused) -> Problem {
    match why {
        Refused::Full => Problem::new(Reason::Overloaded, "too many calls wait at this member")
            .hint("try again with the same request id, more slowly")
            .retry_after(TRY_AGAIN),
        Refused::Ended => stopped(),
    }
}

pub(crate) fn stopped() -> Problem {
    Problem::new(Reason::ShuttingDown, "this member is stopping")
        .hint("ask another member, with the same request id")
}

/// The problem that some members would not understand a command.
fn upgrade_pending(pending: &UpgradePending) -> Problem {
    let members: Vec<String> = pending.behind.keys().map(ToString::to_string).collect();
    let understood = |level: &Option<Level>| level.map_or_else(|| "?".to_owned(), |level| level.to_string());
    let understood: Vec<String> = pending.behind.values().map(understood).collect();
    Problem::new(Reason::UpgradePending, pending)
        .hint("upgrade these members first, or remove those that are gone; allocctl cluster members shows their versions")
        .with("needed", pending.needed)
        .with("members", members.join(","))
        .with("understood", understood.join(","))
}

pub(crate) fn unavailable(why: Unavailable) -> Problem {
    let reason = match why {
        Unavailable::NotLeader { leader: None } | Unavailable::Unconfirmed { .. } => Reason::NoLeader,
        Unavailable::NotLeader { leader: Some(_) } | Unavailable::OutcomeUnknown { .. } => {
            Reason::LeaderChanged
        }
        Unavailable::Busy => Reason::Overloaded,
    };
    Problem::new(reason, why).hint("try again with the same request id").retry_after(TRY_AGAIN)
}

#[cfg(test)]
mod tests {
    use allocd_types::id::MemberId;

    use super::*;

    fn with(key: &'static str, value: &str) -> MetadataMap {
        let mut metadata = MetadataMap::new();
        metadata.insert(key, value.parse().unwrap());
        metadata
    }

    #[test]
    fn a_grpc_timeout_is_read_in_every_unit() {
        for (text, millis) in
            [("2H", 7_200_000), ("3M", 180_000), ("5S", 5_000), ("250m", 250), ("9000u", 9), ("5000000n", 5)]
        {
            assert_eq!(deadline(&with("grpc-timeout", text)), Some(Span::from_millis(millis)), "{text}");
        }
        for bad in ["", "S", "5", "5x", "-5S", "99999999999999999999S"] {
            assert_eq!(deadline(&with("grpc-timeout", bad)), None, "{bad}");
        }
    }

    #[test]
    fn who_is_in_the_way_of_an_upgrade_is_named_with_what_it_understands() {
        let behind = [(MemberId::new(2), Some(Level::FIRST)), (MemberId::new(3), None)].into();
        let problem = upgrade_pending(&UpgradePending { needed: Level::new(2), behind });
        let told =
            "it needs level 2 of the log, and member 2 understands level 1, member 3 was not heard of yet";
        assert_eq!((problem.reason, problem.message.as_str()), (Reason::UpgradePending, told));
        let metadata = [("members", "2,3"), ("needed", "2"), ("understood", "1,?")];
        assert_eq!(problem.metadata, metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn nobody_calls_itself_what_the_cluster_is_called() {
        assert!(caller(&with(CALLER_KEY, "allocd")).is_err());
        assert_eq!(caller(&with(CALLER_KEY, "agent")).unwrap().as_str(), "agent");
        assert_eq!(caller(&MetadataMap::new()).unwrap().as_str(), CALLER_UNSAID);
    }

    #[test]
    fn wrong_fields_and_wrong_metadata_are_told_together() {
        let mut wrong = Violations::default();
        wrong.add("host", "it has no name");
        let told = asked::<()>(&with(CALLER_KEY, "two words"), Err(wrong)).err().unwrap();
        let fields: Vec<&str> = told.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(fields, ["host", "metadata allocd-caller"]);
    }
}
