//! What is found in sled when a log is opened, and the proof that it is whole.
//!
//! Every record is read once: its checksum, that indices are contiguous from 1, and that terms never fall. sled's own
//! checks end where its recovery does: it takes a torn page for the end of its log and says nothing.

use allocd_replica::log::{Configuration, HardState, LogError, Record};

use crate::layout;

/// What a log holds beside its records.
pub(crate) struct Found {
    pub(crate) last_index: u64,
    pub(crate) hard_state: HardState,
    pub(crate) configuration: Option<Configuration>,
}

pub(crate) fn load(tree: &sled::Tree) -> Result<Found, LogError> {
    let last_index = verify_records(tree)?;
    let hard_state = match read_value(tree, layout::HARD_STATE_KEY)? {
        Some(value) => {
            layout::read_hard_state(&value).ok_or_else(|| corrupted(0, "the hard state's checksum"))?
        }
        None => HardState::default(),
    };
    let configuration = match read_value(tree, layout::CONFIGURATION_KEY)? {
        Some(value) => {
            let read = layout::read_configuration(&value);
            Some(read.ok_or_else(|| corrupted(0, "the configuration's checksum"))?)
        }
        None => None,
    };
    remove_orphaned_chunks(tree, last_index)?;
    Ok(Found { last_index, hard_state, configuration })
}

/// Reads one record under a known index from the value under its key.
pub(crate) fn read_record(tree: &sled::Tree, index: u64, value: &[u8]) -> Result<Record, LogError> {
    let header = layout::read_header(value).ok_or_else(|| corrupted(index, "its header is cut short"))?;
    let bytes =
        if header.chunks == 0 { header.inline.to_vec() } else { read_chunks(tree, index, header.chunks)? };
    if !header.vouches_for(index, &bytes) {
        return Err(corrupted(index, "its checksum does not match"));
    }
    Ok(Record { index, term: header.term, bytes: bytes.into() })
}

pub(crate) fn read_value(tree: &sled::Tree, key: &[u8]) -> Result<Option<sled::IVec>, LogError> {
    tree.get(key).map_err(|source| failed("read from the log", source))
}

pub(crate) fn failed(attempt: &'static str, source: sled::Error) -> LogError {
    LogError::Failed { attempt, source: Box::new(source) }
}

pub(crate) fn corrupted(index: u64, reason: &'static str) -> LogError {
    LogError::Corrupted { index, reason }
}

fn verify_records(tree: &sled::Tree) -> Result<u64, LogError> {
    let (mut last_index, mut last_term) = (0, 0);
    for pair in tree.scan_prefix(layout::RECORD_PREFIX) {
        let (key, value) = pair.map_err(|source| failed("read the log", source))?;
        let index =
            layout::record_index(&key).ok_or_else(|| corrupted(last_index + 1, "its key is malformed"))?;
        if index != last_index + 1 {
            return Err(corrupted(last_index + 1, "it is missing, and later ones are there"));
        }
        let record = read_record(tree, index, &value)?;
        if record.term < last_term {
            return Err(corrupted(index, "its term is below the one before"));
        }
        (last_index, last_term) = (index, record.term);
    }
    Ok(last_index)
}

fn read_chunks(tree: &sled::Tree, index: u64, count: u32) -> Result<Vec<u8>, LogError> {
    let mut bytes = Vec::new();
    for chunk in 0..count {
        let value = read_value(tree, &layout::chunk_key(index, chunk))?;
        bytes.extend_from_slice(&value.ok_or_else(|| corrupted(index, "one of its chunks is missing"))?);
    }
    Ok(bytes)
}

/// Removes chunks beyond the end of the log: a power cut between the chunks and their pointer leaves them.
fn remove_orphaned_chunks(tree: &sled::Tree, last_index: u64) -> Result<(), LogError> {
    let attempt = "remove chunks that no record points to";
    for key in tree.range(layout::chunk_prefix(last_index + 1)..layout::chunk_prefix(u64::MAX)).keys() {
        let key = key.map_err(|source| failed(attempt, source))?;
        tree.remove(key).map_err(|source| failed(attempt, source))?;
    }
    Ok(())
}
