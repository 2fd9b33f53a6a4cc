//! The other members: one lazy connection to each, over which messages, questions and handed-on calls go.
//!
//! Messages to a peer are one client-streaming call; what waits is sent together. A call that breaks is begun anew with the
//! next message, and raft is told that the peer could not be reached. Nothing is kept for a peer that is away.

use std::collections::BTreeMap;

use allocd_proto::peer::v1::DeliverRequest;
use allocd_proto::peer::v1::peer_service_client::PeerServiceClient;
use allocd_types::id::{ClusterId, MemberId};
use prost::bytes::Bytes;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};

use crate::config::Config;
use crate::replica_thread::{Inbox, Input};

/// Most messages that may wait for one peer.
const MESSAGES_WAITING_MAX: usize = 4_096;
/// Most messages in one part of the stream.
const MESSAGES_PER_PART_MAX: usize = 256;
/// Most parts that may be under way to one peer.
const PARTS_UNDER_WAY_MAX: usize = 4;
/// Most bytes that a message between members may have, in either direction.
pub(crate) const PEER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The connections to the other members.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peers(BTreeMap<MemberId, Channel>);

impl Peers {
    /// Lays the connections out; each is made when it is first needed.
    pub(crate) fn new(config: &Config) -> Result<Self, tonic::transport::Error> {
        let connect = |address: &str| {
            Ok(Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true).connect_lazy())
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
            deliveries.push(Delivery { peer: *peer, channel: channel.clone(), queue });
        }
        (senders, deliveries)
    }
}

/// What waits for one peer, and the way to it.
pub(crate) struct Delivery {
    peer: MemberId,
    channel: Channel,
    queue: mpsc::Receiver<Bytes>,
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
            let mut messages = vec![message];
            while let Some(more) =
                (messages.len() < MESSAGES_PER_PART_MAX).then(|| self.queue.try_recv().ok()).flatten()
            {
                messages.push(more);
            }
            let part = DeliverRequest {
                cluster_id: cluster.to_string(),
                from: member.get(),
                to: self.peer.get(),
                messages,
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
            tracing::debug!(peer = self.peer.get(), %status, "the stream to a peer broke");
        }
    }
}
