//! A fixed version of the machine as bytes, and back.
//!
//! ```text
//! length head | length record | ... | length end          the end has a count and the SHA-256 of all bytes before it
//! ```
//!
//! The bytes are cut wherever whoever carries them needs it: in small chunks on disk, in larger parts between members. Neither
//! direction holds more than one part and one record in memory. What cannot be understood, or is not whole, is refused:
//! [`SnapshotDecoder::finish`] gives a machine only when the last byte has come and every check has passed.

mod record;

use std::sync::Arc;

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::snapshot_record::Content;
use allocd_state::machine::Machine;
use allocd_state::snapshot::{End, Head, MachineBuilder, SnapshotError, SnapshotRecord};
use allocd_types::id::{LeaseId, Revision};
use allocd_types::time::ClusterTime;
use prost::Message as _;
use prost::bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};

use super::outcome::load_digest;
use super::value::load_optional;
use super::{CodecError, Level, Stored, check_format};

/// The longest record that is read: what claims to be longer is damage, and no memory is set aside for it.
const RECORD_BYTES_MAX: usize = 64 * 1_024 * 1_024;
/// The longest length before a record.
const LENGTH_BYTES_MAX: usize = 10;

/// A fixed version of the machine: what the log up to an entry made of it. A clone shares its structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The last entry that was applied.
    pub index: u64,
    /// The term of that entry.
    pub term: u64,
    /// The highest level of what was applied: what a member must understand to go on from here.
    pub level: Level,
    /// The machine after it.
    pub machine: Machine,
}

/// Why bytes are no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotCodecError {
    /// A record cannot be understood.
    #[error("a record of it cannot be understood")]
    Record(#[from] CodecError),
    /// The records make no machine.
    #[error("its records make no machine")]
    Machine(#[from] SnapshotError),
    /// The bytes are not those that were written.
    #[error("its bytes are damaged: {reason}")]
    Damaged {
        /// How it shows.
        reason: &'static str,
    },
}

impl Snapshot {
    /// The snapshot as bytes, in parts of this many and a shorter last one.
    pub fn parts(&self, part_bytes: usize) -> impl Iterator<Item = Bytes> + '_ {
        let mut framed = self.framed();
        let mut buffer = BytesMut::new();
        std::iter::from_fn(move || {
            while buffer.len() < part_bytes
                && let Some(bytes) = framed.next()
            {
                buffer.extend_from_slice(&bytes);
            }
            let part = buffer.split_to(buffer.len().min(part_bytes.max(1)));
            (!part.is_empty()).then(|| part.freeze())
        })
    }

    /// The records, each with its length before it.
    pub(super) fn framed(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        let mut hash = Sha256::new();
        self.machine.records().map(move |record| {
            let content = match record {
                SnapshotRecord::Head(head) => Content::Head(self.store_head(&head)),
                SnapshotRecord::Pool(spec) => Content::Pool(spec.store()),
                SnapshotRecord::Host(host) => Content::Host(host.store()),
                SnapshotRecord::Network(spec) => Content::Network(spec.store()),
                SnapshotRecord::Exclusion(spec) => Content::Exclusion(spec.store()),
                SnapshotRecord::Reservation(spec) => Content::Reservation(spec.store()),
                SnapshotRecord::Lease(lease) => Content::Lease(lease.store()),
                SnapshotRecord::FormerLease(former) => Content::FormerLease(former.store()),
                SnapshotRecord::Value(value) => Content::Value(value.store()),
                SnapshotRecord::Decline(decline) => Content::Decline(decline.store()),
                SnapshotRecord::Request(request) => Content::Request(request.store()),
                SnapshotRecord::End(End { records }) => {
                    let sha256 = hash.clone().finalize().to_vec();
                    Content::End(v1::SnapshotEnd { records, sha256 })
                }
            };
            let bytes = v1::SnapshotRecord { content: Some(content) }.encode_length_delimited_to_vec();
            hash.update(&bytes);
            bytes
        })
    }

    fn store_head(&self, head: &Head) -> v1::SnapshotHead {
        let Head { now, revision, timeline, ref recovery, next_lease, next_request } = *head;
        v1::SnapshotHead {
            format: self.level.get(),
            index: self.index,
            term: self.term,
            now_ms: now.millis(),
            revision: revision.get(),
            timeline,
            next_lease: next_lease.get(),
            next_remembered: next_request,
            recovery: recovery.as_ref().map(Stored::store),
        }
    }
}

/// Reads a snapshot from parts of any size.
#[derive(Debug)]
pub struct SnapshotDecoder {
    understands: Level,
    /// What has come of a record that is not whole yet.
    buffer: BytesMut,
    hash: Sha256,
    builder: MachineBuilder,
    /// The entry as of which it is, and its level, once the head has come.
    at: Option<(u64, u64, Level)>,
    has_ended: bool,
}

impl Default for SnapshotDecoder {
    fn default() -> Self {
        Self::understanding(Level::NEWEST)
    }
}

impl SnapshotDecoder {
    /// A decoder that has read nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, for a member that understands no more than this.
    #[must_use]
    pub fn understanding(understands: Level) -> Self {
        Self {
            understands,
            buffer: BytesMut::new(),
            hash: Sha256::new(),
            builder: MachineBuilder::default(),
            at: None,
            has_ended: false,
        }
    }

    /// Reads the next part.
    ///
    /// # Errors
    /// [`SnapshotCodecError`] if it cannot be part of a snapshot. The decoder must not be used any further then.
    pub fn read(&mut self, part: &[u8]) -> Result<(), SnapshotCodecError> {
        self.buffer.extend_from_slice(part);
        while let Some(record) = self.next_record()? {
            self.take(record)?;
        }
        Ok(())
    }

    /// Makes the snapshot, once all parts were read.
    ///
    /// # Errors
    /// [`SnapshotCodecError`] if something is missing or the machine would not be sound.
    pub fn finish(self) -> Result<Snapshot, SnapshotCodecError> {
        if !self.buffer.is_empty() {
            return Err(SnapshotCodecError::Damaged { reason: "it ends within a record" });
        }
        let machine = self.builder.build()?;
        let (index, term, level) = self.at.ok_or(SnapshotCodecError::Damaged { reason: "it has no head" })?;
        Ok(Snapshot { index, term, level, machine })
    }

    /// The next record that is whole.
    fn next_record(&mut self) -> Result<Option<Bytes>, SnapshotCodecError> {
        let mut rest = &self.buffer[..];
        let Ok(length) = prost::decode_length_delimiter(&mut rest) else {
            // A length that is not whole yet looks like one that is none.
            if self.buffer.len() >= LENGTH_BYTES_MAX {
                return Err(SnapshotCodecError::Damaged { reason: "a length is none" });
            }
            return Ok(None);
        };
        if length > RECORD_BYTES_MAX {
            return Err(SnapshotCodecError::Damaged { reason: "a record is too long" });
        }
        if rest.len() < length {
            return Ok(None);
        }
        let framed = self.buffer.len() - rest.len() + length;
        Ok(Some(self.buffer.split_to(framed).freeze()))
    }

    fn take(&mut self, framed: Bytes) -> Result<(), SnapshotCodecError> {
        if self.has_ended {
            return Err(SnapshotCodecError::Damaged { reason: "something follows its end" });
        }
        let read = v1::SnapshotRecord::decode_length_delimited(framed.clone());
        let message = read.map_err(CodecError::Malformed)?;
        let content = message.content.ok_or(CodecError::Unknown { field: "record" })?;
        if let Content::Head(head) = &content {
            let level = check_format(head.format, self.understands)?;
            self.at = Some((head.index, head.term, level));
        }
        if let Content::End(end) = &content {
            let told = load_digest("digest", &end.sha256)?;
            if self.hash.clone().finalize()[..] != told.0 {
                return Err(SnapshotCodecError::Damaged { reason: "its SHA-256 is another" });
            }
            self.has_ended = true;
        }
        self.hash.update(&framed);
        self.builder.add(load(content)?)?;
        Ok(())
    }
}

fn load(content: Content) -> Result<SnapshotRecord, CodecError> {
    Ok(match content {
        Content::Head(head) => SnapshotRecord::Head(Head {
            now: ClusterTime::from_millis(head.now_ms),
            revision: Revision::new(head.revision),
            timeline: head.timeline,
            next_lease: LeaseId::new(head.next_lease),
            next_request: head.next_remembered,
            recovery: load_optional(head.recovery)?,
        }),
        Content::Pool(spec) => SnapshotRecord::Pool(Arc::new(Stored::load(spec)?)),
        Content::Host(host) => SnapshotRecord::Host(Stored::load(host)?),
        Content::Network(spec) => SnapshotRecord::Network(Arc::new(Stored::load(spec)?)),
        Content::Exclusion(spec) => SnapshotRecord::Exclusion(Arc::new(Stored::load(spec)?)),
        Content::Reservation(spec) => SnapshotRecord::Reservation(Arc::new(Stored::load(spec)?)),
        Content::Lease(lease) => SnapshotRecord::Lease(Arc::new(Stored::load(lease)?)),
        Content::FormerLease(former) => SnapshotRecord::FormerLease(Stored::load(former)?),
        Content::Value(value) => SnapshotRecord::Value(Stored::load(value)?),
        Content::Decline(decline) => SnapshotRecord::Decline(Arc::new(Stored::load(decline)?)),
        Content::Request(request) => SnapshotRecord::Request(Stored::load(request)?),
        Content::End(end) => SnapshotRecord::End(End { records: end.records }),
    })
}
