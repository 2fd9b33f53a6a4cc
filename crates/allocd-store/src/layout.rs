//! How records lie in sled: keys, values, checksums.
//!
//! ```text
//! "e" index                  -> checksum, term, 0, bytes           a record of up to 2 KiB in all
//! "e" index                  -> checksum, term, chunk count        a larger one: the pointer
//! "c" index chunk            -> 2 KiB of its bytes
//! "h"                        -> checksum, term, vote, commit
//! "m"                        -> checksum, applied, bytes
//! "b"                        -> checksum, index, term              the entry before the first record
//! ```
//!
//! A value stays at 2 KiB because sled puts a page that grows beyond some 128 KiB into a file that it never syncs. Numbers
//! are big-endian, so that the order of keys is the order of indices. A checksum covers the key's number as well: a
//! record that turns up in another's place is found too.

use allocd_replica::log::{Configuration, HardState, Position, Record};

/// The largest value that sled is given.
pub(crate) const VALUE_BYTES_MAX: usize = 2_048;

const HEADER_BYTES: usize = 16;
const INLINE_BYTES_MAX: usize = VALUE_BYTES_MAX - HEADER_BYTES;
const CONFIGURATION_HEADER_BYTES: usize = 12;

pub(crate) const HARD_STATE_KEY: &[u8] = b"h";
pub(crate) const CONFIGURATION_KEY: &[u8] = b"m";
pub(crate) const BASE_KEY: &[u8] = b"b";
pub(crate) const RECORD_PREFIX: &[u8] = b"e";

/// The key of a record, or of its pointer.
pub(crate) fn record_key(index: u64) -> [u8; 9] {
    let mut key = [b'e'; 9];
    key[1..].copy_from_slice(&index.to_be_bytes());
    key
}

/// The index in the key of a record.
pub(crate) fn record_index(key: &[u8]) -> Option<u64> {
    let number = key.strip_prefix(RECORD_PREFIX)?;
    Some(u64::from_be_bytes(number.try_into().ok()?))
}

/// What the keys of all chunks of a record begin with.
pub(crate) fn chunk_prefix(index: u64) -> [u8; 9] {
    let mut key = [b'c'; 9];
    key[1..].copy_from_slice(&index.to_be_bytes());
    key
}

/// The key of a chunk.
pub(crate) fn chunk_key(index: u64, chunk: u32) -> [u8; 13] {
    let mut key = [0; 13];
    key[..9].copy_from_slice(&chunk_prefix(index));
    key[9..].copy_from_slice(&chunk.to_be_bytes());
    key
}

/// A record in the form in which it is stored.
pub(crate) struct StoredRecord<'a> {
    /// The value under the record's key, to be written last.
    pub(crate) value: Vec<u8>,
    /// The values under the keys of its chunks.
    pub(crate) chunks: std::slice::Chunks<'a, u8>,
}

pub(crate) fn store_record(record: &Record) -> StoredRecord<'_> {
    let is_inline = record.bytes.len() <= INLINE_BYTES_MAX;
    let (inline, chunked) =
        if is_inline { (&record.bytes[..], &[][..]) } else { (&[][..], &record.bytes[..]) };
    let chunks = chunked.chunks(VALUE_BYTES_MAX);
    let count = u32::try_from(chunks.len()).expect("a record is far below 8 TiB");
    let mut value = Vec::with_capacity(HEADER_BYTES + inline.len());
    value.extend(record_checksum(record.index, record.term, &record.bytes).to_be_bytes());
    value.extend(record.term.to_be_bytes());
    value.extend(count.to_be_bytes());
    value.extend(inline);
    StoredRecord { value, chunks }
}

/// What the value under a record's key says.
pub(crate) struct Header<'a> {
    checksum: u32,
    pub(crate) term: u64,
    /// The number of chunks; 0 if the bytes are here.
    pub(crate) chunks: u32,
    pub(crate) inline: &'a [u8],
}

impl Header<'_> {
    /// Whether these are the bytes that were written at this index.
    pub(crate) fn vouches_for(&self, index: u64, bytes: &[u8]) -> bool {
        self.checksum == record_checksum(index, self.term, bytes)
    }
}

pub(crate) fn read_header(value: &[u8]) -> Option<Header<'_>> {
    let (checksum, rest) = value.split_first_chunk()?;
    let (term, rest) = rest.split_first_chunk()?;
    let (chunks, inline) = rest.split_first_chunk()?;
    Some(Header {
        checksum: u32::from_be_bytes(*checksum),
        term: u64::from_be_bytes(*term),
        chunks: u32::from_be_bytes(*chunks),
        inline,
    })
}

pub(crate) fn store_hard_state(hard_state: HardState) -> Vec<u8> {
    let mut body = Vec::with_capacity(24);
    for number in [hard_state.term, hard_state.vote, hard_state.commit] {
        body.extend(number.to_be_bytes());
    }
    with_checksum(&body)
}

pub(crate) fn read_hard_state(value: &[u8]) -> Option<HardState> {
    let body = without_checksum(value)?;
    let (numbers, []) = body.as_chunks::<8>() else { return None };
    let [term, vote, commit] = *numbers else { return None };
    Some(HardState {
        term: u64::from_be_bytes(term),
        vote: u64::from_be_bytes(vote),
        commit: u64::from_be_bytes(commit),
    })
}

pub(crate) fn store_configuration(configuration: &Configuration) -> Vec<u8> {
    let mut body = Vec::with_capacity(CONFIGURATION_HEADER_BYTES + configuration.bytes.len());
    body.extend(configuration.applied.to_be_bytes());
    body.extend(&configuration.bytes);
    with_checksum(&body)
}

pub(crate) fn read_configuration(value: &[u8]) -> Option<Configuration> {
    let (applied, bytes) = without_checksum(value)?.split_first_chunk()?;
    Some(Configuration { applied: u64::from_be_bytes(*applied), bytes: bytes.to_vec().into() })
}

pub(crate) fn store_base(base: Position) -> Vec<u8> {
    let mut body = base.index.to_be_bytes().to_vec();
    body.extend(base.term.to_be_bytes());
    with_checksum(&body)
}

pub(crate) fn read_base(value: &[u8]) -> Option<Position> {
    let (numbers, []) = without_checksum(value)?.as_chunks::<8>() else { return None };
    let [index, term] = *numbers else { return None };
    Some(Position { index: u64::from_be_bytes(index), term: u64::from_be_bytes(term) })
}

fn record_checksum(index: u64, term: u64, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&index.to_be_bytes());
    hasher.update(&term.to_be_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

pub(crate) fn with_checksum(body: &[u8]) -> Vec<u8> {
    let mut value = crc32fast::hash(body).to_be_bytes().to_vec();
    value.extend(body);
    value
}

pub(crate) fn without_checksum(value: &[u8]) -> Option<&[u8]> {
    let (checksum, body) = value.split_first_chunk()?;
    (u32::from_be_bytes(*checksum) == crc32fast::hash(body)).then_some(body)
}
