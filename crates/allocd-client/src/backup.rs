//! A backup as it comes: part by part, proven at its end.

use allocd_proto::request::Query;
use allocd_proto::v1;
use allocd_proto::v1::admin_service_client::AdminServiceClient;
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use sha2::{Digest as _, Sha256};
use tonic::Streaming;

use crate::call::Patience;
use crate::client::Client;
use crate::error::{ClientError, problem_of};
use crate::methods::ANSWER_BYTES_MAX;

/// How many bytes the checksum at a backup's end has.
const CHECKSUM_BYTES: usize = 32;

/// A backup that is being read.
#[derive(Debug)]
pub struct BackupStream {
    parts: Streaming<v1::BackupResponse>,
    hash: Sha256,
    /// The last bytes that came, which may be the checksum.
    held: Vec<u8>,
}

/// A part of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupPart {
    /// The next bytes of the file.
    pub bytes: Vec<u8>,
    /// How many records have come so far.
    pub records: u64,
    /// How many there are.
    pub records_total: u64,
}

impl Client {
    /// Begins a backup.
    ///
    /// # Errors
    /// [`ClientError`] with the cluster's reason, or why it gave no answer.
    pub async fn backup(&self) -> Result<BackupStream, ClientError> {
        let query = Query { freshness: self.freshness(), wish: () };
        let begin = |channel, request| async move {
            AdminServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX).backup(request).await
        };
        let parts = self.call(v1::BackupRequest::from(query), Patience::Attempt, begin).await?;
        Ok(BackupStream { parts, hash: Sha256::new(), held: Vec::new() })
    }
}

impl BackupStream {
    /// Waits for the next part; nothing once all have come and the checksum at their end is right.
    ///
    /// # Errors
    /// [`ClientError`] if the stream breaks off, or what came is not what was sent. A backup has to be begun anew then.
    pub async fn next(&mut self) -> Result<Option<BackupPart>, ClientError> {
        let broken = |problem| ClientError { problem: Box::new(problem), endpoint: None, attempts: 1 };
        match self.parts.message().await {
            Ok(Some(v1::BackupResponse { part, records, records_total })) => {
                self.take(&part);
                Ok(Some(BackupPart { bytes: part, records, records_total }))
            }
            Ok(None) if self.hash.clone().finalize()[..] == self.held[..] => Ok(None),
            Ok(None) => {
                let problem =
                    Problem::new(Reason::Internal, "the backup came damaged: its SHA-256 is another");
                Err(broken(problem.hint("begin it anew")))
            }
            Err(status) => Err(broken(problem_of(&status))),
        }
    }

    fn take(&mut self, part: &[u8]) {
        self.held.extend_from_slice(part);
        let told = self.held.len().saturating_sub(CHECKSUM_BYTES);
        self.hash.update(&self.held[..told]);
        self.held.drain(..told);
    }
}
