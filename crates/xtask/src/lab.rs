//! `cargo xtask lab`: builds the lab's programs, and lets it play its scenarios (tests/README.md).
//!
//! What the scenarios are and how they are judged is the lab's own business; here is only how it ended.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::context::Context;
use crate::process::Tool;
use crate::test::Verdict;

/// How the lab says that it does not know a scenario; it has said which there are.
const EXIT_USAGE: i32 = 2;
/// How the lab says that the machine does not allow it.
const EXIT_SKIPPED: i32 = 3;

/// Whose programs are on its hosts and beside them.
const PACKAGES: [&str; 4] = ["allocd-tests", "allocd", "allocctl", "alloc-agent"];

/// What `cargo xtask lab` may be told.
#[derive(Args)]
pub(crate) struct Options {
    /// Which scenarios; all, if none is named.
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// Write all reports, with MACs, addresses and packet counts as the kernel reports them.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Plays scenarios; fails if one of them did not end as it must.
pub(crate) fn run(context: &Context, options: &Options) -> Result<Verdict> {
    let packages = PACKAGES.iter().flat_map(|package| ["--package", package]);
    context.cargo().args(["build", "--locked", "--bins"]).args(packages).run()?;
    let json = options.json.iter().flat_map(|path| ["--json".as_ref(), path.as_os_str()]);
    let status = Tool::new(context.target.join("debug/lab")).args(json).args(&options.scenarios).status()?;
    match status.code() {
        Some(0) => Ok(Verdict::Passed),
        Some(EXIT_SKIPPED) => {
            Ok(Verdict::Skipped("network namespaces and mounts take root on Linux".to_owned()))
        }
        Some(EXIT_USAGE) => bail!("the lab was not told what it can do"),
        Some(_) | None => bail!("not every scenario of the lab ended as it must: {status}"),
    }
}

/// The same as a step of all that is checked.
pub(crate) fn check(context: &Context) -> Result<Verdict> {
    run(context, &Options { scenarios: Vec::new(), json: None })
}
