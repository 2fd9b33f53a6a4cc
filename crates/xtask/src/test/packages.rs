//! Brings what the other steps need and a machine with only Rust, gcc and git does not have. Product code needs none of
//! it to build. System packages are installed only as root, by the system's own package manager and announced; our own
//! tools go below `target/tools`. What cannot be had is named loudly, and the step that misses it says so again.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::Verdict;
use crate::context::Context;
use crate::fuzz;
use crate::process::Tool;

/// Pinned, so that a new lint of theirs comes as a change to this tree and not overnight.
const NEXTEST: &str = "0.9.143";
const DENY: &str = "0.20.2";
const BUF: &str = "1.75.0";

pub(super) fn install(context: &Context) -> Result<Verdict> {
    let mut missing = Vec::new();
    note(&mut missing, "rustfmt and clippy", toolchain_components(context));
    note(&mut missing, "python3 with venv, npm, or a C++ compiler", system_packages());
    note(&mut missing, "cargo-nextest (cargo test takes its place)", cargo_tool(context, "nextest", NEXTEST));
    note(&mut missing, "cargo-deny", cargo_tool(context, "deny", DENY));
    note(&mut missing, "buf", buf(context));
    if missing.is_empty() {
        Ok(Verdict::Passed)
    } else {
        Ok(Verdict::Partial(format!("without {}", missing.join(", "))))
    }
}

/// A tool that cannot be had does not stop the checks that need no such tool.
fn note(missing: &mut Vec<&'static str>, what: &'static str, outcome: Result<()>) {
    if let Err(error) = outcome {
        println!("MISSING: {what}: {error:#}");
        missing.push(what);
    }
}

fn toolchain_components(context: &Context) -> Result<()> {
    let has = |component: &str| context.cargo().args([component, "--version"]).succeeds();
    if has("fmt") && has("clippy") {
        return Ok(());
    }
    Tool::new("rustup").args(["component", "add", "rustfmt", "clippy"]).run()
}

fn system_packages() -> Result<()> {
    let has_python = Tool::new("python3").args(["-c", "import venv, ensurepip"]).succeeds();
    let has_npm = Tool::new("npm").arg("--version").succeeds();
    if has_python && has_npm && fuzz::has_compiler() {
        return Ok(());
    }
    let commands: &[&[&str]] = if cfg!(target_os = "freebsd") {
        &[&["pkg", "install", "--yes", "python3", "npm", "buf"]]
    } else if Path::new("/etc/debian_version").exists() {
        &[
            &["apt-get", "update"],
            &[
                "apt-get",
                "install",
                "--yes",
                "--no-install-recommends",
                "python3",
                "python3-venv",
                "npm",
                "g++",
            ],
        ]
    } else {
        bail!("neither Debian nor FreeBSD: install python3 with its venv module, npm, and a C++ compiler");
    };
    if Tool::new("id").arg("-u").capture()?.trim() != "0" {
        let typed: Vec<String> = commands.iter().map(|words| words.join(" ")).collect();
        bail!("only root may install packages; run: {}", typed.join(" && "));
    }
    println!("Installing system packages, as root.");
    commands.iter().try_for_each(|words| {
        Tool::new(words[0]).args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive").run()
    })
}

fn cargo_tool(context: &Context, subcommand: &str, version: &str) -> Result<()> {
    if context.cargo().args([subcommand, "--version"]).succeeds() {
        return Ok(());
    }
    let package = format!("cargo-{subcommand}");
    println!("Building {package} once, below {}.", context.shown(&context.tools()));
    let build = context.tools().join("build");
    context
        .cargo()
        .args(["install", "--locked", "--version", version, "--root"])
        .arg(context.tools())
        .arg("--target-dir")
        .arg(&build)
        .arg(package)
        .run()?;
    fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", context.shown(&build)))
}

fn buf(context: &Context) -> Result<()> {
    if context.tool("buf").arg("--version").succeeds() {
        return Ok(());
    }
    // Its package brings the program itself; scripts of packages are not run.
    Tool::new("npm")
        .args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(context.tools())
        .arg(format!("@bufbuild/buf@{BUF}"))
        .dir(&context.root)
        .run()
}
