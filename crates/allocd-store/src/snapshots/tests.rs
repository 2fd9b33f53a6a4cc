//! What sled is given, and how chunks that nobody needs go.

use allocd_replica::log::{Configuration, Position};

use super::*;

fn mark(index: u64) -> SnapshotMark {
    SnapshotMark {
        at: Position { index, term: 1 },
        configuration: Configuration { applied: 0, bytes: Bytes::new() },
    }
}

fn take(snapshots: &mut Snapshots, index: u64, chunks: usize) {
    snapshots.begin();
    (0..chunks).for_each(|_| snapshots.write(&[7; SNAPSHOT_CHUNK_BYTES_MAX]).unwrap());
    snapshots.finish(mark(index), false).unwrap();
}

#[test]
fn no_value_is_larger_than_sled_can_sync() {
    let directory = tempfile::tempdir().unwrap();
    let mut snapshots = Snapshots::open(directory.path()).unwrap();
    take(&mut snapshots, 1, 3);
    let largest = snapshots.db.iter().values().map(|value| value.unwrap().len()).max().unwrap();
    assert!(largest <= VALUE_BYTES_MAX, "{largest} bytes in one value");
}

#[test]
fn only_the_current_snapshot_and_the_one_being_written_stay() {
    let directory = tempfile::tempdir().unwrap();
    let mut snapshots = Snapshots::open(directory.path()).unwrap();
    take(&mut snapshots, 1, 40);
    take(&mut snapshots, 2, 50);
    snapshots.begin();
    snapshots.write(b"x").unwrap();
    let mut portions = 0;
    while snapshots.tidy(10).unwrap() {
        portions += 1;
    }
    assert_eq!(portions, 3, "they go in portions");
    assert_eq!(snapshots.db.scan_prefix(CHUNK_PREFIX).count(), 51);
    assert_eq!(snapshots.read(49).unwrap(), vec![7; SNAPSHOT_CHUNK_BYTES_MAX]);
}

#[test]
fn a_snapshot_is_found_again_and_what_was_begun_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let mut snapshots = Snapshots::open(directory.path()).unwrap();
    take(&mut snapshots, 1, 2);
    snapshots.begin();
    snapshots.write(b"x").unwrap();
    drop(snapshots);
    let mut snapshots = Snapshots::open(directory.path()).unwrap();
    assert_eq!(snapshots.current().map(|current| (current.mark.clone(), current.chunks)), Some((mark(1), 2)));
    assert!(!snapshots.replaces());
    // The next one meets nothing of what was begun.
    snapshots.begin();
    assert_eq!(snapshots.begun, Some((3, 0)));
}

/// Elsewhere it takes none.
#[cfg(target_os = "linux")]
#[test]
fn sleds_lock_is_known_by_its_words() {
    let directory = tempfile::tempdir().unwrap();
    let config = sled::Config::new().path(directory.path());
    let _first = config.open().unwrap();
    let Err(sled::Error::Io(error)) = config.open() else { panic!("it is not locked") };
    assert!(is_locked(&error), "{error}");
}

#[test]
fn a_pointer_is_read_as_it_was_written_and_any_change_is_found() {
    let stored = StoredSnapshot { mark: mark(9), chunks: 7 };
    let value = layout::store_pointer(&Current { number: 3, stored: stored.clone(), replaces: true });
    let read = layout::read_pointer(&value).unwrap();
    assert_eq!((read.number, read.stored, read.replaces), (3, stored, true));
    for at in 0..value.len() {
        let mut changed = value.clone();
        changed[at] ^= 1;
        assert!(layout::read_pointer(&changed).is_none(), "byte {at}");
        assert!(layout::read_pointer(&value[..at]).is_none(), "cut at {at}");
    }
}
