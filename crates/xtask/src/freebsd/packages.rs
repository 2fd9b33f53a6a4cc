//! Which of Debian's packages make a rustc that carries std's sources.

use std::path::Path;

use anyhow::Result;

use crate::debian::Packages;

/// rustc, and the sources of std. Their libraries carry versions in their names and are found by what these depend on.
const NAMED: &[&str] = &["rustc-web", "rust-web-src", "libstd-rust-web-dev"];

/// Fetches the packages into `home` and unpacks them below `root`.
pub(super) fn unpack(home: &Path, root: &Path) -> Result<()> {
    let packages = Packages::listed(home)?;
    let std = packages.dependency("libstd-rust-web-dev", "libstd-rust-web-")?;
    let llvm = packages.dependency(&std, "libllvm")?;
    let wanted: Vec<&str> = NAMED.iter().copied().chain([std.as_str(), llvm.as_str()]).collect();
    packages.unpack(&wanted, root)
}
