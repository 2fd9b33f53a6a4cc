//! Everything that is measured side by side, started and furnished: our cluster, the same without durability, etcd, and
//! the echo. What cannot be had here is told and left out.

use std::path::{Path, PathBuf};

use allocd_proto::v1;
use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::echo::{Echo, Say};
use super::etcd::{self, Etcd, Put, Range, Swap};
use super::load::{Window, connect, connect_lazily, run};
use super::machine;
use super::ours::{Allocate, Get, Ours, Pool, holders_to_read};
use super::sample::Sample;

/// How many leases, or keys, readers go round.
const READ_FROM: usize = 1_000;
/// Where Linux keeps a file system in memory.
const MEMORY_DIR: &str = "/dev/shm";

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measured {
    Allocate,
    EtcdPut,
    EtcdSwap,
    InMemory,
    Get,
    EtcdGet,
    Echo,
}

impl Measured {
    /// In the order of a round, so that what is compared is measured one right after the other.
    pub(super) const ALL: [Self; 7] =
        [Self::Echo, Self::EtcdSwap, Self::EtcdPut, Self::Allocate, Self::InMemory, Self::Get, Self::EtcdGet];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Allocate => "allocate",
            Self::EtcdPut => "etcd put",
            Self::EtcdSwap => "etcd compare-and-swap allocation",
            Self::InMemory => "allocate without durability",
            Self::Get => "linearizable get",
            Self::EtcdGet => "etcd get",
            Self::Echo => "unary echo",
        }
    }
}

/// Our cluster with a network to allocate from.
pub(super) struct Furnished {
    pub(super) ours: Ours,
    pub(super) pool: Pool,
    /// Removed after the processes have ended.
    home: TempDir,
}

impl Furnished {
    /// Starts a cluster with hosts, a MAC pool and a network; `disk` is where data directories are made.
    pub(super) async fn start(allocd: &Path, disk: &Path) -> Result<Self> {
        let home = temporary(disk)?;
        let ours = Ours::start(allocd, home.path()).await?;
        ours.furnish().await?;
        let pool = ours.network("lan", "10.0.0.0/8").await?;
        Ok(Self { ours, pool, home })
    }

    /// Its parts; the directory has to outlive the processes.
    pub(super) fn into_parts(self) -> (TempDir, Ours, Pool) {
        (self.home, self.ours, self.pool)
    }
}

/// All sides.
pub(super) struct Sides {
    durable: Furnished,
    holders: Vec<v1::Holder>,
    in_memory: Option<Furnished>,
    etcd: Option<(Etcd, Vec<Vec<u8>>, TempDir)>,
    echo: Echo,
}

/// Where calls go while no member leaves or takes the lead.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Leaders {
    durable: String,
    in_memory: Option<String>,
    etcd: Option<String>,
}

impl Sides {
    /// Starts all; `disk` is where data directories are made.
    pub(super) async fn start(allocd: &Path, etcd: Option<&etcd::Program>, disk: &Path) -> Result<Self> {
        let durable = Furnished::start(allocd, disk).await?;
        let leader = durable.ours.leader_address().await?;
        let channel = connect_lazily(&leader)?;
        let holders =
            holders_to_read(channel, &durable.pool, READ_FROM).await.context("cannot make leases")?;
        let in_memory = match memory_dir() {
            Some(dir) => Some(Furnished::start(allocd, &dir).await?),
            None => None,
        };
        let etcd = match etcd {
            Some(program) => {
                let home = temporary(disk)?;
                let etcd = Etcd::start(program, home.path()).await?;
                let channel = connect_lazily(&etcd.leader().await?)?;
                let keys = etcd::keys_to_read(channel, READ_FROM).await.context("cannot make keys")?;
                Some((etcd, keys, home))
            }
            None => None,
        };
        Ok(Self { durable, holders, in_memory, etcd, echo: Echo::start()? })
    }

    /// Who leads now.
    pub(super) async fn leaders(&self) -> Result<Leaders> {
        let in_memory = match &self.in_memory {
            Some(furnished) => Some(furnished.ours.leader_address().await?),
            None => None,
        };
        let etcd = match &self.etcd {
            Some((etcd, _, _)) => Some(etcd.leader().await?),
            None => None,
        };
        Ok(Leaders { durable: self.durable.ours.leader_address().await?, in_memory, etcd })
    }

    /// What is not there, in words.
    pub(super) fn missing(&self) -> Vec<String> {
        let no_memory = self.in_memory.is_none().then(|| {
            format!("without durability: {MEMORY_DIR} is no file system in memory; hint: mount a tmpfs there")
        });
        no_memory.into_iter().collect()
    }

    /// One window of one thing; nothing if it is not there.
    pub(super) async fn sample(
        &self,
        measured: Measured,
        leaders: &Leaders,
        clients: u32,
        window: Window,
    ) -> Result<Option<Sample>> {
        let clients = usize::try_from(clients).context("that many clients")?;
        let allocate = async |furnished: &Furnished, leader: &str| {
            let channels = connect(leader, clients).await?;
            let worker = |channel| Allocate::new(channel, furnished.pool.clone());
            run(channels.into_iter().map(worker).collect(), window).await
        };
        let sample = match measured {
            Measured::Allocate => allocate(&self.durable, &leaders.durable).await?,
            Measured::InMemory => match self.in_memory.as_ref().zip(leaders.in_memory.as_ref()) {
                Some((furnished, leader)) => allocate(furnished, leader).await?,
                None => return Ok(None),
            },
            Measured::Get => {
                let channels = connect(&leaders.durable, clients).await?.into_iter().enumerate();
                let worker = |(at, channel)| Get::new(channel, self.holders.clone(), at);
                run(channels.map(worker).collect(), window).await?
            }
            Measured::Echo => {
                let channels = connect(&self.echo.address, clients).await?;
                run(channels.into_iter().map(Say::new).collect(), window).await?
            }
            Measured::EtcdPut | Measured::EtcdSwap | Measured::EtcdGet => {
                let (Some((_, keys, _)), Some(leader)) = (&self.etcd, &leaders.etcd) else { return Ok(None) };
                let channels = connect(leader, clients).await?;
                sample_etcd(measured, channels, keys, window).await?
            }
        };
        Ok(Some(sample))
    }
}

async fn sample_etcd(
    measured: Measured,
    channels: Vec<tonic::transport::Channel>,
    keys: &[Vec<u8>],
    window: Window,
) -> Result<Sample> {
    let channels = channels.into_iter();
    match measured {
        Measured::EtcdPut => run(channels.map(Put::new).collect(), window).await,
        Measured::EtcdSwap => run(channels.map(Swap::new).collect(), window).await,
        Measured::EtcdGet => {
            let worker = |(at, channel)| Range::new(channel, keys.to_vec(), at);
            run(channels.enumerate().map(worker).collect(), window).await
        }
        Measured::Allocate | Measured::InMemory | Measured::Get | Measured::Echo => {
            anyhow::bail!("{} is not etcd's", measured.name())
        }
    }
}

/// A directory of its own below `dir`, gone when it is dropped.
fn temporary(dir: &Path) -> Result<TempDir> {
    tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(dir)
        .with_context(|| format!("cannot make a directory below {}", dir.display()))
}

fn memory_dir() -> Option<PathBuf> {
    let dir = PathBuf::from(MEMORY_DIR);
    (machine::file_system(&dir).as_deref() == Some("tmpfs")).then_some(dir)
}
