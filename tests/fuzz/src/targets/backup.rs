//! A backup, from a file that somebody kept.
//!
//! No fuzzer guesses the two checksums at its end. So an input is tried twice: as it is, and with the ends that it calls for.

use allocd_replica::{Backup, BackupDecoder, BackupError};
use sha2::{Digest as _, Sha256};

use super::parts::{assert_sound, read_alike};
use super::snapshot::with_end;

/// What every backup begins with.
const MAGIC: &[u8] = b"allocd backup\n";

pub(crate) fn run(data: &[u8]) {
    try_one(data);
    if let Some(ended) = with_ends(data) {
        try_one(&ended);
    }
}

fn read(parts: &mut dyn Iterator<Item = &[u8]>) -> Result<Backup, BackupError> {
    let mut decoder = BackupDecoder::new();
    for part in parts {
        decoder.read(part)?;
    }
    decoder.finish()
}

fn try_one(data: &[u8]) {
    let Some(backup) = read_alike(data, read) else { return };
    assert_sound(&backup.snapshot.machine);
    let written: Vec<u8> = backup.parts(usize::MAX).flat_map(|(part, _)| part).collect();
    assert_eq!(read(&mut [&written[..]].into_iter()), Ok(backup), "it survives being written");
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What the fuzzer begins with reaches all that a decoder does.
    #[test]
    fn what_is_kept_is_a_backup_with_and_without_its_ends() {
        let whole: &[u8] = include_bytes!("../../corpus/backup/everything_with_its_ends");
        assert!(read(&mut [whole].into_iter()).is_ok());
        let ended = with_ends(include_bytes!("../../corpus/backup/everything")).expect("it has a head");
        assert_eq!(ended, whole);
    }
}
