//! Entries and the requests in them, as bytes of the log.

use allocd_proto::storage::v1;
use allocd_state::command::{Entry, Request};
use allocd_types::id::{Caller, RequestId};
use allocd_types::time::{ClusterTime, WallTime};
use prost::Message as _;
use prost::bytes::Bytes;

use super::{CodecError, Level, Stored, check_format, load_required, valid};

/// A request in the form in which it is stored.
pub type StoredRequest = v1::Request;

/// What the leader adds to the requests of an entry.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// Cluster time.
    pub stamped_at: ClusterTime,
    /// Its wall clock.
    pub labelled_at: WallTime,
    /// What every choice is drawn from.
    pub entropy: u64,
}

/// A request as it is stored.
#[must_use]
pub fn store_request(request: &Request) -> StoredRequest {
    request.store()
}

/// How many bytes a request takes up in an entry.
pub(crate) fn size_in_entry(request: &StoredRequest) -> usize {
    let bytes = request.encoded_len();
    // The field's key is one byte, since its number is small.
    1 + prost::length_delimiter_len(bytes) + bytes
}

/// The bytes of an entry: `level` is the lowest that all its requests need.
#[must_use]
pub fn encode_entry(level: Level, stamp: Stamp, requests: Vec<StoredRequest>) -> Vec<u8> {
    let entry = v1::Entry {
        format: level.get(),
        stamped_at_ms: stamp.stamped_at.millis(),
        labelled_at_ms: stamp.labelled_at.unix_millis(),
        entropy: stamp.entropy,
        requests,
    };
    entry.encode_to_vec()
}

/// Reads an entry and its level.
///
/// # Errors
/// [`CodecError`] if it is of a level above what is understood, or cannot be understood at all.
pub fn decode_entry(index: u64, bytes: Bytes, understood: Level) -> Result<(Level, Entry), CodecError> {
    let entry = v1::Entry::decode(bytes).map_err(CodecError::Malformed)?;
    let level = check_format(entry.format, understood)?;
    let entry = Entry {
        index,
        stamped_at: ClusterTime::from_millis(entry.stamped_at_ms),
        labelled_at: WallTime::from_unix_millis(entry.labelled_at_ms),
        entropy: entry.entropy,
        commands: super::load_all(entry.requests)?,
    };
    Ok((level, entry))
}

impl Stored for Request {
    type Message = v1::Request;

    fn store(&self) -> v1::Request {
        v1::Request {
            request_id: self.request_id.as_str().to_owned(),
            caller: self.caller.as_str().to_owned(),
            expires_at_ms: self.expires_at.millis(),
            command: Some(self.command.store()),
        }
    }

    fn load(message: v1::Request) -> Result<Self, CodecError> {
        Ok(Self {
            request_id: valid("request id", RequestId::new(&message.request_id))?,
            caller: valid("caller", Caller::new(&message.caller))?,
            expires_at: ClusterTime::from_millis(message.expires_at_ms),
            command: load_required("command", message.command)?,
        })
    }
}
