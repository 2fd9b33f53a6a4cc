//! Messages to the other members: a queue for each, and one client-streaming call that empties it.
//!
//! What waits is sent together. A call that breaks is begun anew with the next message, and raft is told that the peer could not
//! be reached. Nothing is kept for a peer that is away.

use std::collections::BTreeMap;

use allocd_proto::peer::v1::DeliverRequest;
use allocd_proto::peer::v1::peer_service_client::PeerServiceClient;
use allocd_replica::Level;
use allocd_types::id::{ClusterId, MemberId};
use prost::bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use crate::inbox::{Inbox, Input};
use crate::peers::Peers;

/// Most messages that may wait for one peer.
const MESSAGES_WAITING_MAX: usize = 4_096;
/// Most messages in one part of the stream.
const MESSAGES_PER_PART_MAX: usize = 256;
/// Bytes of messages from which on a part of the stream is full.
const PART_BYTES_FULL: usize = 1024 * 1024;
/// Most parts that may be under way to one peer.
const PARTS_UNDER_WAY_MAX: usize = 4;
/// Most bytes that a part of the stream may have: one that is almost full takes one more message, and raft's messages hold a
/// megabyte of entries, or one entry of a bit more.
pub(crate) const PART_BYTES_MAX: usize = 8 * 1024 * 1024;
/// What a peer answers to a member that was removed.
pub(crate) const REMOVED: Code = Code::NotFound;

/// The queues to the other members. Those who empty them are tasks that end with their queues.
pub(crate) struct Post {
    pub(crate) runtime: Handle,
    pub(crate) cluster: ClusterId,
    pub(crate) member: MemberId,
    pub(crate) peers: Peers,
    pub(crate) inbox: Inbox,
    queues: BTreeMap<MemberId, mpsc::Sender<Bytes>>,
}

impl Post {
    /// Queues for all peers.
    pub(crate) fn new(
        runtime: Handle,
        (cluster, member): (ClusterId, MemberId),
        peers: Peers,
        inbox: Inbox,
    ) -> Self {
        let mut post = Self { runtime, cluster, member, peers, inbox, queues: BTreeMap::new() };
        post.follow();
        post
    }

    /// A queue for each peer that there is now.
    pub(crate) fn follow(&mut self) {
        let there = self.peers.ids();
        self.queues.retain(|peer, _| there.contains(peer));
        for peer in there {
            self.queues.entry(peer).or_insert_with(|| {
                let (sender, queue) = mpsc::channel(MESSAGES_WAITING_MAX);
                let delivery = Delivery { peer, peers: self.peers.clone(), queue, refused: false };
                self.runtime.spawn(delivery.run(self.cluster.clone(), self.member, self.inbox.clone()));
                sender
            });
        }
    }

    /// Queues a message. A full queue loses it: raft sends it again, or something newer.
    pub(crate) fn send(&self, to: MemberId, message: Bytes) {
        if let Some(queue) = self.queues.get(&to) {
            let _ = queue.try_send(message);
        }
    }
}

/// What waits for one peer, and the way to it.
struct Delivery {
    peer: MemberId,
    peers: Peers,
    queue: mpsc::Receiver<Bytes>,
    /// Whether the peer refuses this member, so that it is told once and not with every message.
    refused: bool,
}

impl Delivery {
    /// Delivers until the queue is closed.
    async fn run(mut self, cluster: ClusterId, member: MemberId, inbox: Inbox) {
        while let Some(first) = self.queue.recv().await {
            self.stream(first, &cluster, member, &inbox).await;
            // The member may be stopping; then nobody needs to know.
            let _ = inbox.offer(Input::Unreachable(self.peer));
        }
    }

    /// Streams messages until the call breaks or the queue is closed.
    async fn stream(&mut self, first: Bytes, cluster: &ClusterId, member: MemberId, inbox: &Inbox) {
        let (parts, stream) = mpsc::channel(PARTS_UNDER_WAY_MAX);
        // It may have moved.
        let Some(channel) = self.peers.get(self.peer) else { return };
        let mut client = PeerServiceClient::new(channel);
        let call = tokio::spawn(async move { client.deliver(ReceiverStream::new(stream)).await });
        let mut next = Some(first);
        while let Some(message) = next {
            let part = DeliverRequest {
                cluster_id: cluster.to_string(),
                from: member.get(),
                to: self.peer.get(),
                messages: self.fill(message),
                from_address: self.peers.own_address(),
                level: Level::NEWEST.get(),
            };
            if parts.send(part).await.is_err() {
                break;
            }
            next = tokio::select! {
                message = self.queue.recv() => message,
                () = parts.closed() => None,
            };
        }
        drop(parts);
        if let Ok(Err(status)) = call.await {
            self.note(&status);
            if status.code() == REMOVED {
                let by = self.peer;
                let inbox = inbox.clone();
                spawn_blocking(move || inbox.tell(Input::Removed { by }));
            }
        }
    }

    /// The messages of one part: this one and what waits behind it.
    fn fill(&mut self, first: Bytes) -> Vec<Bytes> {
        let mut bytes = first.len();
        let mut messages = vec![first];
        while bytes < PART_BYTES_FULL
            && messages.len() < MESSAGES_PER_PART_MAX
            && let Ok(more) = self.queue.try_recv()
        {
            bytes += more.len();
            messages.push(more);
        }
        messages
    }

    /// A peer that is away comes back by itself. One that refuses this member has to be told to a person, once.
    fn note(&mut self, status: &Status) {
        let (peer, message) = (self.peer.get(), status.message());
        let is_refusal = status.code() == Code::FailedPrecondition;
        if is_refusal && !self.refused {
            tracing::warn!(
                peer,
                message,
                "a peer refuses this member; correct the members in its configuration"
            );
        } else {
            tracing::debug!(peer, %status, "the stream to a peer broke");
        }
        self.refused = is_refusal;
    }
}
