//! `allocd dev`: three members in one process, for trying things out and for tests.

use std::fs::Permissions;
use std::future::pending;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use allocd_replica::SnapshotLimits;
use allocd_types::id::{ClusterId, MemberId};
use anyhow::{Context as _, Result};
use futures::future::{join_all, select_all};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::{Config, LogFormat, MemberAddress, connections_max, queue_calls_max, threads};
use crate::logging;
use crate::member::{Member, bind};

/// How many members there are.
const MEMBERS: u16 = 3;

/// What `allocd dev` may be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the first member listens; the others take the next ports. Port 0: any three that are free.
    #[arg(long, env = "ALLOCD_DEV_LISTEN", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 7421)), value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Write the members' addresses to this file, comma-separated, once a leader serves.
    #[arg(long, env = "ALLOCD_DEV_ENDPOINTS_FILE", value_name = "FILE")]
    endpoints_file: Option<PathBuf>,
    /// Keep the data here; nothing said: in a temporary directory that is removed at the end.
    #[arg(long, env = "ALLOCD_DEV_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// What is logged: error, warn, info, debug, trace, or a filter such as info,allocd=debug.
    #[arg(long, env = "ALLOCD_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
    /// Listen beyond loopback although there are no identities yet.
    #[arg(long, env = "ALLOCD_INSECURE")]
    insecure: bool,
}

/// Runs three members until told to stop.
pub(crate) async fn run(options: Options, told_to_stop: impl Future<Output = ()>) -> Result<()> {
    logging::start(LogFormat::Text, logging::filter(&options.log).context("--log")?)?;
    if !options.listen.ip().is_loopback() && !options.insecure {
        anyhow::bail!(
            "{} is not on loopback, and there are no identities yet: give --insecure if the network is trusted",
            options.listen
        );
    }
    let temporary = match &options.data {
        Some(_) => None,
        None => Some(
            tempfile::Builder::new()
                .prefix("allocd-dev-")
                .tempdir()
                .context("cannot make a temporary directory")?,
        ),
    };
    let data = options
        .data
        .clone()
        .or_else(|| temporary.as_ref().map(|made| made.path().to_owned()))
        .unwrap_or_default();
    let (listeners, addresses) = listen(options.listen).await?;
    let members: Vec<MemberAddress> = addresses
        .iter()
        .zip(1..)
        .map(|(address, id)| MemberAddress { id: MemberId::new(id), address: address.to_string() })
        .collect();
    let mut running = Vec::new();
    for (listener, member) in listeners.into_iter().zip(&members) {
        let config = config(&data, listener.local_addr()?, member, members.clone())?;
        running.push(Member::start(&config, listener).await?);
    }
    let all_led = join_all(running.iter().map(Member::led));
    let endpoints = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let announce = async {
        all_led.await;
        tracing::info!(%endpoints, data = %data.display(), "serves");
        options.endpoints_file.as_ref().map_or(Ok(()), |path| write_at_once(path, &endpoints))
    };
    run_all(running, announce, told_to_stop).await
}

/// Runs all until one ends or all are told to stop, and announces them once they serve.
async fn run_all(
    members: Vec<Member>,
    announce: impl Future<Output = Result<()>>,
    told_to_stop: impl Future<Output = ()>,
) -> Result<()> {
    let (stop, stopping) = watch::channel(false);
    let mut runs: Vec<_> = members
        .into_iter()
        .map(|member| {
            let mut stopping = stopping.clone();
            Box::pin(member.run(async move {
                // The sender lives until all have ended.
                let _ = stopping.wait_for(|stop| *stop).await;
            }))
        })
        .collect();
    let announced = async {
        announce.await?;
        pending().await
    };
    let mut ended_at = None;
    let first = tokio::select! {
        () = told_to_stop => Ok(()),
        failed = announced => failed,
        (ended, at, _) = select_all(runs.iter_mut()) => {
            ended_at = Some(at);
            ended
        }
    };
    // Whatever the reason, the others end in order: their data may be temporary.
    if let Some(at) = ended_at {
        drop(runs.swap_remove(at));
    }
    stop.send_replace(true);
    join_all(runs).await.into_iter().fold(first, Result::and)
}

async fn listen(first: SocketAddr) -> Result<(Vec<TcpListener>, Vec<SocketAddr>)> {
    let mut listeners = Vec::new();
    for at in 0..MEMBERS {
        let port = if first.port() == 0 {
            0
        } else {
            first.port().checked_add(at).context("the ports end at 65535")?
        };
        listeners.push(bind(SocketAddr::new(first.ip(), port)).await?);
    }
    let addresses = listeners.iter().map(TcpListener::local_addr).collect::<io::Result<_>>()?;
    Ok((listeners, addresses))
}

fn config(
    data: &Path,
    listen: SocketAddr,
    member: &MemberAddress,
    members: Vec<MemberAddress>,
) -> Result<Config> {
    Ok(Config {
        cluster: ClusterId::new("dev")?,
        member: member.id,
        data_dir: data.join(format!("member{}", member.id)),
        joins: false,
        listen,
        members,
        heartbeat: Duration::from_millis(50),
        election_ticks: 6,
        queue_calls_max: queue_calls_max(),
        connections_max: connections_max() / usize::from(MEMBERS),
        threads: threads(),
        snapshots: SnapshotLimits::USUAL,
        log_format: LogFormat::Text,
        log_filter: String::new(),
    })
}

/// Whoever waits for the file never reads half of it.
fn write_at_once(path: &Path, text: &str) -> Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    let write = || -> io::Result<()> {
        let readable = Permissions::from_mode(0o644);
        let mut draft = tempfile::Builder::new().permissions(readable).tempfile_in(directory)?;
        writeln!(draft, "{text}")?;
        draft.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
