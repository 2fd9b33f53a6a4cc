//! Records of who did what.

use allocd_types::audit::AuditRecord;
use allocd_types::id::{Caller, RequestId, Revision};
use allocd_types::violation::Violations;

use crate::read::{Read, path};
use crate::{span, v1};

impl Read for v1::AuditRecord {
    type Word = AuditRecord;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<AuditRecord> {
        let at = span::wall(self.at, &path(field, "at"), wrong);
        let caller = wrong.keep(&path(field, "caller"), Caller::new(&self.caller));
        let request_id = wrong.keep(&path(field, "request_id"), RequestId::new(&self.request_id));
        Some(AuditRecord {
            revision: Revision::new(self.revision),
            at: at?,
            caller: caller?,
            request_id: request_id?,
            request: self.request,
            resource: self.resource,
            holder: self.holder,
            before: self.before,
            after: self.after,
        })
    }
}

impl From<AuditRecord> for v1::AuditRecord {
    fn from(record: AuditRecord) -> Self {
        let AuditRecord { revision, at, caller, request_id, request, resource, holder, before, after } =
            record;
        Self {
            revision: revision.get(),
            at: Some(span::timestamp(at)),
            caller: caller.to_string(),
            request_id: request_id.to_string(),
            request,
            resource,
            holder,
            before,
            after,
        }
    }
}
