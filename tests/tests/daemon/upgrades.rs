//! A member whose leader runs a newer allocd: the test is that leader, and writes what no allocd of today understands.

use std::time::Duration;

use allocd_proto::peer::v1::install_snapshot_request::Content;
use allocd_proto::peer::v1::peer_service_client::PeerServiceClient;
use allocd_proto::peer::v1::{DeliverRequest, InstallSnapshotRequest, SnapshotAnnouncement};
use allocd_proto::storage::v1;
use allocd_replica::Level;
use allocd_tests::process::Process;
use allocd_tests::until::until;
use prost::Message as _;
use raft_proto::eraftpb::{ConfState, Entry, Message, MessageType, Snapshot, SnapshotMetadata};
use tonic::transport::Channel;

use crate::cluster::{Cluster, STEADY};

/// What the newer leader writes.
const LEVEL: u32 = 1_000;
/// What an allocd of today understands.
const NEWEST: Level = Level::NEWEST;
/// Its term.
const TERM: u64 = 7;

/// The first of three members, and a connection to it as the second, which leads.
async fn follower() -> (Cluster, PeerServiceClient<Channel>) {
    let mut cluster = Cluster::prepare("blue", 3, STEADY);
    cluster.start_one(0);
    let address = format!("http://{}", cluster.address(0));
    let connect = async || Channel::from_shared(address.clone()).ok()?.connect().await.ok();
    let channel = until("the member listens", connect).await;
    (cluster, PeerServiceClient::new(channel))
}

fn from_leader(kind: MessageType) -> Message {
    Message { msg_type: kind.into(), from: 2, to: 1, term: TERM, ..Message::default() }
}

/// It has ended, and its last line says why and what to do.
async fn assert_stopped(mut cluster: Cluster, what: &str) {
    let process: &mut Process = cluster.process(0);
    assert_eq!(process.ended().await.code(), Some(1));
    let log = process.log();
    let last = log.lines().last().expect("it says why");
    let told = format!(
        "{what} is of level {LEVEL}, and this allocd understands levels up to {NEWEST}; install a newer allocd on this member and start it again"
    );
    assert!(last.starts_with("error: ") && last.contains(&told), "{log}");
}

#[tokio::test]
async fn a_member_that_meets_a_newer_entry_stops_and_says_what_to_do() {
    let (cluster, mut client) = follower().await;
    let written = v1::Entry { format: LEVEL, ..v1::Entry::default() };
    let entry = Entry { index: 1, term: TERM, data: written.encode_to_vec().into(), ..Entry::default() };
    let append = Message { entries: vec![entry], commit: 1, ..from_leader(MessageType::MsgAppend) };
    let part = DeliverRequest {
        cluster_id: "blue".to_owned(),
        from: 2,
        to: 1,
        messages: vec![append.encode_to_vec().into()],
        level: LEVEL,
        ..DeliverRequest::default()
    };
    // The call ends as the member does.
    let _ = tokio::time::timeout(Duration::from_secs(60), client.deliver(tokio_stream::iter([part]))).await;
    assert_stopped(cluster, "committed entry 1").await;
}

#[tokio::test]
async fn a_member_that_needs_a_newer_snapshot_stops_and_says_what_to_do() {
    let (cluster, mut client) = follower().await;
    let members = v1::Membership { voters: vec![1, 2, 3], highest_id: 3, ..v1::Membership::default() };
    let conf_state = ConfState { voters: vec![1, 2, 3], ..ConfState::default() };
    let metadata = SnapshotMetadata { conf_state: Some(conf_state), index: 5, term: TERM };
    let snapshot = Snapshot { data: members.encode_to_vec().into(), metadata: Some(metadata) };
    let message = Message { snapshot: Some(snapshot), ..from_leader(MessageType::MsgSnapshot) };
    let announcement = SnapshotAnnouncement {
        cluster_id: "blue".to_owned(),
        from: 2,
        to: 1,
        message: message.encode_to_vec().into(),
        level: LEVEL,
    };
    let announced = InstallSnapshotRequest { content: Some(Content::Announcement(announcement)) };
    assert!(client.install_snapshot(tokio_stream::iter([announced])).await.is_err());
    assert_stopped(cluster, "the snapshot").await;
}
