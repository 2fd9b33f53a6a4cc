//! What the self-check finds.

use allocd_types::check::CheckFinding;
use allocd_types::violation::Violations;

use crate::read::Read;
use crate::v1;

impl Read for v1::CheckFinding {
    type Word = CheckFinding;

    fn read(self, _field: &str, _wrong: &mut Violations) -> Option<CheckFinding> {
        Some(CheckFinding { invariant: self.invariant, message: self.message })
    }
}

impl From<CheckFinding> for v1::CheckFinding {
    fn from(finding: CheckFinding) -> Self {
        Self { invariant: finding.invariant, message: finding.message }
    }
}
