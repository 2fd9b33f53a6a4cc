//! The leader is killed under load: how long it takes until allocations go on. Clients are allocd's own here, with their
//! retries: what is measured is what a user waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use allocd_client::client::Client;
use allocd_client::config::ClientConfig;
use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish, Pins};
use allocd_types::effect::Effect;
use allocd_types::holder::Holder;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::name::{HostName, InterfaceLabel, JailName, NetworkName};
use anyhow::{Context as _, Result, anyhow};
use tokio::task::JoinSet;

use crate::bench::findings::Findings;
use crate::bench::goal::Goal;
use crate::bench::names::Names;
use crate::bench::options::Plan;
use crate::bench::row::{Metric, Row};
use crate::bench::sides::Furnished;
use crate::bench::until::until;
use crate::members::MEMBERS;

/// How many clients allocate.
const CLIENTS: u32 = 16;
/// How many allocations there are before the leader is killed, and again after.
const ALLOCATIONS: usize = 500;
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Kills the leader as often as a median needs.
pub(super) async fn measure(cluster: &mut Furnished, plan: &Plan, findings: &mut Findings) -> Result<()> {
    let mut gaps = Vec::with_capacity(plan.rounds);
    for _ in 0..plan.rounds {
        gaps.push(gap(cluster).await?.as_secs_f64());
        cluster.ours.members.start()?;
        cluster.ours.settled().await?;
    }
    let name = "longest gap between allocations when the leader is killed".to_owned();
    let metric = Metric { name, clients: CLIENTS, unit: "s", goal: Some(Goal::AtMost(2.0)) };
    findings.tell(Row::alone(metric, gaps));
    Ok(())
}

/// The longest time without any allocation, around one kill.
async fn gap(cluster: &mut Furnished) -> Result<Duration> {
    let leader = cluster.ours.leader().await?;
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut running: JoinSet<Result<Vec<Instant>>> = JoinSet::new();
    let mut addresses = cluster.ours.members.addresses();
    for _ in 0..CLIENTS {
        addresses.rotate_left(1);
        let client = client(&addresses)?;
        let network = NetworkName::new(&cluster.pool.network)?;
        running.spawn(allocate(client, network, Arc::clone(&stop), Arc::clone(&done)));
    }
    let reached =
        async |count: usize| {
            until("clients allocate", PATIENCE, async || {
                Ok((done.load(Ordering::Relaxed) >= count).then_some(()))
            })
            .await
        };
    reached(ALLOCATIONS).await?;
    let killed = Instant::now();
    cluster.ours.members.kill(leader)?;
    // What was on its way may still be acknowledged: only many more show that another member leads.
    let before = done.load(Ordering::Relaxed);
    reached(before + ALLOCATIONS).await?;
    stop.store(true, Ordering::Relaxed);
    let mut ends = vec![killed];
    while let Some(ended) = running.join_next().await {
        ends.extend(ended.context("a client panicked")??.into_iter().filter(|end| *end > killed));
    }
    ends.sort_unstable();
    ends.windows(2).map(|pair| pair[1] - pair[0]).max().context("something was allocated afterwards")
}

/// Allocates until it is told to stop, and says when each allocation was acknowledged.
async fn allocate(
    client: Client,
    network: NetworkName,
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
) -> Result<Vec<Instant>> {
    let (mut names, mut ends) = (Names::new(), Vec::new());
    while !stop.load(Ordering::Relaxed) {
        let holder = names.holder();
        let holder = Holder {
            host: HostName::new(&holder.host)?,
            jail: JailName::new(&holder.jail)?,
            interface: InterfaceLabel::unsaid(),
        };
        let answer = client.allocate_lease(spec(&network, holder), Effect::Commit).await;
        answer.map_err(|error| anyhow!("{error}"))?;
        ends.push(Instant::now());
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(ends)
}

fn client(addresses: &[String]) -> Result<Client> {
    assert_eq!(addresses.len(), MEMBERS, "a client knows all members");
    let endpoints = addresses.iter().map(|address| address.parse()).collect::<std::result::Result<_, _>>()?;
    Ok(Client::new(ClientConfig::new(endpoints))?)
}

fn spec(network: &NetworkName, holder: Holder) -> AllocationSpec {
    AllocationSpec {
        holder,
        network: network.clone(),
        kind: InterfaceKind::Epair,
        ipv4: FamilyWish::Required,
        ipv6: FamilyWish::Required,
        pins: Pins::none(),
        ttl: None,
        existing: ExistingLease::Return,
        labels: Labels::default(),
    }
}
