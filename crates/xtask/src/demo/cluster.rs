//! What the demo asks of its cluster through the client: who leads, whether all are equal, and five hundred jails at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use allocd_client::client::Client;
use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish, Pins};
use allocd_types::cluster::{ClusterStatus, MemberStatus};
use allocd_types::effect::Effect;
use allocd_types::holder::Holder;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::Lease;
use allocd_types::name::{HostName, InterfaceLabel, JailName, NetworkName};
use anyhow::{Context as _, Result, anyhow, bail};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::members::MEMBERS;

/// How long the cluster may take to become what is awaited.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is asked meanwhile.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// The state digest that all members share, once every one has applied the same.
pub(super) async fn equal_digest(client: &Client) -> Result<String> {
    let status = until(client, "all members have the same digest", |status| equal(status).is_some()).await?;
    equal(&status).context("the digests were equal a moment ago")
}

/// The position of the member that leads, from 0.
pub(super) async fn leader(client: &Client) -> Result<usize> {
    let status = until(client, "a member leads", |status| status.leader.is_some()).await?;
    let leader = status.leader.context("somebody led a moment ago")?;
    status.members.iter().position(|member| member.id == leader).context("the leader is a member")
}

fn equal(status: &ClusterStatus) -> Option<String> {
    let answers: Vec<&MemberStatus> =
        status.members.iter().filter_map(|member| member.answer.as_ref().ok()).collect();
    let first = answers.first()?;
    let all =
        answers.len() == MEMBERS && answers.iter().all(|other| other.state_digest == first.state_digest);
    all.then(|| first.state_digest.to_string())
}

/// Asks for the cluster's status until it is as wanted.
async fn until(client: &Client, what: &str, is_so: impl Fn(&ClusterStatus) -> bool) -> Result<ClusterStatus> {
    let deadline = Instant::now() + PATIENCE;
    let mut ask = interval(ASK_EVERY);
    ask.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ask.tick().await;
        match client.cluster_status().await {
            Ok(answer) if is_so(&answer.value) => return Ok(answer.value),
            Ok(status) if Instant::now() > deadline => {
                bail!("it did not come true that {what}: {:?}", status.value)
            }
            Err(error) if Instant::now() > deadline => bail!("it did not come true that {what}: {error}"),
            Ok(_) | Err(_) => {}
        }
    }
}

/// A jail that wants a lease.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) host: HostName,
    pub(super) jail: JailName,
}

/// Lets all clients allocate side by side. Once half of the wishes are granted, `half_way` is called, and they go on.
pub(super) async fn allocate_all(
    clients: Vec<Client>,
    network: &NetworkName,
    wishes: Vec<Wish>,
    granted: impl Fn() + Send + Sync + 'static,
    half_way: impl FnOnce() -> Result<()>,
) -> Result<Vec<Lease>> {
    let half = wishes.len() / 2;
    let (done, reached, granted) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()), Arc::new(granted));
    let mut running: JoinSet<Result<Vec<Lease>>> = JoinSet::new();
    let count = clients.len();
    for (at, client) in clients.into_iter().enumerate() {
        let mine: Vec<Wish> = wishes.iter().skip(at).step_by(count).cloned().collect();
        let network = network.clone();
        let (done, reached, granted) = (Arc::clone(&done), Arc::clone(&reached), Arc::clone(&granted));
        running.spawn(async move {
            let mut leases = Vec::new();
            for wish in mine {
                let name = format!("{}/{}", wish.host, wish.jail);
                let answer = client.allocate_lease(spec(&network, wish), Effect::Commit).await;
                leases.push(answer.map_err(|error| anyhow!("{name}: {error}"))?.value.lease);
                granted();
                if done.fetch_add(1, Ordering::Relaxed) + 1 == half {
                    reached.notify_one();
                }
            }
            Ok(leases)
        });
    }
    reached.notified().await;
    half_way()?;
    let mut leases = Vec::new();
    while let Some(ended) = running.join_next().await {
        leases.extend(ended.context("a client panicked")??);
    }
    Ok(leases)
}

fn spec(network: &NetworkName, wish: Wish) -> AllocationSpec {
    AllocationSpec {
        holder: Holder { host: wish.host, jail: wish.jail, interface: InterfaceLabel::unsaid() },
        network: network.clone(),
        kind: InterfaceKind::Epair,
        ipv4: FamilyWish::IfSubnets,
        ipv6: FamilyWish::IfSubnets,
        pins: Pins::none(),
        ttl: None,
        existing: ExistingLease::Return,
        labels: Labels::default(),
    }
}
