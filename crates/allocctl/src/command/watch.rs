//! Following what changes: a line or an object for each change, until interrupted.

use allocd_types::id::Revision;
use clap::Args;
use tokio::signal;

use crate::failure::Failure;
use crate::output::{Format, to_line};
use crate::session::Session;
use crate::view::change;

/// Follows changes.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// The first revision to tell. Nothing said: the first after the current one.
    #[arg(long, value_name = "REVISION")]
    from: Option<u64>,
    /// End after this many changes.
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
}

/// Tells every change until interrupted; an interrupt is how a watch ends, and no failure.
pub(crate) async fn run(session: &Session, watch: &Watch) -> Result<(), Failure> {
    tokio::select! {
        told = follow(session, watch) => told,
        interrupted = signal::ctrl_c() => interrupted.map_err(Failure::Runtime),
    }
}

async fn follow(session: &Session, options: &Watch) -> Result<(), Failure> {
    let mut watch = session.client.watch(Revision::new(options.from.unwrap_or(0)));
    let mut left = options.limit;
    while left != Some(0) {
        let told = watch.next().await?;
        for changed in &told.changes {
            let line = match session.output.format() {
                Format::Table | Format::Wide => change::line(changed, told.revision),
                Format::Json | Format::Jsonl => to_line(&change::json(changed, told.revision, told.now))?,
                Format::Name => change::name(changed),
            };
            session.output.text(&(line + "\n"))?;
            left = left.map(|left| left.saturating_sub(1));
            if left == Some(0) {
                break;
            }
        }
    }
    Ok(())
}
