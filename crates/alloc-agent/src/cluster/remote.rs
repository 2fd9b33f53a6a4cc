//! The cluster at the other end of the wire.
//!
//! The agent's passes are one thread's business, so each question waits here for its answer; a runtime of its own carries it.

use std::io;

use allocd_client::client::Client;
use allocd_client::config::{ClientConfig, ConfigError};
use allocd_client::error::ClientError;
use allocd_types::agent::{AgentRef, AgentReport, Inventory, LeaseAt, Reconciliation};
use allocd_types::effect::Effect;
use allocd_types::filter::LeaseFilter;
use allocd_types::host::HostRegistration;
use allocd_types::id::{Caller, Incarnation, LeaseId};
use allocd_types::lease::Lease;
use allocd_types::name::HostName;
use allocd_types::reason::ReasonKind;
use tokio::runtime::{Builder, Runtime};

use super::{Cluster, Refusal, Registered, Told};
use crate::config::Config;

/// What the agent calls itself in the cluster's records.
const CALLER: &str = "alloc-agent";

/// The cluster.
#[derive(Debug)]
pub(crate) struct Remote {
    runtime: Runtime,
    client: Client,
    host: HostName,
    incarnation: Incarnation,
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
        })
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
            Ok(Told { revision: leases.revision, state: host.value.state, leases: leases.value })
        };
        self.runtime.block_on(asked).map_err(refusal)
    }

    fn register(&mut self, registration: HostRegistration) -> Result<Registered, Refusal> {
        let asked = self.client.register_host(registration, Effect::Commit);
        let host = self.runtime.block_on(asked).map_err(refusal)?.value;
        self.incarnation = host.incarnation;
        Ok(Registered { incarnation: host.incarnation })
    }

    fn bind(&mut self, lease: LeaseAt) -> Result<Lease, Refusal> {
        let asked = self.client.bind_lease(self.report(lease), Effect::Commit);
        Ok(self.runtime.block_on(asked).map_err(refusal)?.value)
    }

    fn confirm(&mut self, lease: LeaseAt) -> Result<(), Refusal> {
        let asked = self.client.confirm_teardown(self.report(lease), Effect::Commit);
        self.runtime.block_on(asked).map_err(refusal).map(drop)
    }

    fn reconcile(&mut self, leases: Vec<LeaseId>) -> Result<Reconciliation, Refusal> {
        let inventory = Inventory { agent: self.agent(), leases };
        let asked = self.client.reconcile_host(inventory, Effect::Commit);
        Ok(self.runtime.block_on(asked).map_err(refusal)?.value)
    }
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
