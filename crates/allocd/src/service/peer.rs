//! PeerService: what members say to each other. Every message is checked for the cluster and the members it names before the
//! replica sees it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use allocd_proto::peer::v1::install_snapshot_request::Content;
use allocd_proto::peer::v1::peer_service_server::PeerService;
use allocd_proto::peer::v1::{
    DeliverRequest, DeliverResponse, GetMemberStatusRequest, GetMemberStatusResponse, GetMembershipRequest,
    GetMembershipResponse, InstallSnapshotRequest, InstallSnapshotResponse,
};
use allocd_proto::status::status;
use allocd_replica::{Level, Progress, Refusal, Role};
use allocd_types::cluster::{MemberRole, MemberStatus, PeerProgress};
use allocd_types::id::{ClusterId, MemberId};
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::request::Freshness;
use allocd_types::time::Span;
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tonic::{Request, Response, Status, Streaming};

use crate::door::{Door, refused};
use crate::inbox::{Input, Inspected, Refused};
use crate::peers::Peers;
use crate::phase::{Phase, Phases};
use crate::post::REMOVED;
use crate::snapshots::{self, NotInstalled};

/// How long a member is waited for when it is asked how it is.
pub(super) const STATUS_DEADLINE: Duration = Duration::from_millis(500);

/// A member as its peers see it.
#[derive(Clone)]
pub(crate) struct PeerDoor {
    pub(crate) door: Door,
    pub(crate) cluster: ClusterId,
    pub(crate) member: MemberId,
    pub(crate) heartbeat: Duration,
    pub(crate) data_dir: Arc<Path>,
    pub(crate) peers: Peers,
    pub(crate) phases: Phases,
}

#[tonic::async_trait]
impl PeerService for PeerDoor {
    async fn deliver(
        &self,
        request: Request<Streaming<DeliverRequest>>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let mut parts = request.into_inner();
        let mut phases = self.phases.clone();
        loop {
            let part = tokio::select! {
                part = parts.message() => part?,
                () = phases.reached(Phase::Stopped) => None,
            };
            let Some(part) = part else { return Ok(Response::new(DeliverResponse {})) };
            self.check(&part.cluster_id, part.from, part.to)?;
            if self.peers.learn(MemberId::new(part.from), &part.from_address) {
                // A full inbox loses it; the sender says it again with its next message.
                let _ = self.door.inbox.offer(Input::PeersChanged);
            }
            let (from, level) = (MemberId::new(part.from), Level::new(part.level));
            for message in part.messages {
                // A full inbox loses the message, as a network would; raft sends it again, or something newer.
                let _ = self.door.inbox.offer(Input::Message { from, level, message });
            }
        }
    }

    async fn install_snapshot(
        &self,
        request: Request<Streaming<InstallSnapshotRequest>>,
    ) -> Result<Response<InstallSnapshotResponse>, Status> {
        let mut stream = request.into_inner();
        let Some(Content::Announcement(announced)) = next(&mut stream).await? else {
            return Err(Status::invalid_argument("a snapshot begins with its announcement"));
        };
        self.check(&announced.cluster_id, announced.from, announced.to)?;
        let (parts, waiting) = mpsc::channel(snapshots::PARTS_WAITING_MAX);
        let inbox = self.door.inbox.clone();
        // Should this call be given up, the parts break off, and the replica abandons what it has.
        let announced = (announced.message, Level::new(announced.level));
        let installing = spawn_blocking(move || snapshots::take_in(announced, waiting, &inbox));
        while let Some(content) = next(&mut stream).await? {
            let Content::Part(part) = content else {
                return Err(Status::invalid_argument("a snapshot has one announcement"));
            };
            if parts.send(part).await.is_err() {
                break;
            }
        }
        drop(parts);
        match installing.await {
            Ok(Ok(()) | Err(NotInstalled::Refused(Refusal::Superseded))) => {
                Ok(Response::new(InstallSnapshotResponse {}))
            }
            Ok(Err(why)) => Err(Status::aborted(format!("{:#}", anyhow::Error::from(why)))),
            Err(_) => Err(Status::internal("the snapshot made this member panic; its log says where")),
        }
    }

    async fn get_membership(
        &self,
        request: Request<GetMembershipRequest>,
    ) -> Result<Response<GetMembershipResponse>, Status> {
        let asked = request.into_inner();
        self.check_cluster(&asked.cluster_id)?;
        let (understood, in_use) = (Level::new(asked.level), self.inspect().await?.status.level_in_use);
        if understood < in_use {
            return Err(status(&too_old(MemberId::new(asked.from), understood, in_use)));
        }
        // A member that is behind would take a voter that lost its disk for the learner that it was, and let it vote anew.
        self.door.state(Freshness::Linearizable).await.map_err(|problem| status(&problem))?;
        Ok(Response::new(GetMembershipResponse { membership: self.peers.membership().encode().into() }))
    }

    async fn get_member_status(
        &self,
        request: Request<GetMemberStatusRequest>,
    ) -> Result<Response<GetMemberStatusResponse>, Status> {
        let asked = request.into_inner();
        self.check(&asked.cluster_id, asked.from, asked.to)?;
        let status = Some(self.status().await?.into());
        Ok(Response::new(GetMemberStatusResponse { cluster_id: self.cluster.to_string(), status }))
    }
}

/// The next piece of a snapshot, within its time.
async fn next(stream: &mut Streaming<InstallSnapshotRequest>) -> Result<Option<Content>, Status> {
    let late = |_| Status::deadline_exceeded("the next part of the snapshot did not come");
    let Some(piece) = timeout(snapshots::PART_TIMEOUT, stream.message()).await.map_err(late)?? else {
        return Ok(None);
    };
    piece.content.map(Some).ok_or_else(|| Status::invalid_argument("a piece of the snapshot is empty"))
}

/// Why a member may not join yet.
fn too_old(member: MemberId, understood: Level, in_use: Level) -> Problem {
    let why =
        format!("member {member} understands the log up to level {understood}, and level {in_use} is in use");
    Problem::new(Reason::UpgradePending, why)
        .hint("install a newer allocd on it")
        .with("members", member)
        .with("understood", understood)
        .with("needed", in_use)
}

/// What the files in a directory take. One that is gone meanwhile takes nothing.
fn size_of(directory: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(directory) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => size_of(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.filter_map(Result::ok).map(size).sum()
}

impl PeerDoor {
    /// How this member is.
    pub(super) async fn status(&self) -> Result<MemberStatus, Status> {
        let ended = || status(&refused(Refused::Ended));
        let Inspected { status: inspected, machine, progress } = self.inspect().await?;
        let data_dir = Arc::clone(&self.data_dir);
        // Digesting takes as long as there is state; neither the replica nor other calls wait for it.
        let digested = spawn_blocking(move || {
            (machine.state().digest(), machine.digest(), machine.state().clone(), size_of(&data_dir))
        });
        let (state_digest, memory_digest, state, disk_bytes) = digested.await.map_err(|_| ended())?;
        let role = match inspected.standing.role {
            Role::Follower => MemberRole::Follower,
            Role::Candidate => MemberRole::Candidate,
            Role::Leader => MemberRole::Leader,
        };
        Ok(MemberStatus {
            id: self.member,
            role,
            leader: inspected.standing.leader,
            term: inspected.standing.term,
            commit_index: inspected.committed,
            applied_index: inspected.applied,
            revision: state.revision(),
            cluster_time: state.now(),
            state_digest,
            memory_digest,
            last_index: inspected.last,
            disk_bytes,
            progress: progress.iter().map(|peer| self.progress(peer)).collect(),
            leases: u64::try_from(state.lease_count()).unwrap_or(u64::MAX),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            level: inspected.understands.get(),
            level_in_use: inspected.level_in_use.get(),
        })
    }

    async fn inspect(&self) -> Result<Inspected, Status> {
        let (answer, answered) = oneshot::channel();
        self.door.inbox.offer(Input::Inspect(answer)).map_err(|why| status(&refused(why)))?;
        answered.await.map_err(|_| status(&refused(Refused::Ended)))
    }

    fn progress(&self, peer: &Progress) -> PeerProgress {
        let heartbeat = u64::try_from(self.heartbeat.as_millis()).unwrap_or(u64::MAX);
        let silent = |ticks: u64| Span::from_millis(ticks.saturating_mul(heartbeat));
        PeerProgress {
            member: peer.member,
            match_index: peer.matched,
            last_contact: peer.silent_ticks.map(silent),
            gets_snapshot: peer.gets_snapshot,
        }
    }

    fn check(&self, cluster: &str, from: u64, to: u64) -> Result<(), Status> {
        self.check_cluster(cluster)?;
        let sender = MemberId::new(from);
        if to != self.member.get() || sender == self.member {
            let message =
                format!("this is member {}; a message from {from} to {to} is not for it", self.member);
            return Err(Status::failed_precondition(message));
        }
        if self.peers.is_former(sender) {
            // Where members have never changed, a member that is not listed is a mistake in a configuration.
            if self.peers.membership().index() == 0 {
                let message =
                    format!("member {from} is not among those that cluster {} began with", self.cluster);
                return Err(Status::failed_precondition(message));
            }
            return Err(Status::new(
                REMOVED,
                format!("cluster {} has no member {from} any more", self.cluster),
            ));
        }
        Ok(())
    }

    fn check_cluster(&self, cluster: &str) -> Result<(), Status> {
        if cluster != self.cluster.as_str() {
            let message = format!("this member is of cluster {}, not {cluster}", self.cluster);
            return Err(Status::failed_precondition(message));
        }
        Ok(())
    }
}
