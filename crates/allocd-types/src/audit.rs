//! Who did what: the changes of the state, each with its author, as it was and as it is.

use crate::id::{Caller, RequestId, Revision};
use crate::page::{Page, PageSpec};
use crate::time::WallTime;

/// One change of one thing, and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// The revision that made it.
    pub revision: Revision,
    /// When, by the wall clock of the member that led then: a label for people.
    pub at: WallTime,
    /// Who asked.
    pub caller: Caller,
    /// The caller's id for the request.
    pub request_id: RequestId,
    /// What was asked: the name of the method.
    pub request: String,
    /// What was changed, such as `hosts/h1.example`.
    pub resource: String,
    /// Whose it was; empty if it is nobody's.
    pub holder: String,
    /// What it was before, in words: empty if it was not there, nothing if what made it so is not kept any more.
    pub before: Option<String>,
    /// What it was after, in words; empty if it is not there any more.
    pub after: String,
}

/// Which records: those for which all that is said is true.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Those of this caller.
    pub caller: Option<Caller>,
    /// Those about this: a resource, a holder, or the host or jail of one. Empty: about anything.
    pub resource: String,
    /// Those from this time on.
    pub since: Option<WallTime>,
}

/// A wish for a page of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditListing {
    /// Which page.
    pub page: PageSpec,
    /// Which records.
    pub filter: AuditFilter,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The records, in the order in which they were made.
    pub page: Page<AuditRecord>,
    /// The first revision that the asked member keeps records of; what was before is not told.
    pub first_revision: Revision,
}

impl AuditFilter {
    /// True if the record is one of those.
    #[must_use]
    pub fn matches(&self, record: &AuditRecord) -> bool {
        let is_about = |about: &str| {
            let within = record.holder.strip_prefix(about).is_some_and(|rest| rest.starts_with('/'));
            about.is_empty() || record.resource == about || record.holder == about || within
        };
        is_about(&self.resource)
            && self.caller.as_ref().is_none_or(|caller| *caller == record.caller)
            && self.since.is_none_or(|since| since <= record.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_means_a_resource_a_holder_or_what_is_on_a_host() {
        let record = AuditRecord {
            revision: Revision::new(7),
            at: WallTime::from_unix_millis(1_000),
            caller: Caller::new("ops").unwrap(),
            request_id: RequestId::new("r1").unwrap(),
            request: "ReleaseLease".to_owned(),
            resource: "leases/17".to_owned(),
            holder: "h1.example/web01/net0".to_owned(),
            before: None,
            after: String::new(),
        };
        let about = |resource: &str| AuditFilter { resource: resource.to_owned(), ..AuditFilter::default() };
        for yes in ["", "leases/17", "h1.example", "h1.example/web01", "h1.example/web01/net0"] {
            assert!(about(yes).matches(&record), "{yes}");
        }
        for no in ["leases/1", "h1", "h1.example/web", "hosts/h1.example", "net0"] {
            assert!(!about(no).matches(&record), "{no}");
        }
        let of = |caller: &str| AuditFilter { caller: Caller::new(caller).ok(), ..AuditFilter::default() };
        assert!(of("ops").matches(&record) && !of("agent").matches(&record));
        let since = |millis| AuditFilter {
            since: Some(WallTime::from_unix_millis(millis)),
            ..AuditFilter::default()
        };
        assert!(since(1_000).matches(&record) && !since(1_001).matches(&record));
    }
}
