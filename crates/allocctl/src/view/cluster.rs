//! The cluster's members, and what the self-check finds.

use allocd_types::check::{CheckFinding, CheckReport};
use allocd_types::cluster::{ClusterStatus, Member, MemberRole, MemberStatus, PeerProgress};
use allocd_types::id::Revision;
use allocd_types::time::{ClusterTime, Span};
use indicatif::HumanBytes;
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
    vote: String,
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
    last_index: u64,
    disk_bytes: u64,
    progress: Vec<PeerProgressJson>,
    level: u32,
    level_in_use: u32,
}

/// `allocd.v1.PeerProgress`.
#[derive(Clone, Serialize)]
pub(crate) struct PeerProgressJson {
    member: u64,
    match_index: u64,
    last_contact_ms: Option<u64>,
    gets_snapshot: bool,
}

/// A member as the leader sees it.
pub(crate) struct MemberRow {
    member: Member,
    progress: Option<PeerProgress>,
    /// The last entry of the leader's log, if it answers.
    last: Option<u64>,
}

/// A member, and how it follows.
#[derive(Serialize)]
pub(crate) struct MemberRowJson {
    #[serde(flatten)]
    member: MemberJson,
    progress: Option<PeerProgressJson>,
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
        let vote = self.vote.to_string();
        MemberJson { id: self.id.get(), address: self.address.clone(), status, unreachable, vote }
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

impl MemberRow {
    /// All members, beside what the leader says of each.
    pub(crate) fn all(status: &ClusterStatus) -> Vec<Self> {
        let leader = status.members.iter().filter(|member| Some(member.id) == status.leader);
        let leader = leader.filter_map(|member| member.answer.as_ref().ok()).next();
        let row = |member: &Member| {
            let known =
                leader.and_then(|leader| leader.progress.iter().find(|peer| peer.member == member.id));
            let last = leader.map(|leader| leader.last_index);
            Self { member: member.clone(), progress: known.copied(), last }
        };
        status.members.iter().map(row).collect()
    }
}

impl Resource for MemberRow {
    type Json = MemberRowJson;

    const PLURAL: &'static str = "members";
    const COLUMNS: &'static [Column] = &[
        number("ID"),
        text("ADDRESS"),
        text("ROLE"),
        text("VOTE"),
        number("MATCH"),
        number("LAG"),
        number("LAST CONTACT"),
        number("DISK"),
        text("VERSION"),
        number("LEVEL"),
    ];

    fn json(&self) -> MemberRowJson {
        MemberRowJson { member: self.member.json(), progress: self.progress.as_ref().map(Into::into) }
    }

    fn name(&self) -> String {
        self.member.name()
    }

    fn cells(&self) -> Vec<String> {
        let Self { member, progress, last } = self;
        let answer = member.answer.as_ref().ok();
        let leads = answer.is_some_and(|status| status.role == MemberRole::Leader);
        let matched = progress.map(|peer| peer.match_index).or(last.filter(|_| leads));
        let lag = matched.zip(*last).map(|(matched, last)| last.saturating_sub(matched));
        let contact = progress.and_then(|peer| peer.last_contact);
        let role = match progress {
            Some(peer) if peer.gets_snapshot => "gets a snapshot".to_owned(),
            Some(_) | None => {
                answer.map_or_else(|| "unreachable".to_owned(), |status| status.role.to_string())
            }
        };
        let said = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        vec![
            self.name(),
            member.address.clone(),
            role,
            member.vote.to_string(),
            said(matched.map(|matched| matched.to_string())),
            said(lag.map(|lag| lag.to_string())),
            said(contact.map(|contact| contact.to_string())),
            said(answer.map(|status| HumanBytes(status.disk_bytes).to_string())),
            said(answer.map(|status| status.version.clone())),
            said(answer.map(|status| status.level.to_string())),
        ]
    }
}

impl From<&PeerProgress> for PeerProgressJson {
    fn from(progress: &PeerProgress) -> Self {
        Self {
            member: progress.member.get(),
            match_index: progress.match_index,
            last_contact_ms: progress.last_contact.map(Span::millis),
            gets_snapshot: progress.gets_snapshot,
        }
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
            last_index: status.last_index,
            disk_bytes: status.disk_bytes,
            progress: status.progress.iter().map(Into::into).collect(),
            level: status.level,
            level_in_use: status.level_in_use,
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
