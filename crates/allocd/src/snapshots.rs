//! Snapshots on their way: encoded for the own disk or for a peer, and decoded as they come from one.
//!
//! All of it happens away from the replica's task, which gets one part at a time and answers when it has written it: that is
//! the back-pressure, and commits go on in between. Nothing here has to be whole to be safe: a snapshot that breaks off is
//! abandoned, and the next one is tried when raft or the limits ask for it.

use std::time::Duration;

use allocd_proto::peer::v1::install_snapshot_request::Content;
use allocd_proto::peer::v1::peer_service_client::PeerServiceClient;
use allocd_proto::peer::v1::{InstallSnapshotRequest, SnapshotAnnouncement};
use allocd_replica::{Delivery, Level, Refusal, Snapshot, SnapshotCodecError, SnapshotDecoder, SnapshotJob};
use allocd_types::id::MemberId;
use prost::bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::transport::Channel;

use crate::inbox::{Inbox, Input, Refused, SnapshotInput};

/// Bytes of a snapshot that the replica writes between two looks at the network.
const STORED_PART_BYTES: usize = 64 * 1_024;
/// Bytes in one message to a peer.
const SENT_PART_BYTES: usize = 256 * 1_024;
/// Most messages that wait for the peer, or for the replica.
pub(crate) const PARTS_WAITING_MAX: usize = 4;
/// How long the other side may take for the next part.
pub(crate) const PART_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a peer may take to build the machine once it has all parts.
const INSTALL_TIMEOUT: Duration = Duration::from_secs(120);

/// Why a peer's snapshot was not installed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotInstalled {
    /// The replica does not take it.
    #[error("it was dropped: {0}")]
    Refused(#[from] Refusal),
    /// It is damaged, or not all of it came.
    #[error("it cannot be read")]
    Unreadable(#[from] SnapshotCodecError),
    /// Something newer took its place.
    #[error("another snapshot took its place")]
    Displaced,
    /// This member is stopping.
    #[error("this member is stopping")]
    Stopping,
}

impl From<Refused> for NotInstalled {
    fn from(why: Refused) -> Self {
        match why {
            Refused::Full | Refused::Ended => Self::Stopping,
        }
    }
}

/// Writes an own snapshot to the disk, part by part. Blocks.
pub(crate) fn store(job: SnapshotJob, snapshot: &Snapshot, inbox: &Inbox) {
    for bytes in snapshot.parts(STORED_PART_BYTES) {
        let part = |answer| Input::Snapshot(SnapshotInput::Part { job, bytes, answer });
        match inbox.ask(part) {
            Ok(true) => {}
            Ok(false) => return tracing::info!(index = snapshot.index, "a snapshot gave way to a peer's"),
            Err(Refused::Full | Refused::Ended) => return,
        }
    }
    let is_kept = inbox.ask(|answer| Input::Snapshot(SnapshotInput::Finish { job, answer }));
    if is_kept == Ok(true) {
        tracing::info!(index = snapshot.index, "took a snapshot");
    }
}

/// Takes a peer's snapshot in: each part is written and read. Blocks until it is installed, or not to be.
pub(crate) fn take_in(
    (message, level): (Bytes, Level),
    mut parts: mpsc::Receiver<Bytes>,
    inbox: &Inbox,
) -> Result<(), NotInstalled> {
    let job = inbox.ask(|answer| Input::Snapshot(SnapshotInput::Begin { message, level, answer }))??;
    let installed = write_and_read(job, &mut parts, inbox).and_then(|snapshot| {
        let snapshot = Box::new(snapshot);
        inbox
            .ask(|answer| Input::Snapshot(SnapshotInput::Install { job, snapshot, answer }))?
            .map_err(NotInstalled::from)
    });
    if installed.is_err() {
        inbox.tell(Input::Snapshot(SnapshotInput::Abandon(job)));
    }
    installed
}

fn write_and_read(
    job: SnapshotJob,
    parts: &mut mpsc::Receiver<Bytes>,
    inbox: &Inbox,
) -> Result<Snapshot, NotInstalled> {
    let mut decoder = SnapshotDecoder::new();
    while let Some(part) = parts.blocking_recv() {
        decoder.read(&part)?;
        for at in (0..part.len()).step_by(STORED_PART_BYTES) {
            let bytes = part.slice(at..part.len().min(at + STORED_PART_BYTES));
            let is_wanted =
                inbox.ask(|answer| Input::Snapshot(SnapshotInput::Part { job, bytes, answer }))?;
            if !is_wanted {
                return Err(NotInstalled::Displaced);
            }
        }
    }
    // One that broke off has no end, and is refused here.
    Ok(decoder.finish()?)
}

/// A snapshot for a peer, and the way there.
pub(crate) struct Parcel {
    pub(crate) announcement: SnapshotAnnouncement,
    pub(crate) snapshot: Snapshot,
    pub(crate) to: MemberId,
    pub(crate) job: SnapshotJob,
    pub(crate) channel: Option<Channel>,
}

impl Parcel {
    /// Sends it, and in any case says what became of it: until then raft sends that peer nothing else.
    pub(crate) async fn send(self, inbox: Inbox) {
        let (to, job, index) = (self.to, self.job, self.snapshot.index);
        let peer = to.get();
        let delivery = match self.stream().await {
            Ok(()) => {
                tracing::info!(peer, index, "sent a snapshot");
                Delivery::Arrived
            }
            Err(status) => {
                tracing::warn!(
                    peer,
                    index,
                    reason = status.message(),
                    "a snapshot did not arrive; it is tried again"
                );
                Delivery::Failed
            }
        };
        // The inbox may be full, and this has to get in.
        spawn_blocking(move || inbox.tell(Input::Snapshot(SnapshotInput::Sent { to, job, delivery })));
    }

    async fn stream(self) -> Result<(), Status> {
        let Self { announcement, snapshot, channel, .. } = self;
        let channel = channel.ok_or_else(|| Status::failed_precondition("there is no such peer"))?;
        let (messages, stream) = mpsc::channel(PARTS_WAITING_MAX);
        let encoding = spawn_blocking(move || {
            let parts = snapshot.parts(SENT_PART_BYTES).map(Content::Part);
            for content in std::iter::once(Content::Announcement(announcement)).chain(parts) {
                let message = InstallSnapshotRequest { content: Some(content) };
                if messages.blocking_send(message).is_err() {
                    return;
                }
            }
        });
        let mut client = PeerServiceClient::new(channel);
        let call = tokio::spawn(async move { client.install_snapshot(ReceiverStream::new(stream)).await });
        let abort = call.abort_handle();
        let ended = timeout(INSTALL_TIMEOUT, call).await;
        abort.abort();
        // The call is over, so nobody takes parts any more.
        let encoded = encoding.await;
        ended
            .map_err(|_| Status::deadline_exceeded(format!("no answer within {INSTALL_TIMEOUT:?}")))?
            .map_err(|_| Status::internal("the call was given up"))??;
        encoded.map_err(|_| Status::internal("it could not be encoded"))
    }
}
