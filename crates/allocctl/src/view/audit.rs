//! Records of who changed what.

use allocd_types::audit::AuditRecord;
use serde::Serialize;

use super::lease::wall_time;
use super::{Column, Resource, number, text, wide};

/// `allocd.v1.AuditRecord`.
#[derive(Serialize)]
pub(crate) struct AuditJson {
    revision: u64,
    at: Option<String>,
    caller: String,
    request_id: String,
    request: String,
    resource: String,
    holder: String,
    before: Option<String>,
    after: String,
}

impl Resource for AuditRecord {
    type Json = AuditJson;

    const PLURAL: &'static str = "records";
    const COLUMNS: &'static [Column] = &[
        number("REVISION"),
        text("AT"),
        text("CALLER"),
        text("REQUEST"),
        text("RESOURCE"),
        text("HOLDER"),
        text("BEFORE"),
        text("AFTER"),
        wide("REQUEST ID"),
    ];

    fn json(&self) -> AuditJson {
        AuditJson {
            revision: self.revision.get(),
            at: wall_time(self.at),
            caller: self.caller.to_string(),
            request_id: self.request_id.to_string(),
            request: self.request.clone(),
            resource: self.resource.clone(),
            holder: self.holder.clone(),
            before: self.before.clone(),
            after: self.after.clone(),
        }
    }

    fn name(&self) -> String {
        self.resource.clone()
    }

    fn cells(&self) -> Vec<String> {
        let dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        vec![
            self.revision.to_string(),
            wall_time(self.at).unwrap_or_else(|| "-".to_owned()),
            self.caller.to_string(),
            self.request.clone(),
            self.resource.clone(),
            dash(&self.holder),
            self.before.as_deref().map_or_else(|| "?".to_owned(), dash),
            dash(&self.after),
            self.request_id.to_string(),
        ]
    }
}
