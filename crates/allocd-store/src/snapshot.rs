//! How snapshots lie in sled: chunks under the number of their snapshot, and one pointer that says which is current.
//!
//! ```text
//! "p" number chunk  -> checksum, bytes                                                 a chunk
//! "s"               -> checksum, number, chunks, index, term, applied, configuration   the pointer, written last
//! ```
//!
//! Numbers only rise while a log is open, so that a new snapshot never meets what an older or an unfinished one left.

use allocd_replica::log::{Configuration, LogError, Position, SnapshotMark, StoredSnapshot};
use prost::bytes::Bytes;

use crate::layout::{with_checksum, without_checksum};
use crate::load::{failed, read_value};

pub(crate) const POINTER_KEY: &[u8] = b"s";
pub(crate) const CHUNK_PREFIX: &[u8] = b"p";

/// The current snapshot, under its number.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    pub(crate) number: u64,
    pub(crate) stored: StoredSnapshot,
}

/// The key of a chunk.
pub(crate) fn chunk_key(number: u64, chunk: u32) -> [u8; 13] {
    let mut key = [b'p'; 13];
    key[1..9].copy_from_slice(&number.to_be_bytes());
    key[9..].copy_from_slice(&chunk.to_be_bytes());
    key
}

/// The number of the snapshot that a chunk is of.
pub(crate) fn chunk_number(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*key.strip_prefix(CHUNK_PREFIX)?.first_chunk()?))
}

/// A chunk in the form in which it is stored. Its checksum covers its place as well.
pub(crate) fn store_chunk(number: u64, chunk: u32, bytes: &[u8]) -> Vec<u8> {
    let mut value = chunk_checksum(number, chunk, bytes).to_be_bytes().to_vec();
    value.extend(bytes);
    value
}

/// Reads a chunk of the snapshot with this number.
pub(crate) fn read_chunk(tree: &sled::Tree, number: u64, chunk: u32) -> Result<Bytes, LogError> {
    let corrupted = |reason| LogError::SnapshotCorrupted { chunk, reason };
    let value = read_value(tree, &chunk_key(number, chunk))?.ok_or_else(|| corrupted("it is missing"))?;
    let (checksum, bytes) = value.split_first_chunk().ok_or_else(|| corrupted("it is cut short"))?;
    if u32::from_be_bytes(*checksum) != chunk_checksum(number, chunk, bytes) {
        return Err(corrupted("its checksum does not match"));
    }
    Ok(Bytes::copy_from_slice(bytes))
}

fn chunk_checksum(number: u64, chunk: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_be_bytes());
    hasher.update(&chunk.to_be_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

pub(crate) fn store_pointer(current: &Current) -> Vec<u8> {
    let Current { number, stored: StoredSnapshot { mark, chunks } } = current;
    let SnapshotMark { at: Position { index, term }, configuration: Configuration { applied, bytes } } = mark;
    let mut body = Vec::with_capacity(36 + bytes.len());
    body.extend(number.to_be_bytes());
    body.extend(chunks.to_be_bytes());
    for part in [index, term, applied] {
        body.extend(part.to_be_bytes());
    }
    body.extend(bytes);
    with_checksum(&body)
}

pub(crate) fn read_pointer(value: &[u8]) -> Option<Current> {
    let (number, rest) = without_checksum(value)?.split_first_chunk()?;
    let (chunks, rest) = rest.split_first_chunk()?;
    let (index, rest) = rest.split_first_chunk()?;
    let (term, rest) = rest.split_first_chunk()?;
    let (applied, bytes) = rest.split_first_chunk()?;
    let at = Position { index: u64::from_be_bytes(*index), term: u64::from_be_bytes(*term) };
    let bytes = Bytes::copy_from_slice(bytes);
    let configuration = Configuration { applied: u64::from_be_bytes(*applied), bytes };
    let stored =
        StoredSnapshot { mark: SnapshotMark { at, configuration }, chunks: u32::from_be_bytes(*chunks) };
    Some(Current { number: u64::from_be_bytes(*number), stored })
}

/// The current snapshot, every chunk of it proven.
pub(crate) fn load(tree: &sled::Tree) -> Result<Option<Current>, LogError> {
    let Some(value) = read_value(tree, POINTER_KEY)? else { return Ok(None) };
    let corrupted = LogError::SnapshotCorrupted { chunk: 0, reason: "its pointer's checksum does not match" };
    let current = read_pointer(&value).ok_or(corrupted)?;
    for chunk in 0..current.stored.chunks {
        read_chunk(tree, current.number, chunk)?;
    }
    Ok(Some(current))
}

/// The highest number that any chunk has.
pub(crate) fn highest_number(tree: &sled::Tree) -> Result<u64, LogError> {
    let last = tree.scan_prefix(CHUNK_PREFIX).keys().next_back().transpose();
    let last = last.map_err(|source| failed("read the log", source))?;
    Ok(last.and_then(|key| chunk_number(&key)).unwrap_or(0))
}
