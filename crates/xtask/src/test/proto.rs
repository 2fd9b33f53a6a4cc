//! Holds proto/ against buf's STANDARD rules.

use anyhow::Result;

use super::Verdict;
use crate::context::Context;

pub(super) fn lint(context: &Context) -> Result<Verdict> {
    if !context.tool("buf").arg("--version").succeeds() {
        return Ok(Verdict::Skipped("buf is not installed, see the step packages".to_owned()));
    }
    context.tool("buf").args(["lint", "--config", ".buf.yaml"]).run()?;
    Ok(Verdict::Passed)
}
