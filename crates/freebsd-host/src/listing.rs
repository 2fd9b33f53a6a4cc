//! What every reader of a command's output has in common: the error for a text that is not what was asked for.
//!
//! Lines that a reader does not know are left out, because every release adds some. A text in which it knows nothing is an
//! error: taken for an empty listing, it would say that everything is gone.

/// Most characters of a line that an error quotes.
const QUOTED_CHARS_MAX: usize = 80;

/// A text that is not the listing that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line:?} is not how {what} looks")]
pub struct ListingError {
    /// What was asked for.
    pub what: &'static str,
    /// The beginning of the first line that does not fit.
    pub line: String,
}

impl ListingError {
    pub(crate) fn new(what: &'static str, line: &str) -> Self {
        Self { what, line: line.chars().take(QUOTED_CHARS_MAX).collect() }
    }
}
