//! A cluster and its members.

use allocd_types::cluster::{ClusterStatus, Member, MemberStatus, MemberVote, PeerProgress};
use allocd_types::id::{ClusterId, MemberId, Revision};
use allocd_types::time::{ClusterTime, Span};
use allocd_types::violation::Violations;

use crate::enumeration::{said, said_or};
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
        // A member of before there were learners says nothing, and votes.
        let vote = said_or::<v1::MemberVote>(self.vote, MemberVote::Voter, &path(field, "vote"), wrong);
        Some(Member { id: MemberId::new(self.id), address: self.address, vote: vote?, answer })
    }
}

impl From<Member> for v1::Member {
    fn from(member: Member) -> Self {
        let answer = match member.answer {
            Ok(status) => Answer::Status(status.into()),
            Err(why) => Answer::Unreachable(why),
        };
        let vote = v1::MemberVote::from(member.vote).into();
        Self { id: member.id.get(), address: member.address, vote, answer: Some(answer) }
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
            last_index: self.last_index,
            disk_bytes: self.disk_bytes,
            progress: self.progress.into_iter().map(Into::into).collect(),
            leases: self.leases,
            version: self.version,
            // Who says nothing is of before there were levels.
            level: self.level.max(1),
            level_in_use: self.level_in_use.max(1),
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
            last_index: status.last_index,
            disk_bytes: status.disk_bytes,
            progress: status.progress.into_iter().map(Into::into).collect(),
            leases: status.leases,
            version: status.version,
            level: status.level,
            level_in_use: status.level_in_use,
        }
    }
}

impl From<v1::PeerProgress> for PeerProgress {
    fn from(progress: v1::PeerProgress) -> Self {
        Self {
            member: MemberId::new(progress.member),
            match_index: progress.match_index,
            last_contact: progress.last_contact_ms.map(Span::from_millis),
            gets_snapshot: progress.gets_snapshot,
        }
    }
}

impl From<PeerProgress> for v1::PeerProgress {
    fn from(progress: PeerProgress) -> Self {
        Self {
            member: progress.member.get(),
            match_index: progress.match_index,
            last_contact_ms: progress.last_contact.map(Span::millis),
            gets_snapshot: progress.gets_snapshot,
        }
    }
}
