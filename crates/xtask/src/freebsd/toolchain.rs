//! A rustc with std's sources below `target/freebsd`, unpacked from Debian's packages and kept for the next time. It is
//! put together beside its place and then renamed, so that what is there is always whole.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::packages;
use crate::context::Context;
use crate::process::Tool;

/// An unpacked rustc that can run.
pub(super) struct Toolchain {
    root: PathBuf,
    libraries: PathBuf,
    version: String,
}

impl Toolchain {
    /// Takes the one that is kept, or unpacks one.
    pub(super) fn get(context: &Context) -> Result<Self> {
        let home = context.target.join("freebsd");
        let root = home.join("root");
        if !root.is_dir() {
            unpack(&home, &root)?;
        }
        let toolchain = Self::open(root)?;
        if toolchain.is_older_than(&context.rust_version)? {
            bail!("Debian has {}, the workspace needs {}", toolchain.version, context.rust_version);
        }
        Ok(toolchain)
    }

    pub(super) fn rustc(&self) -> PathBuf {
        self.root.join("usr/bin/rustc")
    }

    pub(super) fn libraries(&self) -> &Path {
        &self.libraries
    }

    /// What rustc calls itself, such as `rustc 1.96.0 (ac68faa20 2026-05-25)`.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    fn open(root: PathBuf) -> Result<Self> {
        let libraries = libraries(&root)?;
        let rustc = Tool::new(root.join("usr/bin/rustc")).env("LD_LIBRARY_PATH", &libraries);
        let version = rustc.arg("--version").capture()?.trim().to_owned();
        Ok(Self { root, libraries, version })
    }

    fn is_older_than(&self, wanted: &str) -> Result<bool> {
        let own = self.version.split_whitespace().nth(1).unwrap_or_default();
        Ok(minor(own)? < minor(wanted)?)
    }
}

fn unpack(home: &Path, root: &Path) -> Result<()> {
    let fresh = home.join("root.new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).with_context(|| format!("cannot remove {}", fresh.display()))?;
    }
    fs::create_dir_all(&fresh).with_context(|| format!("cannot create {}", fresh.display()))?;
    packages::unpack(home, &fresh)?;
    drop_compiler_sources(&fresh)?;
    fs::rename(&fresh, root)
        .with_context(|| format!("cannot rename {} to {}", fresh.display(), root.display()))
}

/// The source package brings the whole compiler; only the standard library is built from it. This saves half a gigabyte.
fn drop_compiler_sources(root: &Path) -> Result<()> {
    for source in entries(&root.join("usr/src"))? {
        for name in ["compiler", "src", "vendor"] {
            let surplus = source.join(name);
            if surplus.is_dir() {
                fs::remove_dir_all(&surplus)
                    .with_context(|| format!("cannot remove {}", surplus.display()))?;
            }
        }
    }
    Ok(())
}

/// Debian keeps shared libraries in a directory named after the machine, such as `usr/lib/x86_64-linux-gnu`.
fn libraries(root: &Path) -> Result<PathBuf> {
    let all = entries(&root.join("usr/lib"))?;
    let found = all.into_iter().find(|path| path.to_string_lossy().ends_with("-linux-gnu"));
    found.with_context(|| format!("{} holds no libraries of a rustc", root.display()))
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(dir).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    listed.with_context(|| format!("cannot list {}", dir.display()))
}

/// The `95` of `1.95` or `1.95.0`.
fn minor(version: &str) -> Result<u32> {
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse().ok());
    minor.with_context(|| format!("`{version}` is not the version of a Rust"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Toolchain;

    fn toolchain(version: &str) -> Toolchain {
        Toolchain { root: PathBuf::new(), libraries: PathBuf::new(), version: version.to_owned() }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(toolchain("rustc 1.85.0 (4d91de4e4 2025-02-17)").is_older_than("1.95").unwrap());
        assert!(toolchain("rustc 1.95.0").is_older_than("1.100").unwrap());
        assert!(!toolchain("rustc 1.95.0").is_older_than("1.95").unwrap());
        assert!(
            !toolchain("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)")
                .is_older_than("1.95")
                .unwrap()
        );
    }

    #[test]
    fn what_is_no_version_is_an_error() {
        assert!(toolchain("").is_older_than("1.95").is_err());
    }
}
