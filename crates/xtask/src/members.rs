//! A cluster for a chore: three real allocd processes on loopback, each with a data directory of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

use crate::loopback::Address;

/// How many members a chore's cluster has.
pub(crate) const MEMBERS: usize = 3;

/// Three members; those that still run when this is dropped are ended.
pub(crate) struct Members {
    program: PathBuf,
    work: PathBuf,
    addresses: Vec<Address>,
    processes: Vec<Option<Child>>,
}

impl Members {
    /// Writes the members' configurations below `work`; starts none.
    pub(crate) fn prepare(program: &Path, work: &Path, cluster: &str) -> Result<Self> {
        let addresses = (0..MEMBERS).map(|_| Address::new()).collect::<Result<Vec<_>>>()?;
        let listed: Vec<String> = addresses
            .iter()
            .zip(1..)
            .map(|(address, id)| format!("  {{ id = {id}, address = \"{}\" }},", address.text()))
            .collect();
        for (address, id) in addresses.iter().zip(1..) {
            let directory = work.join(format!("member{id}"));
            fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
            let config = format!(
                "cluster_id = \"{cluster}\"\nmember_id = {id}\ndata_dir = \"{}\"\nlisten = \"{}\"\nmembers = [\n{}\n]\n",
                directory.join("data").display(),
                address.text(),
                listed.join("\n"),
            );
            fs::write(directory.join("allocd.toml"), config)?;
        }
        let processes = addresses.iter().map(|_| None).collect();
        Ok(Self { program: program.to_owned(), work: work.to_owned(), addresses, processes })
    }

    /// Where the members listen.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.addresses.iter().map(|address| address.text().to_owned()).collect()
    }

    /// Starts every member that does not run.
    pub(crate) fn start(&mut self) -> Result<()> {
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

    /// The process of a member that runs, by its position.
    pub(crate) fn pid(&self, at: usize) -> Option<u32> {
        self.processes[at].as_ref().map(Child::id)
    }

    /// Ends one member, by its position, with SIGKILL.
    pub(crate) fn kill(&mut self, at: usize) -> Result<()> {
        if let Some(mut child) = self.processes[at].take() {
            child.kill().context("cannot kill a member")?;
            child.wait().context("cannot wait for a killed member")?;
        }
        Ok(())
    }

    /// Ends all members at once with SIGKILL.
    pub(crate) fn kill_all(&mut self) -> Result<()> {
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
