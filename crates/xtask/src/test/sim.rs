//! The simulator, built as for a long run: seeds that have to be clean, and every deliberate fault, which has to be found.

use anyhow::{Context as _, Result, bail, ensure};

use super::Verdict;
use crate::context::Context;
use crate::process::Tool;

/// The seeds that show no violation.
const HONEST: &str = "0..300";
/// The same at length.
const HONEST_IN_FULL: &str = "0..2000";
/// The seeds within which every fault is found (tests/README.md).
const FAULTY: &str = "0..400";
/// How the simulator says that it found a violation.
const EXIT_VIOLATION: i32 = 1;

pub(super) fn run(context: &Context) -> Result<Verdict> {
    simulate(context, HONEST)
}

pub(super) fn in_full(context: &Context) -> Result<Verdict> {
    simulate(context, HONEST_IN_FULL)
}

fn simulate(context: &Context, honest: &str) -> Result<Verdict> {
    let build = ["build", "--locked", "--profile", "sim", "--package", "allocd-tests", "--bin", "sim"];
    context.cargo().args(build).run()?;
    let program = context.target.join("sim/sim");
    let sim = || Tool::new(&program).dir(&context.root);
    let clean = sim().args(["--seeds", honest, "--json"]).capture().context("an honest seed")?;
    println!("{} seeds are clean", clean.lines().count());
    let faults = sim().arg("--list-faults").capture()?;
    ensure!(!faults.trim().is_empty(), "the simulator lists no faults");
    for fault in faults.lines() {
        let status = sim().args(["--seeds", FAULTY, "--fault", fault]).status()?;
        if status.code() != Some(EXIT_VIOLATION) {
            bail!("the fault {fault} was not found in the seeds {FAULTY}: {status}");
        }
    }
    Ok(Verdict::Passed)
}
