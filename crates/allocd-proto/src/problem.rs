//! A no about one item of a batch. A call that fails as a whole says the same in a status (`status.rs`).

use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::time::Span;
use allocd_types::violation::{Violation, Violations};

use crate::read::{Read, path};
use crate::v1;

impl Read for v1::Problem {
    type Word = Problem;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Problem> {
        let unknown = || format!("{:?} is no reason this client knows", self.reason);
        let reason = wrong.keep(&path(field, "reason"), Reason::from_text(&self.reason).ok_or_else(unknown));
        let violations = self
            .violations
            .into_iter()
            .map(|violation| Violation { field: violation.field, description: violation.description });
        Some(Problem {
            reason: reason?,
            message: self.message,
            hint: (!self.hint.is_empty()).then_some(self.hint),
            resource: (!self.resource_type.is_empty()).then_some((self.resource_type, self.resource_name)),
            metadata: self.metadata,
            violations: violations.collect::<Vec<_>>().into(),
            retry_after: self.retry_after_ms.map(Span::from_millis),
        })
    }
}

impl From<Problem> for v1::Problem {
    fn from(problem: Problem) -> Self {
        let (resource_type, resource_name) = problem.resource.unwrap_or_default();
        let violations = problem.violations.iter().map(|violation| v1::FieldViolation {
            field: violation.field.clone(),
            description: violation.description.clone(),
        });
        Self {
            reason: problem.reason.as_str().to_owned(),
            message: problem.message,
            hint: problem.hint.unwrap_or_default(),
            resource_type,
            resource_name,
            metadata: problem.metadata,
            violations: violations.collect(),
            retry_after_ms: problem.retry_after.map(Span::millis),
        }
    }
}
