//! Downloads Debian packages without installing anything and without touching the system's own lists: apt gets state
//! directories of its own, so that this works on a machine whose lists were never fetched, and without being root.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::process::Tool;

/// rustc, and the sources of std. Their libraries carry versions in their names and are found by what these depend on.
const NAMED: &[&str] = &["rustc-web", "rust-web-src", "libstd-rust-web-dev"];

/// Fetches the packages of a rustc that carries std's sources into `home`, and says where they are.
pub(super) fn download(home: &Path) -> Result<Vec<PathBuf>> {
    if !Path::new("/etc/debian_version").exists() {
        bail!("the packages of rustc are Debian's, and this is not Debian");
    }
    let state = home.join("apt");
    for dir in [state.join("lists/partial"), state.join("cache/archives/partial")] {
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    }
    // What an interrupted run left behind may be of another version.
    fetched(home)?
        .iter()
        .try_for_each(fs::remove_file)
        .context("cannot remove packages of an earlier run")?;
    apt("apt-get", &state)
        .args(["update", "--quiet", "-o", "APT::Update::Error-Mode=any"])
        .run()
        .context("Debian's lists cannot be fetched")?;
    let std = dependency(&state, "libstd-rust-web-dev", "libstd-rust-web-")?;
    let llvm = dependency(&state, &std, "libllvm")?;
    let wanted = NAMED.iter().copied().chain([std.as_str(), llvm.as_str()]);
    apt("apt-get", &state)
        .args(["download", "--quiet"])
        .args(wanted)
        .dir(home)
        .run()
        .context("Debian's packages of rustc cannot be downloaded")?;
    fetched(home)
}

fn apt(program: &str, state: &Path) -> Tool {
    // Fetching as root would otherwise be handed to a user who may not write below our directory.
    Tool::new(program)
        .args(["-o", "APT::Sandbox::User=root", "-o"])
        .arg(format!("Dir::State::Lists={}", state.join("lists").display()))
        .arg("-o")
        .arg(format!("Dir::Cache={}", state.join("cache").display()))
}

/// The first package that `package` depends on whose name begins with `prefix`.
fn dependency(state: &Path, package: &str, prefix: &str) -> Result<String> {
    let listed = apt("apt-cache", state).args(["depends", package]).capture()?;
    let found = first_dependency(&listed, prefix);
    found.with_context(|| format!("Debian's {package} depends on no {prefix}*"))
}

fn first_dependency(listed: &str, prefix: &str) -> Option<String> {
    let mut names = listed.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    names.find(|name| name.starts_with(prefix)).map(str::to_owned)
}

fn fetched(home: &Path) -> Result<Vec<PathBuf>> {
    let listed: std::io::Result<Vec<PathBuf>> =
        fs::read_dir(home).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let listed = listed.with_context(|| format!("cannot list {}", home.display()))?;
    Ok(listed
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .collect())
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
