//! What CI runs, in its order: cheap checks first, so that a slip of the pen is told before the long builds begin.
//! A step either holds, is left out for a reason that lies outside the tree, or fails; leaving out is never silent.

use std::fmt;

use anyhow::Result;

use super::{bench, cargo, deny, examples, packages, proto, sim};
use crate::context::Context;
use crate::{freebsd, fuzz, lab, tidy};

/// One thing that is checked.
pub(super) struct Step {
    /// What `--only` calls it.
    pub(super) name: &'static str,
    /// What it does, in a few words.
    pub(super) about: &'static str,
    pub(super) run: fn(&Context) -> Result<Verdict>,
    /// The same at length, for `--full`, if it can be had in short only.
    pub(super) full: Option<fn(&Context) -> Result<Verdict>>,
}

impl Step {
    pub(super) const fn new(
        name: &'static str,
        about: &'static str,
        run: fn(&Context) -> Result<Verdict>,
    ) -> Self {
        Self { name, about, run, full: None }
    }

    const fn or_full(self, full: fn(&Context) -> Result<Verdict>) -> Self {
        Self { full: Some(full), ..self }
    }
}

/// How a step ended that did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All of it was checked and holds.
    Passed,
    /// What was checked holds, but the named part could not be checked here.
    Partial(String),
    /// It could not be checked here, for the named reason.
    Skipped(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Partial(without) => write!(f, "PARTIAL: {without}"),
            Self::Skipped(why) => write!(f, "SKIPPED: {why}"),
        }
    }
}

/// All steps, in the order in which they run.
pub(super) const STEPS: &[Step] = &[
    Step::new("packages", "install what the other steps need", packages::install),
    Step::new("fmt", "the layout of all Rust files", cargo::fmt),
    Step::new("tidy", "the house rules that no compiler knows", tidy::run),
    Step::new("proto", "buf lint over proto/", proto::lint),
    Step::new("clippy", "the lint tables, without a warning", cargo::clippy),
    Step::new("tests", "every test, and the examples in the documentation", cargo::tests)
        .or_full(cargo::tests_in_full),
    Step::new("sim", "the simulator: clean seeds, and every fault found", sim::run).or_full(sim::in_full),
    Step::new(
        "lab",
        "jail servers of Linux: duplicates, leases, moves and killed agents on real frames",
        lab::check,
    ),
    Step::new("fuzz", "every decoder under the fuzzer, in short", fuzz::in_short).or_full(fuzz::in_full),
    Step::new("docs", "rustdoc, without a warning", cargo::docs),
    Step::new("deny", "licences, bans, sources and advisories", deny::check),
    Step::new("freebsd-check", "type-check for FreeBSD", freebsd::run),
    Step::new("python", "the Python example against a cluster", examples::python),
    Step::new("demo", "the demo, in release", examples::demo),
    Step::new("bench", "the bench, in short", bench::quick).or_full(bench::whole),
];
