//! Where the house's programs are. A run over the whole workspace has built them already; a run of one test alone builds what
//! is missing or older than its sources, which cargo lists beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The daemon, as new as its sources.
pub fn allocd() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| fresh("allocd"))
}

/// The command line, as new as its sources.
pub fn allocctl() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| fresh("allocctl"))
}

/// The agent, as new as its sources.
pub fn alloc_agent() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| fresh("alloc-agent"))
}

fn fresh(name: &str) -> PathBuf {
    let program = directory().join(name);
    if !is_fresh(&program) {
        build(name);
    }
    assert!(program.is_file(), "{} was not built", program.display());
    program
}

/// `target/PROFILE`: programs lie in it, tests and examples one directory below.
fn directory() -> PathBuf {
    let own = std::env::current_exe().expect("a program knows its own path");
    let directory = own.parent().expect("a program lies in a directory");
    let is_below = directory.ends_with("deps") || directory.ends_with("examples");
    if is_below { directory.parent().unwrap_or(directory) } else { directory }.to_owned()
}

fn is_fresh(program: &Path) -> bool {
    let Some(built) = modified(program) else { return false };
    let Ok(list) = fs::read_to_string(program.with_extension("d")) else { return false };
    let sources = list.split_once(": ").map_or("", |(_, sources)| sources);
    sources.split_whitespace().all(|source| modified(Path::new(source)).is_some_and(|at| at <= built))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|found| found.modified()).ok()
}

fn build(name: &str) {
    let profile = directory();
    let profile = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--package", name, "--profile", profile])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo can be started");
    assert!(built.success(), "cargo could not build {name}");
}
