//! The cluster's members, and what the self-check finds.

use allocd_types::check::{CheckFinding, CheckReport};
use allocd_types::cluster::{ClusterStatus, Member, MemberStatus};
use allocd_types::id::Revision;
use allocd_types::time::ClusterTime;
use serde::Serialize;

use super::{Align, Column, Resource, Width, number, text, wide};

/// `allocd.v1.ClusterStatus`.
#[derive(Serialize)]
pub(crate) struct ClusterJson {
    cluster_id: String,
    leader: u64,
    members: Vec<MemberJson>,
}

/// `allocd.v1.Member`.
#[derive(Serialize)]
pub(crate) struct MemberJson {
    id: u64,
    address: String,
    status: Option<MemberStatusJson>,
    unreachable: Option<String>,
}

/// `allocd.v1.MemberStatus`.
#[derive(Serialize)]
struct MemberStatusJson {
    id: u64,
    role: String,
    leader: u64,
    term: u64,
    commit_index: u64,
    applied_index: u64,
    revision: u64,
    cluster_time_ms: u64,
    state_digest: String,
    memory_digest: String,
    leases: u64,
    version: String,
}

/// `allocd.v1.CheckResponse`.
#[derive(Serialize)]
pub(crate) struct CheckJson {
    findings: Vec<CheckFindingJson>,
    leases: u64,
    state_digest: String,
    revision: u64,
    cluster_time_ms: u64,
}

/// `allocd.v1.CheckFinding`.
#[derive(Serialize)]
struct CheckFindingJson {
    invariant: String,
    message: String,
}

impl Resource for Member {
    type Json = MemberJson;

    const PLURAL: &'static str = "members";
    const COLUMNS: &'static [Column] = &[
        number("ID"),
        text("ADDRESS"),
        text("ROLE"),
        number("TERM"),
        number("APPLIED"),
        Column { title: "COMMITTED", width: Width::Wide, align: Align::Right },
        number("REVISION"),
        number("LEASES"),
        text("STATE DIGEST"),
        wide("MEMORY DIGEST"),
        text("VERSION"),
    ];

    fn json(&self) -> MemberJson {
        let (status, unreachable) = match &self.answer {
            Ok(status) => (Some(MemberStatusJson::from(status)), None),
            Err(why) => (None, Some(why.clone())),
        };
        MemberJson { id: self.id.get(), address: self.address.clone(), status, unreachable }
    }

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn cells(&self) -> Vec<String> {
        /// Enough of a digest to see that two differ.
        const DIGEST_SHOWN: usize = 16;
        let short = |digest: &dyn ToString| digest.to_string().chars().take(DIGEST_SHOWN).collect();
        let mut cells = vec![self.name(), self.address.clone()];
        match &self.answer {
            Ok(status) => cells.extend([
                status.role.to_string(),
                status.term.to_string(),
                status.applied_index.to_string(),
                status.commit_index.to_string(),
                status.revision.to_string(),
                status.leases.to_string(),
                short(&status.state_digest),
                short(&status.memory_digest),
                status.version.clone(),
            ]),
            Err(_) => {
                cells.push("unreachable".to_owned());
                cells.resize(Self::COLUMNS.len(), "-".to_owned());
            }
        }
        cells
    }
}

impl From<&ClusterStatus> for ClusterJson {
    fn from(status: &ClusterStatus) -> Self {
        Self {
            cluster_id: status.cluster_id.to_string(),
            leader: status.leader.map_or(0, |leader| leader.get()),
            members: status.members.iter().map(Resource::json).collect(),
        }
    }
}

impl From<&MemberStatus> for MemberStatusJson {
    fn from(status: &MemberStatus) -> Self {
        Self {
            id: status.id.get(),
            role: status.role.to_string(),
            leader: status.leader.map_or(0, |leader| leader.get()),
            term: status.term,
            commit_index: status.commit_index,
            applied_index: status.applied_index,
            revision: status.revision.get(),
            cluster_time_ms: status.cluster_time.millis(),
            state_digest: status.state_digest.to_string(),
            memory_digest: status.memory_digest.to_string(),
            leases: status.leases,
            version: status.version.clone(),
        }
    }
}

impl CheckJson {
    /// The report, as of then.
    pub(crate) fn new(report: &CheckReport, revision: Revision, now: ClusterTime) -> Self {
        let finding = |found: &CheckFinding| CheckFindingJson {
            invariant: found.invariant.clone(),
            message: found.message.clone(),
        };
        Self {
            findings: report.findings.iter().map(finding).collect(),
            leases: report.leases,
            state_digest: report.state_digest.to_string(),
            revision: revision.get(),
            cluster_time_ms: now.millis(),
        }
    }
}
