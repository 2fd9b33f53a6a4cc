//! The fuzzer: builds tests/fuzz with the coverage that libFuzzer steers by, and lets it search.
//!
//! It needs a C++ compiler, for libFuzzer's runtime, and no other toolchain: what `-Z sanitizer` would bring beside coverage (the
//! address sanitizer) has little to find in a workspace without unsafe code. Each target begins with what is kept in the tree
//! and with what was found before on this machine, which lies below `target/fuzz`, like everything else that this writes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;

use crate::context::Context;
use crate::process::Tool;
use crate::test::Verdict;

/// Seconds for each target when everything is checked.
const SECONDS_IN_SHORT: u64 = 5;
/// The same at length.
const SECONDS_IN_FULL: u64 = 30;
/// The longest input that is tried.
const INPUT_BYTES_MAX: usize = 4_096;
/// Most inputs that one search adds to the kept corpus of a target.
const INPUTS_KEPT_MAX: usize = 40;
/// Seconds after which an input counts as one that hangs.
const INPUT_SECONDS_MAX: u64 = 20;
/// How LLVM counts what an input reaches, as libFuzzer wants it.
const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// What `cargo xtask fuzz` may be told.
#[derive(Args)]
pub(crate) struct Options {
    /// The target; all of them, one after the other, if none is named.
    target: Option<String>,
    /// Minutes for each target.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
    /// Adds to the kept corpus the few inputs that reach most of what nothing in it reaches.
    #[arg(long)]
    keep: bool,
}

/// Searches for long, by hand.
pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    ensure!(has_compiler(), "libFuzzer needs a C++ compiler, and there is no `c++`");
    let mut targets = targets(context)?;
    if let Some(chosen) = &options.target {
        targets.retain(|target| target == chosen);
        ensure!(
            !targets.is_empty(),
            "there is no target {chosen}; each directory of tests/fuzz/corpus is one"
        );
    }
    let fuzzer = Fuzzer::build(context)?;
    for target in &targets {
        fuzzer.search(target, options.minutes * 60)?;
        if options.keep {
            fuzzer.keep(target)?;
        }
    }
    Ok(())
}

/// Searches for some seconds, so that a target that has become useless or slow is noticed.
pub(crate) fn in_short(context: &Context) -> Result<Verdict> {
    search_all(context, SECONDS_IN_SHORT)
}

pub(crate) fn in_full(context: &Context) -> Result<Verdict> {
    search_all(context, SECONDS_IN_FULL)
}

fn search_all(context: &Context, seconds: u64) -> Result<Verdict> {
    if !has_compiler() {
        return Ok(Verdict::Skipped("libFuzzer needs a C++ compiler, and there is no `c++`".to_owned()));
    }
    let fuzzer = Fuzzer::build(context)?;
    targets(context)?.iter().try_for_each(|target| fuzzer.search(target, seconds))?;
    Ok(Verdict::Passed)
}

pub(crate) fn has_compiler() -> bool {
    Tool::new("c++").arg("--version").succeeds()
}

fn corpus(context: &Context) -> PathBuf {
    context.root.join("tests/fuzz/corpus")
}

/// The targets are what has a corpus; a test of tests/fuzz holds the two together.
fn targets(context: &Context) -> Result<Vec<String>> {
    let entries = fs::read_dir(corpus(context)).context("cannot list tests/fuzz/corpus")?;
    let names: Result<Vec<String>, std::io::Error> =
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
    let mut names = names.context("cannot list tests/fuzz/corpus")?;
    names.sort();
    Ok(names)
}

/// The program, and where it works.
struct Fuzzer<'a> {
    context: &'a Context,
    program: PathBuf,
    /// Below it: what was found for each target, and what crashed.
    place: PathBuf,
}

impl<'a> Fuzzer<'a> {
    /// Builds it in a directory of its own: the flags would make everything else be built anew.
    fn build(context: &'a Context) -> Result<Self> {
        let place = context.target.join("fuzz");
        let host = host()?;
        // With `--target` the flags are not for build scripts and macros, which have no fuzzer to count for.
        let build = ["build", "--locked", "--profile", "sim", "--package", "allocd-fuzz"];
        context
            .cargo()
            .args(build)
            .args(["--bin", "fuzz", "--features", "libfuzzer", "--target", &host, "--target-dir"])
            .arg(&place)
            .env("RUSTFLAGS", COVERAGE)
            .run()?;
        let program = place.join(host).join("sim/fuzz");
        Ok(Self { context, program, place })
    }

    fn search(&self, target: &str, seconds: u64) -> Result<()> {
        let (found, crashes) = (self.found(target), self.place.join("crashes"));
        for directory in [&found, &crashes] {
            fs::create_dir_all(directory)
                .with_context(|| format!("cannot make {}", self.context.shown(directory)))?;
        }
        let status = self
            .started(target)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
            .arg(format!("-artifact_prefix={}/{target}-", crashes.display()))
            // One seed: what a change breaks shows on every machine.
            .args(["-seed=1", "-print_final_stats=1", "-verbosity=0"])
            .args([&found, &corpus(self.context).join(target)])
            .status()?;
        if !status.success() {
            bail!(
                "{target} does not hold: put the input from {} into tests/fuzz/corpus/{target}/ under a name that says what is wrong, then mend it",
                self.context.shown(&crashes)
            );
        }
        Ok(())
    }

    /// Takes over the few inputs that reach most of what nothing kept reaches.
    fn keep(&self, target: &str) -> Result<()> {
        let kept = corpus(self.context).join(target);
        let cover = self.place.join("cover").join(target);
        if cover.exists() {
            fs::remove_dir_all(&cover)
                .with_context(|| format!("cannot empty {}", self.context.shown(&cover)))?;
        }
        fs::create_dir_all(&cover).with_context(|| format!("cannot make {}", self.context.shown(&cover)))?;
        for (path, _) in inputs(&kept)? {
            fs::copy(&path, cover.join(path.file_name().unwrap_or_default()))
                .with_context(|| format!("cannot copy {}", self.context.shown(&path)))?;
        }
        let before: BTreeSet<PathBuf> = inputs(&cover)?.into_iter().map(|(path, _)| path).collect();
        let merge = self.started(target).args(["-set_cover_merge=1", "-use_counters=0", "-verbosity=0"]);
        merge.args([&cover, &self.found(target)]).run()?;
        // It writes them in the order in which it chose them: each time the one that adds most.
        let mut chosen = inputs(&cover)?;
        chosen.retain(|(path, _)| !before.contains(path));
        chosen.sort_by_key(|(_, written)| *written);
        for (path, _) in chosen.iter().take(INPUTS_KEPT_MAX) {
            fs::copy(path, kept.join(path.file_name().unwrap_or_default()))
                .with_context(|| format!("cannot copy {}", self.context.shown(path)))?;
        }
        println!("{target}: {} of {} kept", chosen.len().min(INPUTS_KEPT_MAX), chosen.len());
        Ok(())
    }

    fn started(&self, target: &str) -> Tool {
        Tool::new(&self.program)
            .dir(&self.place)
            .env("ALLOCD_FUZZ_TARGET", target)
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
    }

    fn found(&self, target: &str) -> PathBuf {
        self.place.join("found").join(Path::new(target))
    }
}

/// The inputs of a directory, and when each was written.
fn inputs(directory: &Path) -> Result<Vec<(PathBuf, SystemTime)>> {
    let input = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry?;
        Ok((entry.path(), entry.metadata()?.modified()?))
    };
    let found: std::io::Result<Vec<_>> =
        fs::read_dir(directory).and_then(|entries| entries.map(input).collect());
    found.with_context(|| format!("cannot list {}", directory.display()))
}

/// What this machine is called by the compiler.
fn host() -> Result<String> {
    let told = Tool::new("rustc").arg("-vV").capture()?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say what it builds for")
}
