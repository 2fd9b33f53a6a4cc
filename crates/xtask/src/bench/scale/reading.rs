//! Whether reading everything holds up a commit: clients allocate, with and without somebody who reads all leases of the
//! leader again and again, or a snapshot of all it has. The reader is on a thread of its own, because it is no part of the load
//! generator. A snapshot is read as a backup: the same version of the machine, kept as long, and the same bytes as are stored
//! for the log and sent to a member that is behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use allocd_proto::v1::admin_service_client::AdminServiceClient;
use allocd_proto::v1::{BackupRequest, ExportRequest};
use anyhow::{Context as _, Result, anyhow, ensure};
use tokio::runtime;
use tonic::transport::Channel;

use super::measure::Growing;
use crate::bench::findings::Findings;
use crate::bench::goal::Goal;
use crate::bench::load::{connect, connect_lazily, run};
use crate::bench::options::Plan;
use crate::bench::ours::Allocate;
use crate::bench::row::{Metric, Row};
use crate::bench::sample::Sample;

/// How many clients allocate meanwhile.
const CLIENTS: u32 = 16;

/// What is read of the leader meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    List,
    Snapshot,
}

impl Reading {
    const ALL: [Self; 2] = [Self::List, Self::Snapshot];

    const fn name(self) -> &'static str {
        match self {
            Self::List => "a list",
            Self::Snapshot => "a snapshot",
        }
    }

    /// Reads it once, and counts what comes; ends early if told to.
    async fn read(self, client: &mut AdminServiceClient<Channel>, has_come: impl Fn() -> bool) -> Result<()> {
        match self {
            Self::List => {
                let mut parts = client.export(ExportRequest::default()).await?.into_inner();
                while parts.message().await?.is_some() && has_come() {}
            }
            Self::Snapshot => {
                let mut parts = client.backup(BackupRequest::default()).await?.into_inner();
                while parts.message().await?.is_some() && has_come() {}
            }
        }
        Ok(())
    }
}

/// Measures windows without and with each reading in progress, in turn.
pub(super) async fn measure(growing: &Growing, plan: &Plan, findings: &mut Findings) -> Result<()> {
    let leader = growing.ours.address(growing.leader);
    let window = async || -> Result<Sample> {
        let channels = connect(&leader, usize::try_from(CLIENTS)?).await?.into_iter();
        run(channels.map(|channel| Allocate::new(channel, growing.pool.clone())).collect(), plan.window).await
    };
    let mut quiet = Vec::new();
    let mut read = Reading::ALL.map(|reading| (reading, Vec::new()));
    for _ in 0..plan.rounds {
        quiet.push(window().await?);
        for (reading, samples) in &mut read {
            let reader = Reader::start(&leader, *reading)?;
            samples.push(window().await?);
            ensure!(reader.stop()? > 0, "nothing of {} was read in a window", reading.name());
        }
    }
    let size = plan.sizes.last().context("there is a size")?;
    let part = |samples: &[Sample], part: fn(&Sample) -> f64| samples.iter().map(part).collect::<Vec<_>>();
    let p99 = |samples: &[Sample]| part(samples, |sample| sample.p99_ms);
    let rate = |samples: &[Sample]| part(samples, |sample| sample.per_second);
    for (reading, samples) in &read {
        let metric = |what: &str, unit, goal| Metric {
            name: format!(
                "{what} of allocate while {} of all {size} leases is read / without",
                reading.name()
            ),
            clients: CLIENTS,
            unit,
            goal,
        };
        let goal = Some(Goal::AtMost(2.0));
        findings.tell(Row::compared(metric("p99", "ms", goal), p99(samples), p99(&quiet)));
        findings.tell(Row::compared(metric("rate", "1/s", None), rate(samples), rate(&quiet)));
    }
    Ok(())
}

/// Reads everything again and again.
struct Reader {
    stop: Arc<AtomicBool>,
    parts: Arc<AtomicUsize>,
    thread: JoinHandle<Result<()>>,
}

impl Reader {
    fn start(address: &str, reading: Reading) -> Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, parts) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (told, count, address) = (Arc::clone(&stop), Arc::clone(&parts), address.to_owned());
        let read = async move {
            let mut client = AdminServiceClient::new(connect_lazily(&address)?);
            while !told.load(Ordering::Relaxed) {
                let has_come = || {
                    count.fetch_add(1, Ordering::Relaxed);
                    !told.load(Ordering::Relaxed)
                };
                reading.read(&mut client, has_come).await?;
            }
            anyhow::Ok(())
        };
        let thread =
            thread::Builder::new().name("reader".to_owned()).spawn(move || runtime.block_on(read))?;
        Ok(Self { stop, parts, thread })
    }

    /// Ends it, and says how many parts it read.
    fn stop(self) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the reader panicked"))?.context("cannot read everything")?;
        Ok(self.parts.load(Ordering::Relaxed))
    }
}
