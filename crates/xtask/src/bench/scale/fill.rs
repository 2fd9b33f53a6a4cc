//! A pool that fills: a /8 of which all but one address is excluded, and a pool that is filled with leases until one
//! address is left. The free address is used, given back and used again, so that the pool stays as full as it is.

use anyhow::Result;

use super::leases::grant;
use super::measure::{Pairs, Yardstick};
use crate::bench::findings::{Findings, Plot, Series};
use crate::bench::goal::Goal;
use crate::bench::options::Plan;
use crate::bench::row::{Metric, Row};
use crate::bench::sample::{median, number};
use crate::progress::bar;

/// All of a /8 but one address in the middle, which is neither its first nor its last.
const ALL_BUT_ONE: [&str; 2] = ["10.0.0.0-10.99.99.98", "10.99.99.100-10.255.255.255"];

/// How full a pool is when it is measured, in hundredths.
const LEVELS: [usize; 4] = [0, 50, 90, 99];

/// Measures all of it.
pub(super) async fn measure(yardstick: &Yardstick, plan: &Plan, findings: &mut Findings) -> Result<()> {
    let ours = &yardstick.small.ours;
    let wide = ours.network("wide", "10.0.0.0/8").await?;
    tell(&yardstick.beside_own(&wide, plan).await?, "in an empty /8", None, findings);
    let last = ours.network("last", "10.0.0.0/8").await?;
    for range in ALL_BUT_ONE {
        ours.exclude(&last, range).await?;
    }
    let pairs = yardstick.beside_own(&last, plan).await?;
    tell(&pairs, "in a /8 with one free address", Some(Goal::AtMost(1.2)), findings);

    let (prefix, addresses) = plan.filled;
    let filled = ours.network("filled", prefix).await?;
    let leader = ours.leader().await?;
    let progress = bar("leases", addresses);
    let (mut held, mut p50, mut p99) = (0, Vec::new(), Vec::new());
    for wanted in LEVELS.iter().map(|level| addresses * level / 100).chain([addresses - 1]) {
        let step = progress.clone();
        let granted = move |count: usize| step.inc(u64::try_from(count).unwrap_or_default());
        grant(ours, leader, &filled, wanted - held, granted).await?;
        held = wanted;
        let pairs = yardstick.beside_own(&filled, plan).await?;
        let free = number(addresses - held);
        p50.extend(median(&pairs.p50().0).map(|y| (free, y)));
        p99.extend(median(&pairs.p99().0).map(|y| (free, y)));
        let what = format!("with {} of {addresses} addresses left", addresses - held);
        tell(&pairs, &what, None, findings);
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
