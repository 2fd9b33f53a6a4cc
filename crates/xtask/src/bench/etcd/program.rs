//! etcd itself: Debian's package, unpacked below `target/etcd` and kept for the next time; nothing is installed and no
//! service is started. It is put together beside its place and then renamed, so that what is there is always whole.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::context::Context;
use crate::debian::Packages;
use crate::process::Tool;

/// etcd, ready to be run.
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// What it calls itself, such as `etcd Version: 3.4.23`.
    pub(crate) version: String,
}

impl Program {
    /// Takes the one that is kept, or unpacks one.
    pub(crate) fn get(context: &Context) -> Result<Self> {
        let home = context.target.join("etcd");
        let root = home.join("root");
        if !root.is_dir() {
            let fresh = home.join("root.new");
            if fresh.exists() {
                fs::remove_dir_all(&fresh).with_context(|| format!("cannot remove {}", fresh.display()))?;
            }
            fs::create_dir_all(&fresh).with_context(|| format!("cannot create {}", fresh.display()))?;
            Packages::listed(&home)?.unpack(&["etcd-server"], &fresh)?;
            fs::rename(&fresh, &root)
                .with_context(|| format!("cannot rename {} to {}", fresh.display(), root.display()))?;
        }
        let path = root.join("usr/bin/etcd");
        let said = Tool::new(&path).arg("--version").capture()?;
        let version = said.lines().next().context("etcd does not say its version")?.to_owned();
        Ok(Self { path, version })
    }
}
