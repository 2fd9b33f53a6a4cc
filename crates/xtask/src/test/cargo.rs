//! The steps that cargo itself knows. All of them are `--locked`: a check that updated Cargo.lock would edit the tree.

use anyhow::Result;

use super::Verdict;
use crate::context::Context;

pub(super) fn fmt(context: &Context) -> Result<Verdict> {
    context.cargo().args(["fmt", "--all", "--check"]).run()?;
    Ok(Verdict::Passed)
}

pub(super) fn clippy(context: &Context) -> Result<Verdict> {
    context
        .cargo()
        .args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
        .run()?;
    Ok(Verdict::Passed)
}

pub(super) fn tests(context: &Context) -> Result<Verdict> {
    test(context, &[])
}

/// Long storms (tests/README.md), and more cases of each property.
pub(super) fn tests_in_full(context: &Context) -> Result<Verdict> {
    test(context, &[("ALLOCD_STORM_STEPS", "60"), ("PROPTEST_CASES", "2048")])
}

/// Snapshots are compared, never written, and a failing property leaves no seed file behind.
fn test(context: &Context, more: &[(&str, &str)]) -> Result<Verdict> {
    let cargo = || {
        let quiet = [("INSTA_UPDATE", "no"), ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1")];
        let all = quiet.iter().chain(more);
        all.fold(context.cargo(), |cargo, (name, value)| cargo.env(name, value))
    };
    // A program without tests of its own is built for nobody's test: the first that calls it would spend its patience on that.
    cargo().args(["build", "--locked", "--workspace", "--bins"]).run()?;
    if has_nextest(context) {
        cargo().args(["nextest", "run", "--locked", "--workspace", "--profile", "ci"]).run()?;
    } else {
        println!(
            "cargo-nextest is not installed: cargo test runs the tests, and one that hangs will hang for ever."
        );
        cargo()
            .args(["test", "--locked", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
            .run()?;
    }
    cargo().args(["test", "--locked", "--workspace", "--doc"]).run()?;
    Ok(Verdict::Passed)
}

pub(super) fn has_nextest(context: &Context) -> bool {
    context.cargo().args(["nextest", "--version"]).succeeds()
}

pub(super) fn docs(context: &Context) -> Result<Verdict> {
    context
        .cargo()
        .env("RUSTDOCFLAGS", "-D warnings")
        .args(["doc", "--locked", "--workspace", "--no-deps"])
        .run()?;
    Ok(Verdict::Passed)
}
