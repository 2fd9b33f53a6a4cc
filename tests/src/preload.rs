//! Small libraries that stand between a program and the C library.
//!
//! They have to be written in C to be loaded before it. Whoever can link Rust has a compiler for that.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds one of a source below this package, in a directory, unless it is there; where it is.
///
/// # Panics
/// If it cannot be built.
#[must_use]
pub fn library(source: &str, directory: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let name = source.file_stem().expect("a source has a name");
    let library = directory.join(name).with_extension("so");
    if !library.exists() {
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]);
        let built = cc.arg(&library).arg(&source).status().expect("start cc");
        assert!(built.success(), "cc could not build {}", source.display());
    }
    library
}
