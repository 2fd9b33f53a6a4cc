//! What CI runs, in its order: cheap checks first, so that a slip of the pen is told before the long builds begin.
//! A step either holds, is left out for a reason that lies outside the tree, or fails; leaving out is never silent.

use std::fmt;

use anyhow::Result;

use super::{bench, cargo, deny, examples, packages, proto, sim};
use crate::context::Context;
use crate::{freebsd, fuzz, tidy};

/// One thing that is checked.
pub(super) struct Step {
    /// What `--only` calls it.
    pub(super) name: &'static str,
    /// What it does, in a few words.
    pub(super) about: &'static str,
    pub(super) run: fn(&Context) -> Result<Verdict>,
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
    Step { name: "packages", about: "install what the other steps need", run: packages::install },
    Step { name: "fmt", about: "the layout of all Rust files", run: cargo::fmt },
    Step { name: "tidy", about: "the house rules that no compiler knows", run: tidy::run },
    Step { name: "proto", about: "buf lint over proto/", run: proto::lint },
    Step { name: "clippy", about: "the lint tables, without a warning", run: cargo::clippy },
    Step { name: "tests", about: "every test, and the examples in the documentation", run: cargo::tests },
    Step { name: "sim", about: "the simulator: clean seeds, and every fault found", run: sim::run },
    Step { name: "fuzz", about: "every decoder under the fuzzer, in short", run: fuzz::in_short },
    Step { name: "docs", about: "rustdoc, without a warning", run: cargo::docs },
    Step { name: "deny", about: "licences, bans, sources and advisories", run: deny::check },
    Step { name: "freebsd-check", about: "type-check for FreeBSD", run: freebsd::run },
    Step { name: "python", about: "the Python example against a cluster", run: examples::python },
    Step { name: "demo", about: "the demo, in release", run: examples::demo },
    Step { name: "bench", about: "the bench, in short", run: bench::quick },
];
