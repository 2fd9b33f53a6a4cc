//! The bench, in short or whole: it has to run from start to end. No figure of it is held against anything here.

use anyhow::Result;

use super::Verdict;
use crate::bench::EtcdProgram;
use crate::context::Context;
use crate::process::Tool;

pub(super) fn quick(context: &Context) -> Result<Verdict> {
    measure(context, &["bench", "--quick"])
}

/// Writes the figures and plots of docs/performance.md.
pub(super) fn whole(context: &Context) -> Result<Verdict> {
    measure(context, &["bench"])
}

/// In release, because that is what it measures; the demo needs the same build.
fn measure(context: &Context, arguments: &[&str]) -> Result<Verdict> {
    context.build_release()?;
    Tool::new(context.target.join("release/xtask")).args(arguments).dir(&context.root).run()?;
    Ok(match EtcdProgram::get(context) {
        Ok(_) => Verdict::Passed,
        Err(_) => Verdict::Partial("allocd alone, etcd cannot be had here".to_owned()),
    })
}
