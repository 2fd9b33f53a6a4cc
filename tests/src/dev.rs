//! A cluster of three members in one process, as `allocd dev` makes it: on any free ports, with data that goes with it.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::process::Process;
use crate::program::allocd;
use crate::until::until;

/// A cluster that ends with this value.
pub struct Dev {
    _process: Process,
    directory: TempDir,
    endpoints: String,
}

impl Dev {
    /// Starts one, and waits until it serves.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("make a temporary directory");
        let file = directory.path().join("endpoints");
        let mut command = Command::new(allocd());
        command.args(["dev", "--listen", "127.0.0.1:0", "--endpoints-file"]).arg(&file);
        command.arg("--data").arg(directory.path().join("data"));
        let process = Process::of(&mut command, &directory.path().join("log"));
        let endpoints = until("the cluster serves", async || fs::read_to_string(&file).ok()).await;
        Self { _process: process, directory, endpoints }
    }

    /// Where the members are, with commas between.
    #[must_use]
    pub fn endpoints(&self) -> &str {
        self.endpoints.trim_end()
    }

    /// A directory for whatever a test writes.
    #[must_use]
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }
}
