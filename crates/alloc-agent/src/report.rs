//! A pass in the log: what was found, done and given up, and what failed, each in a line of its own.

use crate::failure::chain;
use crate::pass::Report;

/// Logs a pass; one that found everything as it is wanted is no news.
pub(crate) fn log(report: &Report) {
    if let Some(away) = &report.away {
        tracing::warn!("{away}; what is known goes on");
    }
    for unseen in &report.unseen {
        tracing::warn!("cannot be listed: {unseen}");
    }
    for problem in &report.problems {
        tracing::warn!("{problem}");
    }
    if let Some(unheard) = &report.unheard {
        tracing::warn!("the cluster did not hear what this pass came to: {unheard}");
    }
    for (jail, finding) in &report.findings {
        match finding.hint() {
            Some(hint) => tracing::warn!(%jail, hint, "{finding}"),
            None => tracing::warn!(%jail, "{finding}"),
        }
    }
    for outcome in &report.outcomes {
        let jail = &outcome.jail;
        for unmet in &outcome.unmet {
            tracing::warn!(%jail, "{}; it goes on without", chain(unmet));
        }
        match &outcome.failure {
            Some(failure) => tracing::error!(%jail, steps = outcome.done, "{}", chain(failure)),
            None if outcome.done > 0 => tracing::info!(%jail, steps = outcome.done, "done"),
            None => {}
        }
    }
    for (lease, part) in &report.declined {
        tracing::warn!(
            lease = lease.resource_name(),
            "somebody else on the wire has its {part}: exchanged for another"
        );
    }
    for lease in &report.confirmed {
        tracing::info!(lease = lease.resource_name(), "given up");
    }
    tracing::debug!(steps = report.done(), "the pass has ended");
}
