//! A pool that fills: a /8 of which all but one address is excluded, and a pool that is filled with leases until one
//! address is left. Where one is left and taken, the exclusion of another one ends, outside the measure: there is exactly
//! one to be found by every call.

use std::net::Ipv4Addr;

use anyhow::Result;

use super::leases::grant;
use super::measure::{Pairs, Yardstick};
use crate::bench::findings::{Findings, Plot, Series};
use crate::bench::goal::Goal;
use crate::bench::load::connect_lazily;
use crate::bench::options::{Filled, Plan};
use crate::bench::ours::{Last, Ours, Pool};
use crate::bench::row::{Metric, Row};
use crate::bench::sample::{median, number};
use crate::progress::bar;

/// The /8 of which one address is free, and its addresses.
const WIDE: (&str, u32, u32) = ("10.0.0.0/8", 0x0a00_0000, 0x0aff_ffff);
/// Its free address: in the middle, where no search begins or ends.
const WIDE_FREE: u32 = 0x0a63_6363;

/// How full a pool is when it is measured, in hundredths.
const LEVELS: [usize; 4] = [0, 50, 90, 99];

/// Measures all of it.
pub(super) async fn measure(yardstick: &Yardstick, plan: &Plan, findings: &mut Findings) -> Result<()> {
    let ours = &yardstick.small.ours;
    let wide = ours.network("wide", WIDE.0).await?;
    tell(&yardstick.beside_own(&wide, plan).await?, "in an empty /8", None, findings);
    let last = ours.network("last", WIDE.0).await?;
    let spares = exclude_each(ours, &last, WIDE_FREE + 1, plan.rounds * plan.calls).await?;
    ours.exclude(&last, address(WIDE.1), address(WIDE_FREE - 1)).await?;
    let beyond = WIDE_FREE + 1 + u32::try_from(spares.len())?;
    ours.exclude(&last, address(beyond), address(WIDE.2)).await?;
    let pairs = one_left(yardstick, &last, &spares, plan).await?;
    tell(&pairs, "in a /8 with one free address", Some(Goal::AtMost(1.2)), findings);
    fill(yardstick, plan, findings).await
}

/// Fills a pool with leases, and measures on the way.
async fn fill(yardstick: &Yardstick, plan: &Plan, findings: &mut Findings) -> Result<()> {
    let ours = &yardstick.small.ours;
    let Filled { prefix, first, addresses } = plan.filled;
    let filled = ours.network("filled", prefix).await?;
    let spares = exclude_each(ours, &filled, first.to_bits(), plan.rounds * plan.calls).await?;
    let addresses = addresses - spares.len();
    let leader = ours.leader().await?;
    let progress = bar("leases", addresses);
    let (mut held, mut p50, mut p99) = (0, Vec::new(), Vec::new());
    for wanted in LEVELS.iter().map(|level| addresses * level / 100).chain([addresses - 1]) {
        let step = progress.clone();
        let granted = move |count: usize| step.inc(u64::try_from(count).unwrap_or_default());
        grant(ours, leader, &filled, wanted - held, granted).await?;
        held = wanted;
        let left = addresses - held;
        let pairs = if left == 1 {
            one_left(yardstick, &filled, &spares, plan).await?
        } else {
            yardstick.beside_own(&filled, plan).await?
        };
        p50.extend(median(&pairs.p50().0).map(|y| (number(left), y)));
        p99.extend(median(&pairs.p99().0).map(|y| (number(left), y)));
        tell(&pairs, &format!("with {left} of {addresses} addresses left"), None, findings);
    }
    progress.finish_and_clear();
    findings.plots.push(Plot {
        file: "fill",
        title: "latency of one allocation, ms",
        x: "addresses left in the pool",
        y: "latency of one allocation, ms",
        series: vec![Series { name: "p50", points: p50 }, Series { name: "p99", points: p99 }],
    });
    Ok(())
}

/// Measures a pool with one free address; with each call, one of the spares takes its place.
async fn one_left(yardstick: &Yardstick, pool: &Pool, spares: &[String], plan: &Plan) -> Result<Pairs> {
    let worker = |round: usize| {
        let from = round * plan.calls;
        let spares = spares[from..from + plan.calls].to_vec();
        Ok(Last::new(connect_lazily(yardstick.leader())?, pool.clone(), spares))
    };
    yardstick.beside(plan, worker).await
}

/// Excludes addresses one by one, and says what the exclusions are called.
async fn exclude_each(ours: &Ours, pool: &Pool, first: u32, count: usize) -> Result<Vec<String>> {
    let mut names = Vec::with_capacity(count);
    for at in first..first + u32::try_from(count)? {
        names.push(ours.exclude(pool, address(at), address(at)).await?);
    }
    Ok(names)
}

fn address(bits: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(bits)
}

fn tell(pairs: &Pairs, what: &str, goal: Option<Goal>, findings: &mut Findings) {
    let metric = |quantile: &str, goal| Metric {
        name: format!("{quantile} of allocate / in an empty small pool, {what}"),
        clients: 1,
        unit: "ms",
        goal,
    };
    let (ours, theirs) = pairs.p50();
    findings.tell(Row::compared(metric("p50", goal), ours, theirs));
    let (ours, theirs) = pairs.p99();
    findings.tell(Row::compared(metric("p99", None), ours, theirs));
}
