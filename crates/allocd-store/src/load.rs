//! What is found in sled when a log is opened, and the proof that it is whole.
//!
//! Every record is read once: its checksum, that indices are contiguous from the first, and that terms never fall; and every
//! chunk of the current snapshot. sled's own
//! checks end where its recovery does: it takes a torn page for the end of its log and says nothing.

use allocd_replica::log::{Configuration, HardState, LogError, Position, Record};

use crate::layout;
use crate::snapshot::{self, Current};

/// What a log holds beside its records.
pub(crate) struct Found {
    /// The entry before the first record.
    pub(crate) base: Position,
    pub(crate) last_index: u64,
    pub(crate) hard_state: HardState,
    pub(crate) configuration: Option<Configuration>,
    pub(crate) snapshot: Option<Current>,
    /// The highest number of a snapshot that ever was, as far as it left anything.
    pub(crate) snapshot_number: u64,
}

pub(crate) fn load(tree: &sled::Tree) -> Result<Found, LogError> {
    let snapshot = snapshot::load(tree)?;
    let base = match read_value(tree, layout::BASE_KEY)? {
        Some(value) => layout::read_base(&value).ok_or_else(|| corrupted(0, "the base's checksum"))?,
        None => Position::default(),
    };
    let (base, last_index) = verify_records(tree, base, snapshot.as_ref().map(|found| found.stored.mark.at))?;
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
    let snapshot_number =
        snapshot::highest_number(tree)?.max(snapshot.as_ref().map_or(0, |found| found.number));
    Ok(Found { base, last_index, hard_state, configuration, snapshot, snapshot_number })
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

/// Proves the records behind the base, and finds where the log begins and ends. A snapshot of an entry that is not among them
/// has taken their place: power failed before they were removed.
fn verify_records(
    tree: &sled::Tree,
    base: Position,
    snapshot: Option<Position>,
) -> Result<(Position, u64), LogError> {
    let Position { index: mut last_index, term: mut last_term } = base;
    let mut has_entry = snapshot.is_none_or(|at| at == base);
    let start = layout::record_key(base.index.saturating_add(1));
    for pair in tree.range(start..layout::record_key(u64::MAX)) {
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
        has_entry |= snapshot == Some(Position { index, term: record.term });
    }
    match snapshot {
        Some(at) if at.index < base.index => {
            Err(corrupted(base.index, "it is gone, and the snapshot does not contain it"))
        }
        Some(at) if !has_entry => Ok((at, at.index)),
        Some(_) | None => Ok((base, last_index)),
    }
}

fn read_chunks(tree: &sled::Tree, index: u64, count: u32) -> Result<Vec<u8>, LogError> {
    let mut bytes = Vec::new();
    for chunk in 0..count {
        let value = read_value(tree, &layout::chunk_key(index, chunk))?;
        bytes.extend_from_slice(&value.ok_or_else(|| corrupted(index, "one of its chunks is missing"))?);
    }
    Ok(bytes)
}
