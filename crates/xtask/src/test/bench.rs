//! The bench, in short: it has to run from start to end. No figure of it is held against anything here.

use anyhow::Result;

use super::Verdict;
use crate::bench::EtcdProgram;
use crate::context::Context;
use crate::process::Tool;

/// In release, because that is what it measures; the demo needs the same build.
pub(super) fn quick(context: &Context) -> Result<Verdict> {
    let build = ["build", "--locked", "--release", "--package", "allocd", "--package", "xtask"];
    context.cargo().args(build).run()?;
    Tool::new(context.target.join("release/xtask")).args(["bench", "--quick"]).dir(&context.root).run()?;
    Ok(match EtcdProgram::get(context) {
        Ok(_) => Verdict::Passed,
        Err(_) => Verdict::Partial("allocd alone, etcd cannot be had here".to_owned()),
    })
}
