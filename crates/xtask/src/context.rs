//! Where things are: the tree that is looked after, and the places below `target` that a chore may write to.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::process::Tool;

/// The tree a chore works on.
pub(crate) struct Context {
    /// The top of the checkout.
    pub(crate) root: PathBuf,
    /// Cargo's target directory, the only place that is written to.
    pub(crate) target: PathBuf,
    /// The oldest Rust that the workspace promises to build with.
    pub(crate) rust_version: String,
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    rust_version: Option<String>,
}

impl Context {
    /// Asks cargo where the workspace around the current directory is.
    pub(crate) fn locate() -> Result<Self> {
        let found =
            Tool::new(cargo_program()).args(["metadata", "--no-deps", "--format-version=1"]).capture()?;
        let metadata: Metadata =
            serde_json::from_str(&found).context("cannot read what cargo metadata says")?;
        let rust_version = metadata.packages.into_iter().find_map(|package| package.rust_version);
        Ok(Self {
            root: metadata.workspace_root,
            target: metadata.target_directory,
            rust_version: rust_version.context("no package of the workspace has a rust-version")?,
        })
    }

    /// Cargo at the top of the tree, with our own tools found before the system's.
    pub(crate) fn cargo(&self) -> Tool {
        Tool::new(cargo_program()).dir(&self.root).env("PATH", self.path())
    }

    /// Builds the programs, and this one, in release. Always all of them: other packages would have other features of what they share,
    /// and all of that would be built once more.
    pub(crate) fn build_release(&self) -> Result<()> {
        let packages = ["allocd", "allocctl", "alloc-agent", "xtask"].map(|name| format!("--package={name}"));
        self.cargo().args(["build", "--locked", "--release"]).args(packages).run()
    }

    /// Where tools are installed that a chore needs and the machine lacks.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// `path` as it is written in messages: relative to the top of the tree where it lies inside.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }

    /// A program that may be one of our own tools.
    pub(crate) fn tool(&self, program: &str) -> Tool {
        let found = self.own_places().map(|dir| dir.join(program)).into_iter().find(|path| path.is_file());
        Tool::new(found.unwrap_or_else(|| program.into())).dir(&self.root).env("PATH", self.path())
    }

    fn own_places(&self) -> [PathBuf; 2] {
        [self.tools().join("bin"), self.tools().join("node_modules/.bin")]
    }

    fn path(&self) -> OsString {
        let inherited = env::var_os("PATH").unwrap_or_default();
        env::join_paths(self.own_places().into_iter().chain(env::split_paths(&inherited)))
            .unwrap_or(inherited)
    }
}

fn cargo_program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
