//! Debian's packages, unpacked and not installed: apt gets state directories of its own, so that this works on a machine
//! whose lists were never fetched, without being root, and without touching the system's own lists.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::process::Tool;

/// A directory for packages, with lists that were fetched just now.
pub(crate) struct Packages {
    home: PathBuf,
}

impl Packages {
    /// Fetches the lists into `home`, and removes packages of an earlier run.
    pub(crate) fn listed(home: &Path) -> Result<Self> {
        if !Path::new("/etc/debian_version").exists() {
            bail!("the packages are Debian's, and this is not Debian");
        }
        let packages = Self { home: home.to_owned() };
        for dir in [packages.state().join("lists/partial"), packages.state().join("cache/archives/partial")] {
            fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        }
        // What an interrupted run left behind may be of another version.
        packages
            .fetched()?
            .iter()
            .try_for_each(fs::remove_file)
            .context("cannot remove packages of an earlier run")?;
        packages
            .apt("apt-get")
            .args(["update", "--quiet", "-o", "APT::Update::Error-Mode=any"])
            .run()
            .context("Debian's lists cannot be fetched")?;
        Ok(packages)
    }

    /// The first package that `package` depends on whose name begins with `prefix`.
    pub(crate) fn dependency(&self, package: &str, prefix: &str) -> Result<String> {
        let listed = self.apt("apt-cache").args(["depends", package]).capture()?;
        let found = first_dependency(&listed, prefix);
        found.with_context(|| format!("Debian's {package} depends on no {prefix}*"))
    }

    /// Downloads packages and unpacks them below `root`.
    pub(crate) fn unpack(&self, names: &[&str], root: &Path) -> Result<()> {
        self.apt("apt-get")
            .args(["download", "--quiet"])
            .args(names)
            .dir(&self.home)
            .run()
            .with_context(|| format!("Debian's packages cannot be downloaded: {}", names.join(", ")))?;
        for package in self.fetched()? {
            Tool::new("dpkg").arg("-x").arg(&package).arg(root).run()?;
            fs::remove_file(&package).with_context(|| format!("cannot remove {}", package.display()))?;
        }
        Ok(())
    }

    fn state(&self) -> PathBuf {
        self.home.join("apt")
    }

    fn apt(&self, program: &str) -> Tool {
        // Fetching as root would otherwise be handed to a user who may not write below our directory.
        Tool::new(program)
            .args(["-o", "APT::Sandbox::User=root", "-o"])
            .arg(format!("Dir::State::Lists={}", self.state().join("lists").display()))
            .arg("-o")
            .arg(format!("Dir::Cache={}", self.state().join("cache").display()))
    }

    fn fetched(&self) -> Result<Vec<PathBuf>> {
        let listed: std::io::Result<Vec<PathBuf>> =
            fs::read_dir(&self.home).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        let listed = listed.with_context(|| format!("cannot list {}", self.home.display()))?;
        Ok(listed
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .collect())
    }
}

fn first_dependency(listed: &str, prefix: &str) -> Option<String> {
    let mut names = listed.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    names.find(|name| name.starts_with(prefix)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::first_dependency;

    #[test]
    fn the_versioned_library_is_found_among_the_dependencies() {
        let listed = "libstd-rust-web-1.96\n  Depends: libc6\n  Depends: libllvm22\n  Suggests: libllvm9\n";
        assert_eq!(first_dependency(listed, "libllvm").as_deref(), Some("libllvm22"));
    }

    #[test]
    fn what_is_only_suggested_is_not_a_dependency() {
        assert_eq!(first_dependency("a\n  Suggests: libllvm22\n", "libllvm"), None);
    }
}
