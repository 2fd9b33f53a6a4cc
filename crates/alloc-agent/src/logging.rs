//! The log: one line a record for people, or one object a line for machines, on stderr.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Reads a filter.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub(crate) fn filter(text: &str) -> Result<EnvFilter, String> {
    EnvFilter::try_new(text)
        .map_err(|error| format!("{text:?} is no filter such as info or info,alloc_agent=debug: {error}"))
}

/// Starts logging; a second start changes nothing.
pub(crate) fn start(format: LogFormat, filter: EnvFilter) {
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match format {
        LogFormat::Text => {
            let is_coloured = std::env::var_os("NO_COLOR").is_none() && io::stderr().is_terminal();
            log.with_ansi(is_coloured).try_init()
        }
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    drop(started);
}
