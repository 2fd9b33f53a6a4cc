//! The self-check: every invariant of the cluster's state; and, if asked for, a report of what is left over.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::Failure;
use crate::left_over::Report;
use crate::session::Session;
use crate::view::cluster::CheckJson;

/// Checks the state.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Write what is left over there too, for `allocctl release --from-report`: leases that their hosts have lost, and leases on hosts
    /// that were declared off or are silent.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Asks for the check; findings make it fail.
pub(crate) async fn run(session: &Session, check: &Check) -> Result<(), Failure> {
    let answer = session.client.check().await?;
    let report = &answer.value;
    let mut text = String::new();
    for finding in &report.findings {
        text.push_str(&format!("{}: {}\n", finding.invariant, finding.message));
    }
    if report.findings.is_empty() {
        text.push_str(&format!(
            "all is well: {} leases checked at revision {}, state digest {}\n",
            report.leases, answer.revision, report.state_digest
        ));
    }
    if let Some(path) = &check.report {
        write(session, path).await?;
    }
    let name = if report.findings.is_empty() { "ok" } else { "broken" };
    session.output.report(&text, &CheckJson::new(report, answer.revision, answer.now), name)?;
    match report.findings.len() {
        0 => Ok(()),
        count => Err(Failure::Findings {
            message: format!("{count} invariants do not hold"),
            hint: "keep the members' logs and data directories, and report it".to_owned(),
        }),
    }
}

/// Writes what is left over.
async fn write(session: &Session, path: &Path) -> Result<(), Failure> {
    let report = Report::now(session).await?;
    fs::write(path, report.text()?).map_err(|source| Failure::File {
        attempt: "write",
        path: path.to_owned(),
        source,
    })?;
    session.output.note(&format!("{} leases are left over: see {}", report.leases.len(), path.display()));
    Ok(())
}
