//! The self-check: every invariant of the cluster's state.

use crate::failure::Failure;
use crate::session::Session;
use crate::view::cluster::CheckJson;

/// Asks for the check; findings make it fail.
pub(crate) async fn run(session: &Session) -> Result<(), Failure> {
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
