//! One broken rule: where, what, why it is a rule, and what to do.

use std::fmt;
use std::path::PathBuf;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) path: PathBuf,
    /// Counted from one, as editors do.
    pub(super) line: usize,
    pub(super) message: String,
}

impl Finding {
    /// `index` counts from zero, as slices do.
    pub(super) fn at(path: &str, index: usize, message: impl Into<String>) -> Self {
        Self { path: path.into(), line: index + 1, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}
