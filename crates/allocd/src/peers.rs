//! The other members: one lazy connection to each, over which messages, questions and handed-on calls go.
//!
//! Messages to a peer are one client-streaming call; what waits is sent together. A call that breaks is begun anew with the
//! next message, and raft is told that the peer could not be reached. Nothing is kept for a peer that is away.

use std::collections::BTreeMap;
use std::time::Duration;

use allocd_proto::peer::v1::DeliverRequest;
use allocd_proto::peer::v1::peer_service_client::PeerServiceClient;
use allocd_types::id::{ClusterId, MemberId};
use prost::bytes::Bytes;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use crate::config::Config;
use crate::inbox::{Inbox, Input};

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
/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How often a connection is asked whether it lives, so that a peer that hangs or lost its power is noticed.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(2);
/// How long that answer may take.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(3);

/// The connections to the other members.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peers(BTreeMap<MemberId, Channel>);

impl Peers {
    /// Lays the connections out; each is made when it is first needed.
    pub(crate) fn new(config: &Config) -> Result<Self, tonic::transport::Error> {
        let connect = |address: &str| {
            let endpoint = Endpoint::from_shared(format!("http://{address}"))?
                .tcp_nodelay(true)
                .connect_timeout(CONNECT_TIMEOUT)
                .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
                .keep_alive_timeout(KEEP_ALIVE_TIMEOUT);
            Ok(endpoint.connect_lazy())
        };
        config.peers().map(|peer| Ok((peer.id, connect(&peer.address)?))).collect::<Result<_, _>>().map(Self)
    }

    /// The connection to a peer.
    pub(crate) fn get(&self, peer: MemberId) -> Option<Channel> {
        self.0.get(&peer).cloned()
    }

    /// Queues for each peer, and the tasks that empty them, to be spawned.
    pub(crate) fn queues(&self) -> (BTreeMap<MemberId, mpsc::Sender<Bytes>>, Vec<Delivery>) {
        let mut senders = BTreeMap::new();
        let mut deliveries = Vec::new();
        for (peer, channel) in &self.0 {
            let (sender, queue) = mpsc::channel(MESSAGES_WAITING_MAX);
            senders.insert(*peer, sender);
            deliveries.push(Delivery { peer: *peer, channel: channel.clone(), queue, refused: false });
        }
        (senders, deliveries)
    }
}

/// What waits for one peer, and the way to it.
pub(crate) struct Delivery {
    peer: MemberId,
    channel: Channel,
    queue: mpsc::Receiver<Bytes>,
    /// Whether the peer refuses this member, so that it is told once and not with every message.
    refused: bool,
}

impl Delivery {
    /// Delivers until the queue is closed.
    pub(crate) async fn run(mut self, cluster: ClusterId, member: MemberId, inbox: Inbox) {
        while let Some(first) = self.queue.recv().await {
            self.stream(first, &cluster, member).await;
            // The member may be stopping; then nobody needs to know.
            let _ = inbox.offer(Input::Unreachable(self.peer));
        }
    }

    /// Streams messages until the call breaks or the queue is closed.
    async fn stream(&mut self, first: Bytes, cluster: &ClusterId, member: MemberId) {
        let (parts, stream) = mpsc::channel(PARTS_UNDER_WAY_MAX);
        let mut client = PeerServiceClient::new(self.channel.clone());
        let call = tokio::spawn(async move { client.deliver(ReceiverStream::new(stream)).await });
        let mut next = Some(first);
        while let Some(message) = next {
            let part = DeliverRequest {
                cluster_id: cluster.to_string(),
                from: member.get(),
                to: self.peer.get(),
                messages: self.fill(message),
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
