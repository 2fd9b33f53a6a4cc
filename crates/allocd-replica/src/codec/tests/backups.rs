//! A backup survives its bytes, whatever parts they come in, and any other bytes are refused.

use allocd_types::id::ClusterId;
use allocd_types::time::WallTime;

use super::snapshots::snapshot;
use crate::codec::{Backup, BackupDecoder, BackupError, BackupHead};

fn backup() -> Backup {
    let head = BackupHead {
        cluster: ClusterId::new("blue").unwrap(),
        taken_at: WallTime::from_unix_millis(1_700_000_000_000),
        version: "0.1.0".to_owned(),
    };
    Backup { head, snapshot: snapshot() }
}

fn bytes(backup: &Backup) -> Vec<u8> {
    backup.parts(usize::MAX).flat_map(|(part, _)| part).collect()
}

fn decode(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<Backup, BackupError> {
    let mut decoder = BackupDecoder::new();
    for part in parts {
        decoder.read(part.as_ref())?;
    }
    decoder.finish()
}

#[test]
fn a_backup_survives_in_parts_of_any_size() {
    let whole = bytes(&backup());
    let total = u64::try_from(backup().snapshot.machine.records().count()).unwrap();
    for size in [1, 100, 1_024 * 1_024] {
        let parts: Vec<_> = backup().parts(size).collect();
        assert_eq!(parts.last().unwrap().1, total, "it says how far it is");
        let parts: Vec<_> = parts.into_iter().map(|(part, _)| part).collect();
        assert_eq!(parts.concat(), whole);
        assert_eq!(decode(parts).unwrap(), backup());
    }
    assert_eq!(decode(whole.chunks(1)).unwrap(), backup());
}

#[test]
fn any_changed_byte_any_cut_and_anything_behind_it_is_refused() {
    let whole = bytes(&backup());
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(decode([changed]).is_err(), "byte {at} changed");
        assert!(decode([&whole[..at]]).is_err(), "cut at byte {at}");
    }
    assert!(decode([whole.as_slice(), &[0]]).is_err());
    assert_eq!(decode([&whole[..100]]), Err(BackupError::Short { bytes: 100 }));
    assert_eq!(
        decode([b"PK\x03\x04, and what a ZIP archive has besides".as_slice()]),
        Err(BackupError::NoBackup)
    );
    assert_eq!(decode([b"".as_slice()]), Err(BackupError::Short { bytes: 0 }));
}
