//! The agent of a host, as far as the cluster hears of it.

use allocd_client::client::Client;
use allocd_client::config::ClientConfig;
use allocd_client::error::ClientError;
use allocd_tests::dev::Dev;
use allocd_types::agent::{AgentRef, AgentReport, Inventory, LeaseAt};
use allocd_types::allocation::LeaseRef;
use allocd_types::contact::{Heartbeat, HeartbeatInterval, PassCounts};
use allocd_types::decline::{DeclineSpec, Evidence, EvidenceSource, LeasePart};
use allocd_types::effect::Effect;
use allocd_types::filter::LeaseFilter;
use allocd_types::host::{HostRegistration, HostUuid, SeenOnHost};
use allocd_types::id::LeaseId;
use allocd_types::lease::Lease;
use allocd_types::name::HostName;
use allocd_types::time::Span;

use crate::ctl::Ctl;

/// The agent of h1.example.
pub(super) struct Agent {
    pub(super) client: Client,
    pub(super) agent: AgentRef,
}

impl Agent {
    /// The agent of h1, which has taken up the lease of web01, beside a host that has none.
    pub(super) async fn with_web01_in_use(dev: &Dev, ctl: &Ctl<'_>) -> Self {
        ctl.furnish();
        ctl.ok("hosts create h2.example");
        ctl.ok("leases allocate h1.example/web01 --network lan");
        let agent = Self::start(dev).await;
        agent.bind().await;
        agent
    }

    pub(super) async fn start(dev: &Dev) -> Self {
        let endpoints = dev.endpoints().split(',').map(|endpoint| endpoint.parse().unwrap()).collect();
        let client = Client::new(ClientConfig::new(endpoints)).unwrap();
        let host = HostName::new("h1.example").unwrap();
        let uuid = HostUuid::new("4c4c4544-0050-3510-8052-b4c04f4a4e32").unwrap();
        let registration =
            HostRegistration { host: host.clone(), uuid, release: None, seen: SeenOnHost::default() };
        let registered = client.register_host(registration, Effect::Commit).await.unwrap().value;
        Self { client, agent: AgentRef { host, incarnation: registered.incarnation } }
    }

    /// The only lease of the host.
    pub(super) async fn lease(&self) -> Lease {
        let filter = LeaseFilter { host: Some(self.agent.host.clone()), ..LeaseFilter::default() };
        self.client.all_leases(&filter).await.unwrap().value.remove(0)
    }

    pub(super) async fn report(&self) -> AgentReport {
        let lease = self.lease().await;
        let lease = LeaseAt { lease: lease.id, generation: lease.generation };
        AgentReport { agent: self.agent.clone(), lease }
    }

    pub(super) async fn bind(&self) {
        self.client.bind_lease(self.report().await, Effect::Commit).await.unwrap();
    }

    pub(super) async fn confirm(&self) {
        self.client.confirm_teardown(self.report().await, Effect::Commit).await.unwrap();
    }

    pub(super) async fn reconcile(&self, leases: Vec<LeaseId>) {
        let inventory = Inventory { agent: self.agent.clone(), leases };
        self.client.reconcile_host(inventory, Effect::Commit).await.unwrap();
    }

    pub(super) async fn heartbeat(&self, drifts: u32) -> Result<(), ClientError> {
        self.speak(drifts, Span::from_seconds(3_600)).await
    }

    /// Tells of a pass, and is silent at once, for it means to speak again in no time.
    pub(super) async fn fall_silent(&self) {
        self.speak(0, Span::from_millis(1)).await.unwrap();
    }

    pub(super) async fn speak(&self, drifts: u32, again_in: Span) -> Result<(), ClientError> {
        let pass = PassCounts { jails: 1, in_service: 1, drifts, ..PassCounts::default() };
        let interval = HeartbeatInterval::new(again_in).unwrap();
        let heartbeat = Heartbeat { agent: self.agent.clone(), interval, pass };
        self.client.heartbeat_host(heartbeat).await.map(drop)
    }

    /// Somebody else answers for the lease's first address.
    pub(super) async fn decline(&self) {
        let lease = self.lease().await;
        let line = "arp: 12:00:00:00:00:01 is using my IP address 192.168.48.2 on epair0b!";
        let spec = DeclineSpec {
            lease: LeaseRef::Id(lease.id),
            generation: lease.generation,
            part: LeasePart::Address(lease.addresses[0].address),
            evidence: Evidence::new(EvidenceSource::Arp, line, None),
        };
        self.client.decline_lease(spec, Effect::Commit).await.unwrap();
    }
}
