//! The demo's cluster: three real allocd processes on loopback, each with a data directory of its own.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

/// How many members the demo's cluster has.
pub(super) const MEMBERS: usize = 3;

/// Three members; those that still run when this is dropped are ended.
pub(super) struct Members {
    program: PathBuf,
    work: PathBuf,
    addresses: Vec<String>,
    processes: Vec<Option<Child>>,
}

impl Members {
    /// Writes the members' configurations below `work`; starts none.
    pub(super) fn prepare(program: &Path, work: &Path) -> Result<Self> {
        let addresses = free_addresses()?;
        let listed: Vec<String> = addresses
            .iter()
            .zip(1..)
            .map(|(address, id)| format!("  {{ id = {id}, address = \"{address}\" }},"))
            .collect();
        for (address, id) in addresses.iter().zip(1..) {
            let directory = work.join(format!("member{id}"));
            fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
            let config = format!(
                "cluster_id = \"demo\"\nmember_id = {id}\ndata_dir = \"{}\"\nlisten = \"{address}\"\nmembers = [\n{}\n]\n",
                directory.join("data").display(),
                listed.join("\n"),
            );
            fs::write(directory.join("allocd.toml"), config)?;
        }
        let processes = addresses.iter().map(|_| None).collect();
        Ok(Self { program: program.to_owned(), work: work.to_owned(), addresses, processes })
    }

    /// Where the members listen.
    pub(super) fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// Starts every member that does not run.
    pub(super) fn start(&mut self) -> Result<()> {
        for (at, process) in self.processes.iter_mut().enumerate() {
            if process.is_none() {
                let directory = self.work.join(format!("member{}", at + 1));
                let log = File::options().create(true).append(true).open(directory.join("log"))?;
                let child = Command::new(&self.program)
                    .args(["serve", "--config"])
                    .arg(directory.join("allocd.toml"))
                    .stdin(Stdio::null())
                    .stdout(log.try_clone()?)
                    .stderr(log)
                    .spawn()
                    .with_context(|| format!("cannot start {}", self.program.display()))?;
                *process = Some(child);
            }
        }
        Ok(())
    }

    /// Ends one member, by its position, with SIGKILL.
    pub(super) fn kill(&mut self, at: usize) -> Result<()> {
        if let Some(mut child) = self.processes[at].take() {
            child.kill().context("cannot kill a member")?;
            child.wait().context("cannot wait for a killed member")?;
        }
        Ok(())
    }

    /// Ends all members at once with SIGKILL.
    pub(super) fn kill_all(&mut self) -> Result<()> {
        for child in self.processes.iter_mut().flatten() {
            child.kill().context("cannot kill a member")?;
        }
        for process in &mut self.processes {
            if let Some(mut child) = process.take() {
                child.wait().context("cannot wait for a killed member")?;
            }
        }
        Ok(())
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        if let Err(error) = self.kill_all() {
            eprintln!("warning: {error:#}");
        }
    }
}

/// Addresses on loopback that are free right now: held together, so that all differ.
fn free_addresses() -> Result<Vec<String>> {
    let listeners: Vec<TcpListener> =
        (0..MEMBERS).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<std::io::Result<_>>()?;
    listeners.iter().map(|listener| Ok(listener.local_addr()?.to_string())).collect()
}
