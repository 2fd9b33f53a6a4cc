//! The cluster at the other end of the wire.
//!
//! The agent's passes are one thread's business, so each question waits here for its answer; a runtime of its own carries it.

use std::io;
use std::time::Duration;

use allocd_client::client::Client;
use allocd_client::config::{ClientConfig, ConfigError};
use allocd_client::error::ClientError;
use allocd_types::agent::{Adoption, AgentRef, AgentReport, Inventory, LeaseAt, Reconciliation};
use allocd_types::allocation::{LeaseRef, RenewalSpec};
use allocd_types::answer::Answer;
use allocd_types::contact::{Heartbeat, HeartbeatInterval, PassCounts};
use allocd_types::decline::{DeclineSpec, Declined};
use allocd_types::effect::Effect;
use allocd_types::filter::LeaseFilter;
use allocd_types::host::HostRegistration;
use allocd_types::id::{Caller, Incarnation, LeaseId};
use allocd_types::lease::Lease;
use allocd_types::name::HostName;
use allocd_types::reason::ReasonKind;
use allocd_types::time::Span;
use futures::future::join_all;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout_at};

use super::{Cluster, Refusal, Registered, Told};
use crate::config::Config;

/// What the agent calls itself in the cluster's records.
const CALLER: &str = "alloc-agent";
/// More questions than these wait for the first of them, so that no member has to turn any away.
const QUESTIONS_AT_A_TIME: usize = 128;

/// The cluster.
#[derive(Debug)]
pub(crate) struct Remote {
    runtime: Runtime,
    client: Client,
    host: HostName,
    incarnation: Incarnation,
    /// Within what time the next pass begins.
    interval: HeartbeatInterval,
    /// When nobody is asked any more, if that was said.
    until: Option<Instant>,
}

/// Why the cluster cannot even be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RemoteError {
    #[error("cannot start the runtime")]
    Runtime(#[from] io::Error),
    #[error("the client cannot work as it is configured")]
    Client(#[from] ConfigError),
}

/// A client as the configuration has it.
///
/// # Errors
/// [`ConfigError`] if it cannot work so.
pub(crate) fn client(config: &Config) -> Result<Client, ConfigError> {
    let mut of_client = ClientConfig::new(config.endpoints.clone());
    of_client.deadline = config.timeout;
    of_client.attempt = of_client.attempt.min(config.timeout);
    of_client.caller = Caller::new(&format!("{CALLER}:{}", config.host)).ok();
    Client::new(of_client)
}

impl Remote {
    /// Makes ready; nothing is connected yet.
    ///
    /// # Errors
    /// [`RemoteError`] if that fails on this machine.
    pub(crate) fn new(config: &Config) -> Result<Self, RemoteError> {
        Ok(Self {
            runtime: Builder::new_current_thread().enable_all().build()?,
            client: client(config)?,
            host: config.host.clone(),
            incarnation: Incarnation::default(),
            interval: interval(config),
            until: None,
        })
    }

    /// Asks nobody any more after this time, however many questions that is.
    pub(crate) fn ask_for(&mut self, time: Duration) {
        self.until = Some(Instant::now() + time);
    }

    /// Waits for an answer.
    fn ask<T>(&self, asked: impl Future<Output = Result<T, ClientError>>) -> Result<T, Refusal> {
        self.runtime.block_on(async {
            match self.until {
                None => asked.await.map_err(refusal),
                Some(until) => match timeout_at(until, asked).await {
                    Ok(answer) => answer.map_err(refusal),
                    Err(_) => Err(Refusal::Away("the time for it is over".to_owned())),
                },
            }
        })
    }

    /// Asks the same of each, many at a time.
    fn ask_of_each<'a, T, F>(&self, all: &'a [T], one: impl Fn(&'a T) -> F) -> Vec<Result<Lease, Refusal>>
    where
        F: Future<Output = Result<Answer<Lease>, ClientError>>,
    {
        let mut answers = Vec::with_capacity(all.len());
        for some in all.chunks(QUESTIONS_AT_A_TIME) {
            let asked = async { Ok(join_all(some.iter().map(&one)).await) };
            match self.ask(asked) {
                Ok(told) => answers
                    .extend(told.into_iter().map(|answer| answer.map(|told| told.value).map_err(refusal))),
                Err(away) => answers.extend(some.iter().map(|_| Err(away.clone()))),
            }
        }
        answers
    }

    fn agent(&self) -> AgentRef {
        AgentRef { host: self.host.clone(), incarnation: self.incarnation }
    }

    fn report(&self, lease: LeaseAt) -> AgentReport {
        AgentReport { agent: self.agent(), lease }
    }
}

impl Cluster for Remote {
    fn leases(&mut self) -> Result<Told, Refusal> {
        let filter = LeaseFilter { host: Some(self.host.clone()), ..LeaseFilter::default() };
        let asked = async {
            let host = self.client.get_host(self.host.clone()).await?;
            let leases = self.client.all_leases(&filter).await?;
            Ok(Told { revision: leases.revision, state: host.value.host.state, leases: leases.value })
        };
        self.ask(asked)
    }

    fn register(&mut self, registration: HostRegistration) -> Result<Registered, Refusal> {
        let asked = self.client.register_host(registration, Effect::Commit);
        let host = self.ask(asked)?.value;
        self.incarnation = host.incarnation;
        Ok(Registered { incarnation: host.incarnation })
    }

    fn bind(&mut self, lease: LeaseAt) -> Result<Lease, Refusal> {
        let asked = self.client.bind_lease(self.report(lease), Effect::Commit);
        Ok(self.ask(asked)?.value)
    }

    fn renew(&mut self, leases: &[LeaseAt]) -> Vec<Result<Lease, Refusal>> {
        let one = |at: &LeaseAt| {
            let spec =
                RenewalSpec { lease: LeaseRef::Id(at.lease), generation: Some(at.generation), ttl: None };
            self.client.renew_lease(spec, Effect::Commit)
        };
        self.ask_of_each(leases, one)
    }

    fn adopt(&mut self, leases: &[Lease]) -> Vec<Result<Lease, Refusal>> {
        let one = |lease: &Lease| self.client.adopt_lease(Adoption::of(self.agent(), lease), Effect::Commit);
        self.ask_of_each(leases, one)
    }

    fn decline(&mut self, spec: DeclineSpec) -> Result<Declined, Refusal> {
        let asked = self.client.decline_lease(spec, Effect::Commit);
        Ok(self.ask(asked)?.value)
    }

    fn confirm(&mut self, lease: LeaseAt) -> Result<(), Refusal> {
        let asked = self.client.confirm_teardown(self.report(lease), Effect::Commit);
        self.ask(asked).map(drop)
    }

    fn reconcile(&mut self, leases: Vec<LeaseId>) -> Result<Reconciliation, Refusal> {
        let inventory = Inventory { agent: self.agent(), leases };
        let asked = self.client.reconcile_host(inventory, Effect::Commit);
        Ok(self.ask(asked)?.value)
    }

    fn heartbeat(&mut self, pass: PassCounts) -> Result<(), Refusal> {
        let heartbeat = Heartbeat { agent: self.agent(), interval: self.interval, pass };
        self.ask(self.client.heartbeat_host(heartbeat)).map(drop)
    }
}

/// Within what time the next pass begins, as a heartbeat says it.
fn interval(config: &Config) -> HeartbeatInterval {
    let millis = u64::try_from(config.interval.as_millis()).unwrap_or(u64::MAX);
    HeartbeatInterval::new(Span::from_millis(millis)).expect("the configuration allows no other")
}

/// Whether the cluster said no, or nothing.
fn refusal(error: ClientError) -> Refusal {
    match error.problem.reason.kind() {
        ReasonKind::Unavailable | ReasonKind::DeadlineExceeded => Refusal::Away(error.problem.to_string()),
        ReasonKind::InvalidArgument
        | ReasonKind::NotFound
        | ReasonKind::AlreadyExists
        | ReasonKind::FailedPrecondition
        | ReasonKind::ResourceExhausted
        | ReasonKind::OutOfRange
        | ReasonKind::Internal => Refusal::No(error.problem),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::path::Path;

    use super::*;

    /// A cluster whose only member takes connections and says nothing.
    fn silent() -> (TcpListener, Config) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let text = format!("host = \"h1\"\nendpoints = [\"{}\"]\n", listener.local_addr().unwrap());
        (listener, Config::parse(Path::new("alloc-agent.toml"), &text).unwrap())
    }

    #[test]
    fn a_member_that_says_nothing_is_away_when_the_time_is_over() {
        let (_listener, config) = silent();
        let mut remote = Remote::new(&config).unwrap();
        remote.ask_for(Duration::ZERO);
        assert!(matches!(remote.leases(), Err(Refusal::Away(_))));
        // It is the time for all questions.
        assert!(matches!(remote.reconcile(Vec::new()), Err(Refusal::Away(_))));
    }

    #[test]
    fn every_time_between_passes_can_be_said_in_a_heartbeat() {
        for seconds in [5, 3_600] {
            let text =
                format!("host = \"h1\"\nendpoints = [\"127.0.0.1:1\"]\ninterval_seconds = {seconds}\n");
            let config = Config::parse(Path::new("alloc-agent.toml"), &text).unwrap();
            assert_eq!(interval(&config).span(), Span::from_seconds(seconds));
        }
    }

    #[test]
    fn a_cluster_that_nobody_serves_is_away() {
        let (listener, mut config) = silent();
        drop(listener);
        config.timeout = Duration::from_millis(50);
        let mut remote = Remote::new(&config).unwrap();
        assert!(matches!(remote.leases(), Err(Refusal::Away(_))));
    }
}
