//! The load generator, one for both sides: each client has one call under way, begins the next when it is answered, and
//! notes how long that took. No client repeats a call that failed; failures are counted and told.
//!
//! Clients have connections of their own up to a bound and share them beyond it, on both sides alike. Everything runs on
//! one thread: the members need the others.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use super::sample::{Sample, Tally};

/// How many connections clients have in all; further clients share them.
pub(super) const CONNECTIONS_MAX: usize = 32;
/// How long calls that are under way when the window closes may take to end.
const GRACE: Duration = Duration::from_secs(30);
/// How long a connection may take to be made.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// What one client does again and again.
pub(super) trait Work: Send + 'static {
    /// Does it once; says how often it met a conflict and had to begin anew.
    fn call(&mut self) -> impl Future<Output = Result<u32, Status>> + Send;

    /// Undoes the last call, outside the measure. Most need not.
    fn undo(&mut self) -> impl Future<Output = Result<(), Status>> + Send {
        async { Ok(()) }
    }
}

/// When is measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) warm_up: Duration,
    pub(super) measure: Duration,
}

/// Connects as many clients to one address.
pub(super) async fn connect(address: &str, clients: usize) -> Result<Vec<Channel>> {
    let mut channels: Vec<Channel> = Vec::with_capacity(clients);
    for at in 0..clients {
        let channel = if at < CONNECTIONS_MAX {
            endpoint(address)?.connect().await.with_context(|| format!("cannot connect to {address}"))?
        } else {
            channels[at % CONNECTIONS_MAX].clone()
        };
        channels.push(channel);
    }
    Ok(channels)
}

/// One connection, made when it is first used.
pub(super) fn connect_lazily(address: &str) -> Result<Channel> {
    Ok(endpoint(address)?.connect_lazy())
}

fn endpoint(address: &str) -> Result<Endpoint> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"));
    Ok(endpoint.with_context(|| format!("{address} is no address"))?.connect_timeout(CONNECT_MAX))
}

/// Lets all work side by side, and sums up what ended within the window.
pub(super) async fn run<W: Work>(workers: Vec<W>, window: Window) -> Result<Sample> {
    let from = Instant::now() + window.warm_up;
    let to = from + window.measure;
    let mut running: JoinSet<Tally> = JoinSet::new();
    for worker in workers {
        running.spawn(work(worker, from, to));
    }
    let mut all = Tally::default();
    let ended = async {
        while let Some(tally) = running.join_next().await {
            all.add(tally.context("a client panicked")?);
        }
        anyhow::Ok(())
    };
    let limit = window.warm_up + window.measure + GRACE;
    timeout(limit, ended).await.with_context(|| format!("calls did not end within {limit:?}"))??;
    all.sum_up(window.measure)
}

/// One client makes a number of calls, one after the other, and undoes each. The rate is what it would be without that.
pub(super) async fn series<W: Work>(worker: &mut W, calls: usize) -> Result<Sample> {
    let mut tally = Tally::default();
    let mut measured = Duration::ZERO;
    for _ in 0..calls {
        let begun = Instant::now();
        let outcome = timeout(GRACE, worker.call()).await;
        let latency = begun.elapsed();
        tally.note(outcome.with_context(|| format!("a call took more than {GRACE:?}"))?, latency);
        measured += latency;
        timeout(GRACE, worker.undo()).await.with_context(|| format!("a call took more than {GRACE:?}"))??;
    }
    tally.sum_up(measured)
}

async fn work<W: Work>(mut worker: W, from: Instant, to: Instant) -> Tally {
    let mut tally = Tally::default();
    let mut begun = Instant::now();
    while begun < to {
        let outcome = worker.call().await;
        let ended = Instant::now();
        if (from..to).contains(&ended) {
            tally.note(outcome, ended - begun);
        }
        begun = ended;
    }
    tally
}
