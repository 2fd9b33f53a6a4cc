//! How snapshots lie in sled: chunks under the number of their snapshot, and one pointer that says which is current.
//!
//! ```text
//! "p" number chunk  -> checksum, bytes                                                           a chunk
//! "s"               -> checksum, number, chunks, replaces, index, term, applied, configuration   the pointer, written last
//! ```
//!
//! A value stays at 2 KiB because sled puts a page that grows beyond some 128 KiB into a file that it never syncs. Numbers
//! are big-endian. They only rise while a log is open, so that a new snapshot never meets what an older or an unfinished one
//! left. A chunk's checksum covers its place as well: one that turns up in another's place is found too.

use allocd_replica::log::{Configuration, Position, SnapshotMark, StoredSnapshot};
use prost::bytes::Bytes;

/// The largest value that sled is given.
pub(crate) const VALUE_BYTES_MAX: usize = 2_048;

pub(crate) const POINTER_KEY: &[u8] = b"s";
pub(crate) const CHUNK_PREFIX: &[u8] = b"p";

/// The current snapshot, under its number.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    pub(crate) number: u64,
    pub(crate) stored: StoredSnapshot,
    /// Whether it took the place of a log that did not have its entry.
    pub(crate) replaces: bool,
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

/// A chunk in the form in which it is stored.
pub(crate) fn store_chunk(number: u64, chunk: u32, bytes: &[u8]) -> Vec<u8> {
    let mut value = chunk_checksum(number, chunk, bytes).to_be_bytes().to_vec();
    value.extend(bytes);
    value
}

/// A chunk's bytes, if they are what was written in its place.
pub(crate) fn read_chunk(number: u64, chunk: u32, value: &[u8]) -> Option<Bytes> {
    let (checksum, bytes) = value.split_first_chunk()?;
    let is_sound = u32::from_be_bytes(*checksum) == chunk_checksum(number, chunk, bytes);
    is_sound.then(|| Bytes::copy_from_slice(bytes))
}

fn chunk_checksum(number: u64, chunk: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_be_bytes());
    hasher.update(&chunk.to_be_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

pub(crate) fn store_pointer(current: &Current) -> Vec<u8> {
    let Current { number, stored: StoredSnapshot { mark, chunks }, replaces } = current;
    let SnapshotMark { at: Position { index, term }, configuration: Configuration { applied, bytes } } = mark;
    let mut body = Vec::with_capacity(37 + bytes.len());
    body.extend(number.to_be_bytes());
    body.extend(chunks.to_be_bytes());
    body.push(u8::from(*replaces));
    for part in [index, term, applied] {
        body.extend(part.to_be_bytes());
    }
    body.extend(bytes);
    let mut value = crc32fast::hash(&body).to_be_bytes().to_vec();
    value.extend(body);
    value
}

pub(crate) fn read_pointer(value: &[u8]) -> Option<Current> {
    let (checksum, body) = value.split_first_chunk()?;
    if u32::from_be_bytes(*checksum) != crc32fast::hash(body) {
        return None;
    }
    let (number, rest) = body.split_first_chunk()?;
    let (chunks, rest) = rest.split_first_chunk()?;
    let (replaces, rest) = rest.split_first()?;
    let (index, rest) = rest.split_first_chunk()?;
    let (term, rest) = rest.split_first_chunk()?;
    let (applied, bytes) = rest.split_first_chunk()?;
    let at = Position { index: u64::from_be_bytes(*index), term: u64::from_be_bytes(*term) };
    let bytes = Bytes::copy_from_slice(bytes);
    let configuration = Configuration { applied: u64::from_be_bytes(*applied), bytes };
    let stored =
        StoredSnapshot { mark: SnapshotMark { at, configuration }, chunks: u32::from_be_bytes(*chunks) };
    Some(Current { number: u64::from_be_bytes(*number), stored, replaces: *replaces == 1 })
}
