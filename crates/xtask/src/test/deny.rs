//! Licences, bans and sources are told by Cargo.lock alone and always checked. Advisories need the advisory database,
//! which has to be fetched: where that cannot be done the verdict says so, because an unchecked advisory is no proof.

use anyhow::Result;

use super::Verdict;
use crate::context::Context;
use crate::process::Tool;

pub(super) fn check(context: &Context) -> Result<Verdict> {
    if !context.cargo().args(["deny", "--version"]).succeeds() {
        return Ok(Verdict::Skipped("cargo-deny is not installed, see the step packages".to_owned()));
    }
    deny(context).args(["check", "bans", "licenses", "sources"]).run()?;
    if let Err(error) = deny(context).args(["fetch", "db"]).capture() {
        println!("The advisory database cannot be fetched: {error:#}");
        return Ok(Verdict::Partial(
            "advisories not checked, their database cannot be fetched here".to_owned(),
        ));
    }
    deny(context).args(["check", "--disable-fetch", "advisories"]).run()?;
    Ok(Verdict::Passed)
}

fn deny(context: &Context) -> Tool {
    context.cargo().args(["deny", "--locked", "--workspace", "--all-features", "--config", ".deny.toml"])
}
