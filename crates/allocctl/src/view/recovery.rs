//! Recovery after a restore.

use allocd_types::recovery::{OpenRecovery, RecoveryStatus, UnconfirmedHost};
use serde::Serialize;

use super::{Column, Resource, number, text};

/// `allocd.v1.RecoveryStatus`; pools as people call them.
#[derive(Serialize)]
pub(crate) struct RecoveryJson {
    timeline: u32,
    open: Option<OpenRecoveryJson>,
}

/// `allocd.v1.OpenRecovery`.
#[derive(Serialize)]
struct OpenRecoveryJson {
    hosts: Vec<UnconfirmedHostJson>,
    rests_for_ms: u64,
    open_pools: Vec<String>,
}

/// `allocd.v1.UnconfirmedHost`.
#[derive(Serialize)]
pub(crate) struct UnconfirmedHostJson {
    name: String,
    leases: u32,
}

impl From<&RecoveryStatus> for RecoveryJson {
    fn from(status: &RecoveryStatus) -> Self {
        let open = |open: &OpenRecovery| OpenRecoveryJson {
            hosts: open.hosts.iter().map(Resource::json).collect(),
            rests_for_ms: open.rests_for.millis(),
            open_pools: open.open_pools.iter().map(ToString::to_string).collect(),
        };
        Self { timeline: status.timeline, open: status.open.as_ref().map(open) }
    }
}

impl Resource for UnconfirmedHost {
    type Json = UnconfirmedHostJson;

    const PLURAL: &'static str = "hosts to be confirmed";
    const COLUMNS: &'static [Column] = &[text("HOST"), number("LEASES")];

    fn json(&self) -> UnconfirmedHostJson {
        UnconfirmedHostJson { name: self.name.to_string(), leases: self.leases }
    }

    fn name(&self) -> String {
        self.name.to_string()
    }

    fn cells(&self) -> Vec<String> {
        vec![self.name(), self.leases.to_string()]
    }
}
