//! Who changed what, as far back as the asked member keeps it.

use std::time::Duration;

use allocd_types::audit::AuditFilter;
use allocd_types::id::Caller;
use allocd_types::time::WallTime;
use clap::Args;
use jiff::Timestamp;

use crate::failure::Failure;
use crate::input;
use crate::session::Session;

/// Tells who changed what.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// From this time on only: RFC 3339, or how long ago, such as 1h.
    #[arg(long, value_parser = since, value_name = "TIME")]
    since: Option<WallTime>,
    /// About this only: a resource such as leases/17 or pools/default, a host, or HOST/JAIL.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "RESOURCE")]
    resource: String,
    /// Of this caller only.
    #[arg(long, value_parser = input::caller, value_name = "CALLER")]
    who: Option<Caller>,
}

/// Writes the records, the oldest first.
pub(crate) async fn run(session: &Session, audit: Audit) -> Result<(), Failure> {
    let filter = AuditFilter { caller: audit.who, resource: audit.resource, since: audit.since };
    let answer = session.client.all_audit(&filter).await?;
    let first = answer.value.first_revision;
    if first.get() > 1 {
        session
            .output
            .note(&format!("what was changed before revision {first} is not kept by the asked member"));
    }
    session.output.list(&answer.value.page.items)
}

fn since(text: &str) -> Result<WallTime, String> {
    let ago = |ago: Duration| Timestamp::now().checked_sub(ago).map_err(|error| error.to_string());
    let time = match input::duration(text) {
        Ok(duration) => ago(duration)?,
        Err(_) => text.parse().map_err(|_| format!("{text:?} is no time: 2026-01-31T12:00:00Z, or 1h"))?,
    };
    let millis = u64::try_from(time.as_millisecond()).map_err(|_| format!("{text:?} is before 1970"))?;
    Ok(WallTime::from_unix_millis(millis))
}
