//! The log: one line a record for people, or one object a line for machines, on stderr.

use anyhow::{Result, anyhow};
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Reads a filter.
pub(crate) fn filter(text: &str) -> Result<EnvFilter> {
    // Its error says its own source already.
    EnvFilter::try_new(text)
        .map_err(|error| anyhow!("{text:?} is no filter such as info or info,allocd=debug: {error}"))
}

/// Starts logging.
pub(crate) fn start(format: LogFormat, filter: EnvFilter) -> Result<()> {
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => log
            .with_ansi(
                std::env::var_os("NO_COLOR").is_none()
                    && std::io::IsTerminal::is_terminal(&std::io::stderr()),
            )
            .try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow!("cannot start logging: {error}"))
}
