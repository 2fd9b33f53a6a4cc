//! Whether reading everything holds up a commit: clients allocate, with and without somebody who reads all leases of the
//! leader again and again. The reader is on a thread of its own, because it is no part of the load generator.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use allocd_proto::v1::ExportRequest;
use allocd_proto::v1::admin_service_client::AdminServiceClient;
use anyhow::{Context as _, Result, anyhow, ensure};
use tokio::runtime;

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

/// Measures windows without and with a list in progress, in turn.
pub(super) async fn measure(growing: &Growing, plan: &Plan, findings: &mut Findings) -> Result<()> {
    let leader = growing.ours.address(growing.leader);
    let window = async || -> Result<Sample> {
        let channels = connect(&leader, usize::try_from(CLIENTS)?).await?.into_iter();
        run(channels.map(|channel| Allocate::new(channel, growing.pool.clone())).collect(), plan.window).await
    };
    let (mut quiet, mut read) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        quiet.push(window().await?);
        let reader = Reader::start(&leader)?;
        read.push(window().await?);
        ensure!(reader.stop()? > 0, "not one lease was read in a window");
    }
    let size = plan.sizes.last().context("there is a size")?;
    let metric = |what: &str, unit, goal| Metric {
        name: format!("{what} of allocate while all of {size} leases are listed / without"),
        clients: CLIENTS,
        unit,
        goal,
    };
    let part = |samples: &[Sample], part: fn(&Sample) -> f64| samples.iter().map(part).collect::<Vec<_>>();
    let p99 = |samples: &[Sample]| part(samples, |sample| sample.p99_ms);
    findings.tell(Row::compared(metric("p99", "ms", Some(Goal::AtMost(2.0))), p99(&read), p99(&quiet)));
    let rate = |samples: &[Sample]| part(samples, |sample| sample.per_second);
    findings.tell(Row::compared(metric("rate", "1/s", None), rate(&read), rate(&quiet)));
    findings.note("a snapshot in progress is not measured: there is no call that has one taken".to_owned());
    Ok(())
}

/// Reads all leases again and again.
struct Reader {
    stop: Arc<AtomicBool>,
    leases: Arc<AtomicUsize>,
    thread: JoinHandle<Result<()>>,
}

impl Reader {
    fn start(address: &str) -> Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, leases) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (told, count, address) = (Arc::clone(&stop), Arc::clone(&leases), address.to_owned());
        let read = async move {
            let mut client = AdminServiceClient::new(connect_lazily(&address)?);
            while !told.load(Ordering::Relaxed) {
                let mut parts = client.export(ExportRequest::default()).await?.into_inner();
                while let Some(part) = parts.message().await? {
                    count.fetch_add(part.leases.len(), Ordering::Relaxed);
                    if told.load(Ordering::Relaxed) {
                        break;
                    }
                }
            }
            anyhow::Ok(())
        };
        let thread =
            thread::Builder::new().name("reader".to_owned()).spawn(move || runtime.block_on(read))?;
        Ok(Self { stop, leases, thread })
    }

    /// Ends it, and says how many leases it read.
    fn stop(self) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the reader panicked"))?.context("cannot list all leases")?;
        Ok(self.leases.load(Ordering::Relaxed))
    }
}
