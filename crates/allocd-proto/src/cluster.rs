//! A cluster and its members.

use allocd_types::cluster::{ClusterStatus, Member, MemberStatus};
use allocd_types::id::{ClusterId, MemberId, Revision};
use allocd_types::time::ClusterTime;
use allocd_types::violation::Violations;

use crate::enumeration::said;
use crate::read::{Read, list, path};
use crate::v1::member::Answer;
use crate::{digest, v1};

impl Read for v1::ClusterStatus {
    type Word = ClusterStatus;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<ClusterStatus> {
        let cluster_id = wrong.keep(&path(field, "cluster_id"), ClusterId::new(&self.cluster_id));
        let members = list(self.members, &path(field, "members"), wrong, |member, field, wrong| {
            member.read(field, wrong)
        });
        Some(ClusterStatus { cluster_id: cluster_id?, leader: leader(self.leader), members: members? })
    }
}

impl From<ClusterStatus> for v1::ClusterStatus {
    fn from(status: ClusterStatus) -> Self {
        Self {
            cluster_id: status.cluster_id.to_string(),
            leader: status.leader.map_or(0, MemberId::get),
            members: status.members.into_iter().map(Into::into).collect(),
        }
    }
}

fn leader(id: u64) -> Option<MemberId> {
    (id != 0).then_some(MemberId::new(id))
}

impl Read for v1::Member {
    type Word = Member;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Member> {
        let answer = match self.answer {
            Some(Answer::Status(status)) => Ok(status.read(&path(field, "status"), wrong)?),
            Some(Answer::Unreachable(why)) => Err(why),
            None => {
                wrong.add(field, "says neither status nor unreachable");
                return None;
            }
        };
        Some(Member { id: MemberId::new(self.id), address: self.address, answer })
    }
}

impl From<Member> for v1::Member {
    fn from(member: Member) -> Self {
        let answer = match member.answer {
            Ok(status) => Answer::Status(status.into()),
            Err(why) => Answer::Unreachable(why),
        };
        Self { id: member.id.get(), address: member.address, answer: Some(answer) }
    }
}

impl Read for v1::MemberStatus {
    type Word = MemberStatus;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<MemberStatus> {
        let role = said::<v1::MemberRole>(self.role, &path(field, "role"), wrong);
        let state_digest = digest::read(&self.state_digest, &path(field, "state_digest"), wrong);
        let memory_digest = digest::read(&self.memory_digest, &path(field, "memory_digest"), wrong);
        Some(MemberStatus {
            id: MemberId::new(self.id),
            role: role?,
            leader: leader(self.leader),
            term: self.term,
            commit_index: self.commit_index,
            applied_index: self.applied_index,
            revision: Revision::new(self.revision),
            cluster_time: ClusterTime::from_millis(self.cluster_time_ms),
            state_digest: state_digest?,
            memory_digest: memory_digest?,
            leases: self.leases,
            version: self.version,
        })
    }
}

impl From<MemberStatus> for v1::MemberStatus {
    fn from(status: MemberStatus) -> Self {
        Self {
            id: status.id.get(),
            role: v1::MemberRole::from(status.role).into(),
            leader: status.leader.map_or(0, MemberId::get),
            term: status.term,
            commit_index: status.commit_index,
            applied_index: status.applied_index,
            revision: status.revision.get(),
            cluster_time_ms: status.cluster_time.millis(),
            state_digest: status.state_digest.to_string(),
            memory_digest: status.memory_digest.to_string(),
            leases: status.leases,
            version: status.version,
        }
    }
}
