//! A backup as a file, and back.
//!
//! ```text
//! "allocd backup\n" | length head | the bytes of a snapshot | SHA-256 of all before it, 32 bytes
//! ```
//!
//! The head says whose backup it is and when it was taken. Like a snapshot it comes and goes in parts of any size, and neither
//! direction holds more than one of them; [`BackupDecoder::finish`] gives a machine only when the last byte has come and every
//! check has passed.

use allocd_proto::storage::v1;
use allocd_types::id::ClusterId;
use allocd_types::time::WallTime;
use prost::Message as _;
use prost::bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};

use super::snapshot::{Snapshot, SnapshotCodecError, SnapshotDecoder};
use super::{CodecError, Level, check_format, valid};

/// What every backup begins with.
const MAGIC: &[u8] = b"allocd backup\n";
/// The newest format of backups that this allocd writes and understands. What is in one has its own.
const FORMAT: Level = Level::FIRST;
/// How many bytes the checksum at the end has.
const CHECKSUM_BYTES: usize = 32;
/// The longest head that is read.
const HEAD_BYTES_MAX: usize = 4_096;
/// The longest that its length is written.
const LENGTH_BYTES_MAX: usize = 10;

/// Whose backup it is, and when it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupHead {
    /// The cluster.
    pub cluster: ClusterId,
    /// When, by the wall clock of the member that took it: a label for people.
    pub taken_at: WallTime,
    /// The version of the program that took it.
    pub version: String,
}

/// A fixed version of a cluster's state, to be kept elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Backup {
    /// Whose, and when.
    pub head: BackupHead,
    /// The state.
    pub snapshot: Snapshot,
}

/// Why bytes are no backup.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    /// They begin otherwise.
    #[error("it is no backup of allocd")]
    NoBackup,
    /// The head cannot be understood.
    #[error("its head cannot be understood")]
    Head(#[from] CodecError),
    /// The state cannot be understood.
    #[error("the state in it cannot be read")]
    State(#[from] SnapshotCodecError),
    /// Not all of it is there.
    #[error("it is cut short: {bytes} bytes are there")]
    Short {
        /// How many are there.
        bytes: u64,
    },
    /// The bytes are not those that were written.
    #[error("it is damaged: its SHA-256 is another")]
    Damaged,
}

impl Backup {
    /// The backup as bytes, in parts of about this many, each with the number of records that are told by then.
    pub fn parts(&self, part_bytes: usize) -> impl Iterator<Item = (Bytes, u64)> + '_ {
        let mut hash = Sha256::new();
        let mut front = Some(self.front());
        let mut framed = self.snapshot.framed();
        let (mut records, mut is_done) = (0, false);
        std::iter::from_fn(move || {
            if is_done {
                return None;
            }
            let mut part = front.take().unwrap_or_default();
            while part.len() < part_bytes {
                let Some(bytes) = framed.next() else {
                    is_done = true;
                    break;
                };
                part.extend_from_slice(&bytes);
                records += 1;
            }
            hash.update(&part);
            if is_done {
                part.extend_from_slice(&hash.clone().finalize());
            }
            Some((part.freeze(), records))
        })
    }

    fn front(&self) -> BytesMut {
        let BackupHead { cluster, taken_at, version } = &self.head;
        let head = v1::BackupHead {
            format: FORMAT.get(),
            cluster: cluster.to_string(),
            taken_at_ms: taken_at.unix_millis(),
            version: version.clone(),
        };
        let mut front = BytesMut::from(MAGIC);
        front.extend_from_slice(&head.encode_length_delimited_to_vec());
        front
    }
}

/// Reads a backup from parts of any size.
#[derive(Debug, Default)]
pub struct BackupDecoder {
    /// The last bytes, which may be the checksum.
    held: BytesMut,
    hash: Sha256,
    bytes: u64,
    /// What has come before the head was whole.
    front: BytesMut,
    head: Option<BackupHead>,
    snapshot: SnapshotDecoder,
}

impl BackupDecoder {
    /// A decoder that has read nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next part.
    ///
    /// # Errors
    /// [`BackupError`] if it cannot be part of a backup. The decoder must not be used any further then.
    pub fn read(&mut self, part: &[u8]) -> Result<(), BackupError> {
        self.bytes = self.bytes.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        self.held.extend_from_slice(part);
        let told = self.held.len().saturating_sub(CHECKSUM_BYTES);
        let told = self.held.split_to(told);
        self.hash.update(&told);
        if self.head.is_some() {
            return Ok(self.snapshot.read(&told)?);
        }
        self.front.extend_from_slice(&told);
        self.read_front()
    }

    /// Makes the backup, once all parts were read.
    ///
    /// # Errors
    /// [`BackupError`] if something is missing, damaged, or makes no machine.
    pub fn finish(self) -> Result<Backup, BackupError> {
        let Some(head) = self.head else {
            let begins_so = self.front.len() >= MAGIC.len() || MAGIC.starts_with(&self.front);
            return Err(if begins_so {
                BackupError::Short { bytes: self.bytes }
            } else {
                BackupError::NoBackup
            });
        };
        let is_as_written = self.hash.finalize()[..] == self.held[..];
        match self.snapshot.finish() {
            Ok(snapshot) if is_as_written => Ok(Backup { head, snapshot }),
            Ok(_) => Err(BackupError::Damaged),
            Err(error) if is_as_written => Err(error.into()),
            Err(_) => Err(BackupError::Short { bytes: self.bytes }),
        }
    }

    fn read_front(&mut self) -> Result<(), BackupError> {
        let known = self.front.len().min(MAGIC.len());
        if self.front[..known] != MAGIC[..known] {
            return Err(BackupError::NoBackup);
        }
        let mut rest = &self.front[known..];
        let has_length = rest.len() >= LENGTH_BYTES_MAX;
        let Ok(length) = prost::decode_length_delimiter(&mut rest) else {
            // A length that is not whole yet looks like one that is none.
            return if has_length { Err(BackupError::Damaged) } else { Ok(()) };
        };
        if length > HEAD_BYTES_MAX {
            return Err(BackupError::Damaged);
        }
        let Some((head, state)) = rest.split_at_checked(length) else { return Ok(()) };
        self.head = Some(load_head(head)?);
        self.snapshot.read(state)?;
        self.front.clear();
        Ok(())
    }
}

fn load_head(bytes: &[u8]) -> Result<BackupHead, CodecError> {
    let head = v1::BackupHead::decode(bytes).map_err(CodecError::Malformed)?;
    check_format(head.format, FORMAT)?;
    Ok(BackupHead {
        cluster: valid("cluster", ClusterId::new(&head.cluster))?,
        taken_at: WallTime::from_unix_millis(head.taken_at_ms),
        version: head.version,
    })
}
