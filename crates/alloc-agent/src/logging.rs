//! What the log shows, by a filter such as `info` or `info,alloc_agent=debug`.

use tracing_subscriber::EnvFilter;

/// Reads a filter.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub(crate) fn filter(text: &str) -> Result<EnvFilter, String> {
    EnvFilter::try_new(text)
        .map_err(|error| format!("{text:?} is no filter such as info or info,alloc_agent=debug: {error}"))
}
