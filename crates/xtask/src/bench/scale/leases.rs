//! Leases from few to many, granted in batches: how fast, how much memory each takes, whether one more takes longer, and
//! how long a member that is killed takes until it serves again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use tokio::task::JoinSet;
use tokio::time::interval;
use tonic::Code;

use super::measure::{Growing, Yardstick};
use crate::bench::findings::{Findings, Plot, Series};
use crate::bench::goal::{Goal, SAMPLES_MIN};
use crate::bench::load::{connect, connect_lazily};
use crate::bench::machine::resident_bytes;
use crate::bench::options::Plan;
use crate::bench::ours::{Batch, LEASES_PER_BATCH, Ours, Pool, Turn};
use crate::bench::row::{Metric, Row};
use crate::bench::sample::{median, number};
use crate::members::MEMBERS;
use crate::progress::bar;

/// How many clients send batches side by side.
const BATCH_CLIENTS: u32 = 16;

/// How long values may take to be free that need not rest.
const REST_MAX: Duration = Duration::from_secs(30);

/// How often that is tried meanwhile.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// For how many leases there are goals.
const GOALS_AT: usize = 1_000_000;

/// What is drawn over the number of leases.
#[derive(Default)]
struct Curves {
    p50: Vec<(f64, f64)>,
    p99: Vec<(f64, f64)>,
    bytes: Vec<(f64, f64)>,
    restart: Vec<(f64, f64)>,
}

/// Measures at every size.
pub(super) async fn measure(
    growing: &mut Growing,
    yardstick: &Yardstick,
    plan: &Plan,
    findings: &mut Findings,
) -> Result<()> {
    let empty = resident(&growing.ours);
    if let Err(error) = &empty {
        findings.lacks(format!("resident memory: {error:#}; hint: it is read from /proc, on Linux"));
    }
    let (mut held, mut curves) = (0, Curves::default());
    for &size in &plan.sizes {
        let goal = |goal| (size == GOALS_AT).then_some(goal);
        let metric = |what: &str, unit, clients, goal| Metric {
            name: format!("{what} with {size} leases"),
            clients,
            unit,
            goal,
        };
        let rates = grow(growing, size - held).await?;
        held = size;
        growing.ours.settled().await?;
        let rate = metric("batches of 100", "leases/s", BATCH_CLIENTS, goal(Goal::AtLeast(60_000.0)));
        findings.tell(Row::alone(rate, rates));

        let leader = growing.ours.address(growing.leader);
        let worker = |_| Ok(Turn::new(connect_lazily(&leader)?, growing.pool.clone()));
        let pairs = yardstick.beside(plan, worker).await?;
        let (ours, theirs) = pairs.p50();
        let x = number(size);
        curves.p50.extend(median(&ours).map(|y| (x, y)));
        let name = "p50 of allocate / in an empty small pool,";
        findings.tell(Row::compared(metric(name, "ms", 1, goal(Goal::AtMost(1.2))), ours, theirs));
        let (ours, theirs) = pairs.p99();
        curves.p99.extend(median(&ours).map(|y| (x, y)));
        let name = "p99 of allocate / in an empty small pool,";
        findings.tell(Row::compared(metric(name, "ms", 1, None), ours, theirs));

        if let Ok(empty) = &empty {
            let resident = resident(&growing.ours)?.into_iter().zip(empty);
            let bytes: Vec<f64> = resident.map(|(now, before)| (now - before) / x).collect();
            curves.bytes.extend(median(&bytes).map(|y| (x, y)));
            let memory = metric("resident bytes a lease", "bytes", 0, goal(Goal::AtMost(800.0)));
            findings.tell(Row::alone(memory, bytes));
        }

        let seconds = restarts(growing, plan.rounds).await?;
        curves.restart.extend(median(&seconds).map(|y| (x, y)));
        findings.tell(Row::alone(metric("restart", "s", 0, goal(Goal::AtMost(6.0))), seconds));
    }
    findings.plots.extend(plots(curves));
    Ok(())
}

/// Grants so many leases, and says how many a second, in as many portions as a median needs.
async fn grow(growing: &Growing, leases: usize) -> Result<Vec<f64>> {
    let progress = bar("leases", leases);
    let mut rates = Vec::with_capacity(SAMPLES_MIN);
    for portion in 0..SAMPLES_MIN {
        let upto = |portion: usize| leases * portion / SAMPLES_MIN;
        let portion = upto(portion + 1) - upto(portion);
        let begun = Instant::now();
        let step = progress.clone();
        let granted = move |count: usize| step.inc(u64::try_from(count).unwrap_or_default());
        grant(&growing.ours, growing.leader, &growing.pool, portion, granted).await?;
        rates.push(number(portion) / begun.elapsed().as_secs_f64());
    }
    progress.finish_and_clear();
    Ok(rates)
}

/// Grants so many leases from a pool, in batches.
pub(super) async fn grant(
    ours: &Ours,
    leader: usize,
    pool: &Pool,
    leases: usize,
    granted: impl Fn(usize) + Send + Clone + 'static,
) -> Result<()> {
    let clients = usize::try_from(BATCH_CLIENTS).context("that many clients")?;
    let channels = connect(&ours.address(leader), clients).await?;
    let left = Arc::new(AtomicUsize::new(leases));
    let mut running: JoinSet<Result<()>> = JoinSet::new();
    for channel in channels {
        let (left, granted) = (Arc::clone(&left), granted.clone());
        let mut batch = Batch::new(channel, pool.clone());
        running.spawn(async move {
            while let Some(count) = take(&left) {
                allocate(&mut batch, count).await?;
                granted(count);
            }
            Ok(())
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.context("a client panicked")??;
    }
    Ok(())
}

/// Grants a batch. What was given back rests until the cluster's clock says otherwise, even if it need not.
async fn allocate(batch: &mut Batch, leases: usize) -> Result<()> {
    let deadline = Instant::now() + REST_MAX;
    let mut ticks = interval(ASK_EVERY);
    loop {
        ticks.tick().await;
        match batch.allocate(leases).await {
            Ok(_) => return Ok(()),
            Err(status) if status.code() == Code::ResourceExhausted && Instant::now() < deadline => {}
            Err(status) => return Err(status).context("a batch was refused"),
        }
    }
}

/// Takes a batch's worth of what is left to do.
fn take(left: &AtomicUsize) -> Option<usize> {
    let rest = |left: usize| (left > 0).then(|| left.saturating_sub(LEASES_PER_BATCH));
    let before = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest).ok()?;
    Some(before.min(LEASES_PER_BATCH))
}

/// What each member has in memory.
fn resident(ours: &Ours) -> Result<Vec<f64>> {
    let bytes = |at| {
        let pid = ours.members.pid(at).with_context(|| format!("member {} does not run", at + 1))?;
        let kib = resident_bytes(pid)? / 1_024;
        Ok(u32::try_from(kib).map(f64::from).map_err(|_| anyhow!("{kib} KiB is too much"))? * 1_024.0)
    };
    (0..MEMBERS).map(bytes).collect()
}

/// Kills followers in turn, and says how long each takes until it serves again.
async fn restarts(growing: &mut Growing, rounds: usize) -> Result<Vec<f64>> {
    let followers: Vec<usize> = (0..MEMBERS).filter(|at| *at != growing.leader).collect();
    let mut seconds = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let at = followers[round % followers.len()];
        growing.ours.members.kill(at)?;
        let begun = Instant::now();
        growing.ours.members.start()?;
        growing.ours.caught_up(at).await?;
        seconds.push(begun.elapsed().as_secs_f64());
    }
    Ok(seconds)
}

fn plots(curves: Curves) -> [Plot; 3] {
    let Curves { p50, p99, bytes, restart } = curves;
    let plot = |file, y, series| Plot { file, title: y, x: "leases held", y, series };
    let one = |name, points| vec![Series { name, points }];
    let latency = vec![Series { name: "p50", points: p50 }, Series { name: "p99", points: p99 }];
    [
        plot("leases-latency", "latency of one allocation, ms", latency),
        plot("leases-memory", "resident bytes a lease", one("a member", bytes)),
        plot("leases-restart", "restart, s", one("a follower", restart)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_taken_in_batches_and_ends() {
        let left = AtomicUsize::new(LEASES_PER_BATCH + 7);
        assert_eq!([take(&left), take(&left), take(&left)], [Some(LEASES_PER_BATCH), Some(7), None]);
    }
}
