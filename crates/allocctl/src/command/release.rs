//! Giving back what is left over, by a report that somebody has looked at.
//!
//! A lease that its host may have in use still waits for the host's word, as ever; only `--force` takes the operator's.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use allocd_types::allocation::{LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::answer::Released;
use allocd_types::effect::Effect;
use clap::Args;

use super::would;
use crate::failure::Failure;
use crate::left_over::{LeftOver, Report};
use crate::session::Session;
use crate::view::left_over::Outcome;

/// Gives back what a report names.
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The report, as `allocctl check --report` has written it.
    #[arg(long, required = true, value_name = "FILE")]
    from_report: PathBuf,
    /// Yes, every jail named in it is off: do not wait for the word of its host.
    #[arg(long)]
    force: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Decide and tell, but write nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Gives back each lease that is as the report has it, and tells of each what became of it.
pub(crate) async fn run(session: &Session, release: Release) -> Result<(), Failure> {
    let path = release.from_report;
    let text = fs::read_to_string(&path).map_err(|source| Failure::File { attempt: "read", path, source })?;
    let report = Report::read(&text)?;
    let now = Report::now(session).await?;
    if report.cluster_id != now.cluster_id {
        let message =
            format!("the report is about cluster {}, and this is {}", report.cluster_id, now.cluster_id);
        return Err(Failure::input(message));
    }
    let effect = if release.dry_run { Effect::ValidateOnly } else { Effect::Commit };
    let due = report.leases.iter().filter(|left| now.confirm(left).is_ok()).count();
    let is_asked = due > 0 && !release.yes && !release.dry_run;
    if is_asked && !is_granted(due)? {
        return Err(Failure::input("nothing was released"));
    }
    let teardown = if release.force { Teardown::Stated } else { Teardown::Awaited };
    let mut outcomes = Vec::new();
    for left in report.leases {
        let outcome = match now.confirm(&left) {
            Ok(()) => give_back(session, &left, teardown, effect).await?,
            Err(why) => Err(why.to_owned()),
        };
        outcomes.push(Outcome { left, outcome });
    }
    session.output.list(&outcomes)?;
    match outcomes.iter().filter(|outcome| outcome.outcome.is_err()).count() {
        0 => Ok(()),
        count => Err(Failure::Findings {
            message: format!("{count} of {} leases were left alone", outcomes.len()),
            hint: "`allocctl check --report FILE` tells what is left over now".to_owned(),
        }),
    }
}

/// Gives one lease back, if it is still at its generation.
async fn give_back(
    session: &Session,
    left: &LeftOver,
    teardown: Teardown,
    effect: Effect,
) -> Result<Result<String, String>, Failure> {
    let spec = ReleaseSpec {
        lease: LeaseRef::Id(left.id()?),
        generation: Some(left.generation()?),
        missing: MissingResource::Refuse,
        teardown,
    };
    // Every lease is a request of its own. One that is refused or finds nobody keeps none of the others.
    Ok(match session.client.release_lease(spec, effect).await {
        Ok(answer) => {
            let Released { lease: _, is_awaited } = answer.value;
            let done = would(effect, "released", "release");
            Ok(if is_awaited { format!("{done}, once its host has confirmed") } else { done })
        }
        Err(error) => Err(error.problem.to_string()),
    })
}

/// Asks whoever sits there.
fn is_granted(due: usize) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::input(format!(
            "{due} leases would be released, and nobody can be asked: say --yes"
        )));
    }
    let mut stderr = io::stderr().lock();
    // If stderr is gone, nobody sees the question, and no answer is a no.
    let _ = write!(stderr, "release {due} leases? [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(Failure::Output)?;
    Ok(matches!(answer.trim(), "y" | "yes"))
}
