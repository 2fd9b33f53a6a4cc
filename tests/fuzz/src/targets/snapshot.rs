//! A snapshot, from the disk or from a peer.
//!
//! No fuzzer guesses the SHA-256 at its end. So an input is tried twice: as it is, and with the end that its records call for.

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::snapshot_record::Content;
use allocd_replica::{Snapshot, SnapshotCodecError, SnapshotDecoder};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::parts::{assert_sound, read_alike};

pub(crate) fn run(data: &[u8]) {
    try_one(data);
    if let Some(ended) = with_end(data) {
        try_one(&ended);
    }
}

fn read(parts: &mut dyn Iterator<Item = &[u8]>) -> Result<Snapshot, SnapshotCodecError> {
    let mut decoder = SnapshotDecoder::new();
    for part in parts {
        decoder.read(part)?;
    }
    decoder.finish()
}

fn try_one(data: &[u8]) {
    let Some(snapshot) = read_alike(data, read) else { return };
    assert_sound(&snapshot.machine);
    let written: Vec<u8> = snapshot.parts(usize::MAX).flatten().collect();
    assert_eq!(read(&mut [&written[..]].into_iter()), Ok(snapshot), "it survives being written");
}

/// The same records with a right end. Nothing if they have one, or are none.
pub(super) fn with_end(data: &[u8]) -> Option<Vec<u8>> {
    let (mut rest, mut records) = (data, 0);
    while !rest.is_empty() {
        let record = v1::SnapshotRecord::decode_length_delimited(&mut rest).ok()?;
        if matches!(record.content, Some(Content::End(_))) {
            return None;
        }
        records += 1;
    }
    let end = v1::SnapshotEnd { records, sha256: Sha256::digest(data).to_vec() };
    let end = v1::SnapshotRecord { content: Some(Content::End(end)) }.encode_length_delimited_to_vec();
    Some([data, &end[..]].concat())
}
