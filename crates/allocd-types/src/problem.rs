//! A no as a client sees it: reason, sentence, hint and the values that belong to it.
//!
//! Every rejection, violation and refusal at the door becomes a problem in this file and nowhere else; how a problem
//! travels as a gRPC status is allocd-proto's business.

mod agent;
mod rejected;

use std::collections::BTreeMap;
use std::fmt;

use crate::reason::Reason;
use crate::time::Span;
use crate::violation::Violations;

/// A no: what happened, to what, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Why.
    pub reason: Reason,
    /// What happened and to what, in lower case and without a final stop.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The resource it is about: its sort and its name.
    pub resource: Option<(String, String)>,
    /// The values that belong to it, by name.
    pub metadata: BTreeMap<String, String>,
    /// All wrong fields, if the message was wrong.
    pub violations: Violations,
    /// When to try again, if that is known.
    pub retry_after: Option<Span>,
}

impl Problem {
    /// Makes a problem of a reason and a sentence.
    #[must_use]
    pub fn new(reason: Reason, message: impl fmt::Display) -> Self {
        Self {
            reason,
            message: message.to_string(),
            hint: None,
            resource: None,
            metadata: BTreeMap::new(),
            violations: Violations::default(),
            retry_after: None,
        }
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// Says which resource it is about.
    #[must_use]
    pub fn about(mut self, kind: &str, name: impl fmt::Display) -> Self {
        self.resource = Some((kind.to_owned(), name.to_string()));
        self
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.metadata.insert(key.to_owned(), value.to_string());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub const fn retry_after(mut self, span: Span) -> Self {
        self.retry_after = Some(span);
        self
    }
}

impl From<Violations> for Problem {
    fn from(violations: Violations) -> Self {
        let count = violations.len();
        let fields = if count == 1 { "field is" } else { "fields are" };
        let mut problem = Self::new(Reason::InvalidFields, format!("{count} {fields} wrong: {violations}"));
        problem.violations = violations;
        problem
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}
