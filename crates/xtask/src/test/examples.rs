//! The examples a stranger would try first, run as a stranger would.

use anyhow::{Result, bail};

use super::Verdict;
use crate::context::Context;
use crate::process::Tool;

/// Where the Python example says how to run itself.
const PYTHON: &str = "docs/examples/python/run.sh";

/// The example's way to say that its Python packages cannot be had here (the convention of automake's tests).
const EXIT_SKIPPED: i32 = 77;

/// Builds the daemon and hands its path to the example as `ALLOCD`.
pub(super) fn python(context: &Context) -> Result<Verdict> {
    let script = context.root.join(PYTHON);
    if !script.is_file() {
        return Ok(Verdict::Skipped(format!("{PYTHON} does not exist")));
    }
    context.cargo().args(["build", "--locked", "--package", "allocd", "--bin", "allocd"]).run()?;
    let example = Tool::new("bash")
        .arg(&script)
        .dir(&context.root)
        .env("ALLOCD", context.target.join("debug/allocd"))
        .env("VENV", context.target.join("python"));
    match example.status()?.code() {
        Some(0) => Ok(Verdict::Passed),
        Some(EXIT_SKIPPED) => Ok(Verdict::Skipped("its Python packages cannot be had here".to_owned())),
        Some(code) => bail!("{PYTHON} failed: exit code {code}"),
        None => bail!("{PYTHON} was killed by a signal"),
    }
}

/// In release, because its figures are those that people will compare.
pub(super) fn demo(context: &Context) -> Result<Verdict> {
    context.build_release()?;
    Tool::new(context.target.join("release/xtask")).arg("demo").dir(&context.root).run()?;
    Ok(Verdict::Passed)
}
