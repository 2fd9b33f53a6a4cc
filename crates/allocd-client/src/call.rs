//! One call: attempts at one member after the other, with one message, until an answer, a final no, or the deadline.

use std::fmt;
use std::time::Duration;

use allocd_proto::request::{Mutation, Query};
use allocd_types::answer::Answer;
use allocd_types::effect::Effect;
use allocd_types::violation::Violations;
use tokio::time::{Instant, sleep, timeout};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::client::{CALLER_METADATA, Client};
use crate::error::{ClientError, no_answer, problem_of, unreadable};
use crate::retry::Attempts;

/// How long one attempt may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as an attempt usually may.
    Attempt,
    /// As long as the call: it carries a lot, and a member that begins it is not slow but busy.
    Call,
}

impl Client {
    /// Asks for something to be done.
    pub(crate) async fn mutate<T, M, R, A, S, F>(
        &self,
        (wish, effect): (T, Effect),
        patience: Patience,
        send: S,
    ) -> Result<Answer<A>, ClientError>
    where
        M: From<Mutation<T>> + Clone,
        Answer<A>: TryFrom<R>,
        <Answer<A> as TryFrom<R>>::Error: Into<Unreadable>,
        S: Fn(Channel, Request<M>) -> F,
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let message = M::from(Mutation { request_id: Some(self.request_id()), effect, wish });
        read(self.call(message, patience, send).await?)
    }

    /// Asks a question.
    pub(crate) async fn ask<T, M, R, A, S, F>(&self, wish: T, send: S) -> Result<Answer<A>, ClientError>
    where
        M: From<Query<T>> + Clone,
        Answer<A>: TryFrom<R>,
        <Answer<A> as TryFrom<R>>::Error: Into<Unreadable>,
        S: Fn(Channel, Request<M>) -> F,
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let message = M::from(Query { freshness: self.freshness(), wish });
        read(self.call(message, Patience::Attempt, send).await?)
    }

    /// Sends one message until it is answered.
    pub(crate) async fn call<M, R, S, F>(
        &self,
        message: M,
        patience: Patience,
        send: S,
    ) -> Result<R, ClientError>
    where
        M: Clone,
        S: Fn(Channel, Request<M>) -> F,
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let shared = &*self.shared;
        let mut attempts = Attempts::until(Instant::now() + shared.deadline, shared.pauses);
        loop {
            let left = attempts.begin(Instant::now())?;
            let limit = match patience {
                Patience::Attempt => left.min(shared.attempt),
                Patience::Call => left,
            };
            let asked = shared.members.current();
            let request = self.request(message.clone(), Some(left));
            let problem = match timeout(limit, send(asked.channel.clone(), request)).await {
                Ok(Ok(response)) => return Ok(response.into_inner()),
                Ok(Err(status)) => problem_of(&status),
                Err(_) => no_answer(&format!("{} was silent for {limit:?}", asked.endpoint)),
            };
            let pause = attempts.failed(problem.clone(), asked.endpoint, Instant::now(), rand::random())?;
            tracing::debug!(endpoint = %asked.endpoint, %problem, ?pause, "asks another member");
            shared.members.pass_over(&asked);
            sleep(pause).await;
        }
    }

    /// A request with its metadata. The deadline that a member sees is the call's, not the attempt's: a command that waits for
    /// an election there is still wanted.
    pub(crate) fn request<M>(&self, message: M, left: Option<Duration>) -> Request<M> {
        let mut request = Request::new(message);
        if let Some(left) = left {
            request.set_timeout(left);
        }
        if let Some(caller) = &self.shared.caller {
            request.metadata_mut().insert(CALLER_METADATA, caller.clone());
        }
        request
    }
}

/// What is wrong with an answer.
#[derive(Debug)]
pub(crate) struct Unreadable(Violations);

impl From<Violations> for Unreadable {
    fn from(wrong: Violations) -> Self {
        Self(wrong)
    }
}

impl From<std::convert::Infallible> for Unreadable {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads an answer.
pub(crate) fn read<R, W: TryFrom<R, Error: Into<Unreadable>>>(response: R) -> Result<W, ClientError> {
    W::try_from(response).map_err(|wrong| {
        let Unreadable(wrong) = wrong.into();
        ClientError { problem: Box::new(unreadable(wrong)), endpoint: None, attempts: 1 }
    })
}
