//! Three members of etcd on loopback, with etcd's own settings but for addresses and directories.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::program::Program;
use crate::bench::load::connect_lazily;
use crate::bench::until::until;
use crate::bench::wire::etcdserverpb::StatusRequest;
use crate::bench::wire::etcdserverpb::maintenance_client::MaintenanceClient;
use crate::loopback::Address;
use crate::members::MEMBERS;

/// How long the cluster may take until a member leads.
const PATIENCE: Duration = Duration::from_secs(30);

/// Three members that run; they are ended when this is dropped.
pub(in crate::bench) struct Etcd {
    clients: Vec<Address>,
    /// Kept, so that nobody else takes a peer's port.
    _peers: Vec<Address>,
    processes: Vec<Child>,
}

impl Etcd {
    /// Starts three members below `work`, and waits until one leads.
    pub(in crate::bench) async fn start(program: &Program, work: &Path) -> Result<Self> {
        let clients = (0..MEMBERS).map(|_| Address::new()).collect::<Result<Vec<_>>>()?;
        let peers = (0..MEMBERS).map(|_| Address::new()).collect::<Result<Vec<_>>>()?;
        let all: Vec<String> =
            peers.iter().enumerate().map(|(at, peer)| format!("m{at}=http://{}", peer.text())).collect();
        let mut etcd = Self { clients, _peers: peers, processes: Vec::new() };
        for at in 0..MEMBERS {
            let child = etcd.member(at, &program.path, &work.join(format!("etcd{at}")), &all.join(","))?;
            etcd.processes.push(child);
        }
        etcd.leader().await?;
        Ok(etcd)
    }

    fn member(&self, at: usize, program: &Path, home: &Path, all: &str) -> Result<Child> {
        fs::create_dir_all(home).with_context(|| format!("cannot make {}", home.display()))?;
        let log = File::create(home.join("log")).context("cannot make a log")?;
        let client = format!("http://{}", self.clients[at].text());
        let peer = format!("http://{}", self._peers[at].text());
        Command::new(program)
            // Variables of etcd's own would be settings.
            .env_clear()
            .arg("--data-dir")
            .arg(home.join("data"))
            .args(["--name", &format!("m{at}")])
            .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
            .args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer])
            .args(["--initial-cluster", all, "--initial-cluster-state", "new"])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))
    }

    /// The address of the member that leads.
    pub(in crate::bench) async fn leader(&self) -> Result<String> {
        let mut members = Vec::with_capacity(MEMBERS);
        for address in &self.clients {
            members.push((address.text(), MaintenanceClient::new(connect_lazily(address.text())?)));
        }
        until("a member of etcd leads", PATIENCE, async || {
            for (address, client) in &mut members {
                let status = client.status(StatusRequest {}).await?.into_inner();
                let header = status.header.context("etcd's answer has a header")?;
                if status.leader != 0 && status.leader == header.member_id {
                    return Ok(Some((*address).to_owned()));
                }
            }
            Ok(None)
        })
        .await
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        for child in &mut self.processes {
            if let Err(error) = child.kill().and_then(|()| child.wait()) {
                eprintln!("warning: cannot end a member of etcd: {error}");
            }
        }
    }
}
