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

/// Reads the lines that are known, and leaves the others out.
///
/// # Errors
/// [`ListingError`] if there are lines and none is known.
pub(crate) fn known_lines<T>(
    what: &'static str,
    text: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, ListingError> {
    let known: Vec<T> = text.lines().filter_map(read).collect();
    match text.lines().find(|line| !line.trim().is_empty()) {
        Some(line) if known.is_empty() => Err(ListingError::new(what, line)),
        Some(_) | None => Ok(known),
    }
}

/// Reads every line that is not empty.
///
/// # Errors
/// [`ListingError`] for the first that is not known.
pub(crate) fn every_line<T>(
    what: &'static str,
    text: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, ListingError> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| read(line).ok_or_else(|| ListingError::new(what, line))).collect()
}
