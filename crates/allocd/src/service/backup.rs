//! A backup as a stream: encoded away from everybody else, as fast as whoever reads takes it.

use std::pin::Pin;

use allocd_proto::v1;
use allocd_proto::{request::Query, status};
use allocd_replica::{Backup, BackupHead, Snapshot};
use allocd_types::id::ClusterId;
use futures::Stream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::door::{Door, refused, stopped};
use crate::inbox::{Input, Inspected};
use crate::replica_task::wall_time;

/// Bytes in one message.
const PART_BYTES: usize = 256 * 1_024;
/// Most messages that wait for whoever reads.
const PARTS_WAITING_MAX: usize = 4;

/// The parts of a backup.
pub(super) type BackupStream = Pin<Box<dyn Stream<Item = Result<v1::BackupResponse, Status>> + Send>>;

/// Begins a backup of what this member has: all that was answered before, unless a stale one is fine.
pub(super) async fn begin(
    door: &Door,
    cluster: &ClusterId,
    query: Query<()>,
) -> Result<BackupStream, Status> {
    let told = |problem| status::status(&problem);
    // Once this is answered, this member has applied everything that it must contain.
    door.state(query.freshness).await.map_err(told)?;
    let (answer, answered) = oneshot::channel();
    door.inbox.offer(Input::Inspect(answer)).map_err(|why| told(refused(why)))?;
    let Inspected { status, machine, progress: _ } = answered.await.map_err(|_| told(stopped()))?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let head = BackupHead { cluster: cluster.clone(), taken_at: wall_time(), version };
    let (index, term, level) = (status.applied, status.standing.term, status.level_in_use);
    let snapshot = Snapshot { index, term, level, machine };
    let backup = Backup { head, snapshot };
    let (parts, stream) = mpsc::channel(PARTS_WAITING_MAX);
    spawn_blocking(move || {
        let records_total = u64::try_from(backup.snapshot.machine.records().count()).unwrap_or(u64::MAX);
        tracing::info!(revision = backup.snapshot.machine.state().revision().get(), "a backup is read");
        for (part, records) in backup.parts(PART_BYTES) {
            let message = v1::BackupResponse { part: part.into(), records, records_total };
            if parts.blocking_send(Ok(message)).is_err() {
                return;
            }
        }
    });
    Ok(Box::pin(ReceiverStream::new(stream)))
}
