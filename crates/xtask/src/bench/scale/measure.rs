//! The order of it: two clusters, one that grows and one that stays small to compare with.

use std::path::Path;

use anyhow::Result;

use super::{failover, fill, leases, reading};
use crate::bench::findings::Findings;
use crate::bench::load::{Work, connect_lazily, series};
use crate::bench::options::Plan;
use crate::bench::ours::{Ours, Pool, Turn};
use crate::bench::sample::Sample;
use crate::bench::sides::Furnished;
use crate::progress::chapter;

/// A small pool with hardly a lease in its cluster: what everything else is held against.
pub(super) struct Yardstick {
    pub(super) small: Furnished,
    pub(super) pool: Pool,
    leader: String,
}

impl Yardstick {
    async fn start(allocd: &Path, disk: &Path) -> Result<Self> {
        let small = Furnished::start(allocd, disk).await?;
        let pool = small.ours.network("small", "10.0.0.0/24").await?;
        let leader = small.ours.leader_address().await?;
        Ok(Self { small, pool, leader })
    }

    /// A series here and a series there, in turn; `worker` makes what is measured, for each round anew.
    pub(super) async fn beside<W: Work>(
        &self,
        plan: &Plan,
        mut worker: impl FnMut(usize) -> Result<W>,
    ) -> Result<Pairs> {
        let mut pairs = Pairs::default();
        for round in 0..plan.rounds {
            let mut theirs = Turn::new(connect_lazily(&self.leader)?, self.pool.clone());
            pairs.theirs.push(series(&mut theirs, plan.calls).await?);
            pairs.ours.push(series(&mut worker(round)?, plan.calls).await?);
        }
        Ok(pairs)
    }

    /// The same, with a pool of the small cluster itself.
    pub(super) async fn beside_own(&self, pool: &Pool, plan: &Plan) -> Result<Pairs> {
        self.beside(plan, |_| Ok(Turn::new(connect_lazily(&self.leader)?, pool.clone()))).await
    }

    /// Where the small cluster is called.
    pub(super) fn leader(&self) -> &str {
        &self.leader
    }
}

/// Series that were measured in turn.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) ours: Vec<Sample>,
    pub(super) theirs: Vec<Sample>,
}

impl Pairs {
    pub(super) fn p50(&self) -> (Vec<f64>, Vec<f64>) {
        self.part(|sample| sample.p50_ms)
    }

    pub(super) fn p99(&self) -> (Vec<f64>, Vec<f64>) {
        self.part(|sample| sample.p99_ms)
    }

    fn part(&self, part: fn(&Sample) -> f64) -> (Vec<f64>, Vec<f64>) {
        (self.ours.iter().map(part).collect(), self.theirs.iter().map(part).collect())
    }
}

/// The cluster that grows. Its leader is asked for once: a member digests all it has for that answer.
pub(super) struct Growing {
    pub(super) ours: Ours,
    pub(super) pool: Pool,
    pub(super) leader: usize,
}

/// Measures all of it, and tells it.
pub(in crate::bench) async fn measure(
    allocd: &Path,
    disk: &Path,
    plan: &Plan,
    findings: &mut Findings,
) -> Result<()> {
    let mut yardstick = Yardstick::start(allocd, disk).await?;
    chapter("a pool that fills");
    fill::measure(&yardstick, plan, findings).await?;
    chapter("leases that are held");
    {
        let (_home, ours, pool) = Furnished::start(allocd, disk).await?.into_parts();
        let leader = ours.leader().await?;
        let mut growing = Growing { ours, pool, leader };
        leases::measure(&mut growing, &yardstick, plan, findings).await?;
        reading::measure(&growing, plan, findings).await?;
        if growing.ours.leader().await? != growing.leader {
            findings.note("the cluster that grows changed its leader by itself".to_owned());
        }
    }
    chapter("a leader that dies");
    failover::measure(&mut yardstick.small, plan, findings).await
}
