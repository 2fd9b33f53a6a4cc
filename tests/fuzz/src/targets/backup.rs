//! A backup, from a file that somebody kept.
//!
//! No fuzzer guesses the two checksums at its end. So an input is tried twice: as it is, and with the ends that it calls for.

use allocd_replica::{Backup, BackupDecoder, BackupError};
use sha2::{Digest as _, Sha256};

use super::snapshot::with_end;

/// What every backup begins with.
const MAGIC: &[u8] = b"allocd backup\n";
/// How the bytes of a second reading are cut.
const PART_BYTES: usize = 13;

pub(crate) fn run(data: &[u8]) {
    try_one(data);
    if let Some(ended) = with_ends(data) {
        try_one(&ended);
    }
}

fn read<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Result<Backup, BackupError> {
    let mut decoder = BackupDecoder::new();
    for part in parts {
        decoder.read(part)?;
    }
    decoder.finish()
}

fn try_one(data: &[u8]) {
    let whole = read([data].into_iter());
    let in_parts = read(data.chunks(PART_BYTES));
    assert_eq!(whole.is_ok(), in_parts.is_ok(), "how it is cut does not matter");
    let Ok(backup) = whole else { return };
    assert_eq!(Ok(&backup), in_parts.as_ref(), "how it is cut does not matter");
    let flaws = backup.snapshot.machine.state().check();
    assert!(flaws.is_empty(), "what is read is sound: {flaws:?}");
    let written: Vec<u8> = backup.parts(usize::MAX).flat_map(|(part, _)| part).collect();
    assert_eq!(read([&written[..]].into_iter()), Ok(backup), "it survives being written");
}

/// The same with a right end of the state in it, and a right checksum. Nothing if it has no head.
fn with_ends(data: &[u8]) -> Option<Vec<u8>> {
    let mut rest = data.strip_prefix(MAGIC)?;
    let length = prost::decode_length_delimiter(&mut rest).ok()?;
    let state = rest.get(length..)?;
    let front = &data[..data.len() - state.len()];
    let ended = with_end(state)?;
    let mut whole = [front, &ended[..]].concat();
    let checksum = Sha256::digest(&whole);
    whole.extend_from_slice(&checksum);
    Some(whole)
}
