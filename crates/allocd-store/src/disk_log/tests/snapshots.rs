//! Snapshots beside the journal: damaged, missing, or at odds with the log.

use allocd_replica::log::SNAPSHOT_CHUNK_BYTES_MAX;

use super::*;

fn mark(index: u64) -> SnapshotMark {
    let configuration = Configuration { applied: 0, bytes: Bytes::from_static(b"voters") };
    SnapshotMark { at: Position { index, term: 2 }, configuration }
}

fn take_snapshot(log: &mut DiskLog, index: u64, chunks: usize) {
    log.begin_snapshot().unwrap();
    (0..chunks).for_each(|_| log.write_snapshot(&[7; SNAPSHOT_CHUNK_BYTES_MAX]).unwrap());
    log.finish_snapshot(mark(index)).unwrap();
}

/// Changes what sled holds while nobody uses it.
fn in_sled(directory: &Path, change: impl FnOnce(&sled::Db)) {
    let db = sled::open(open::snapshots(directory)).unwrap();
    change(&db);
    db.flush().unwrap();
}

#[test]
fn a_damaged_snapshot_chunk_is_refused_with_a_clear_line() {
    let directory = filled(10);
    take_snapshot(&mut open(directory.path()).unwrap(), 10, 3);
    in_sled(directory.path(), |db| {
        let (key, value) = db.scan_prefix(b"p").nth(1).unwrap().unwrap();
        let mut value = value.to_vec();
        value[100] ^= 1;
        db.insert(key, value).unwrap();
    });
    let error = open(directory.path()).unwrap_err();
    let OpenError::Corrupted { source: Damage::Snapshot(source), .. } = &error else { panic!("{error}") };
    assert!(error.to_string().contains("rejoin as a new member"), "{error}");
    assert_eq!(source.to_string(), "read chunk 1 of the snapshot: its checksum does not match");
}

#[test]
fn a_snapshot_chunk_that_is_missing_is_refused() {
    let directory = filled(10);
    take_snapshot(&mut open(directory.path()).unwrap(), 10, 3);
    in_sled(directory.path(), |db| {
        let (key, _) = db.scan_prefix(b"p").next_back().unwrap().unwrap();
        db.remove(key).unwrap();
    });
    assert!(matches!(open(directory.path()), Err(OpenError::Corrupted { .. })));
}

#[test]
fn power_may_fail_while_a_snapshot_takes_the_logs_place() {
    let (directory, early) = (filled(10), tempfile::tempdir().unwrap());
    let mut log = open(directory.path()).unwrap();
    // The pointer is written, and the journal does not know it yet.
    copy_directory(directory.path(), early.path());
    take_snapshot(&mut log, 100, 1);
    assert_eq!((log.first_index(), log.last_index()), (101, 100));
    drop(log);
    replace(directory.path(), early.path(), "segments");
    for _ in 0..2 {
        let log = open(directory.path()).unwrap();
        assert_eq!((log.first_index(), log.last_index()), (101, 100));
    }
    // It was told: from then on the snapshot is needed like any other.
    fs::remove_dir_all(directory.path().join("snapshots")).unwrap();
    assert!(matches!(open(directory.path()), Err(OpenError::Corrupted { .. })));
}

#[test]
fn a_log_that_lost_the_entry_of_its_own_snapshot_is_refused() {
    let (directory, early) = (filled(10), tempfile::tempdir().unwrap());
    copy_directory(directory.path(), early.path());
    let mut log = open(directory.path()).unwrap();
    log.append(&[record(11, 2, 100)]).unwrap();
    take_snapshot(&mut log, 11, 1);
    drop(log);
    replace(directory.path(), early.path(), "segments");
    let error = open(directory.path()).unwrap_err();
    let OpenError::Corrupted { source: Damage::SnapshotApart { last: 10, .. }, .. } = &error else {
        panic!("{error}")
    };
}

#[test]
fn an_older_snapshot_under_a_newer_base_is_refused() {
    let (directory, early) = (filled(10), tempfile::tempdir().unwrap());
    let mut log = open(directory.path()).unwrap();
    take_snapshot(&mut log, 4, 1);
    drop(log);
    copy_directory(directory.path(), early.path());
    let mut log = open(directory.path()).unwrap();
    take_snapshot(&mut log, 10, 1);
    log.compact(8).unwrap();
    drop(log);
    replace(directory.path(), early.path(), "snapshots");
    let error = open(directory.path()).unwrap_err();
    let OpenError::Corrupted { source: Damage::SnapshotApart { first: 9, reason, .. }, .. } = &error else {
        panic!("{error}")
    };
    assert!(reason.contains("older"), "{reason}");
}

#[test]
fn a_log_behind_its_watermark_is_refused_although_it_begins_late() {
    let (directory, early) = (filled(10), tempfile::tempdir().unwrap());
    copy_directory(directory.path(), early.path());
    let mut log = open(directory.path()).unwrap();
    take_snapshot(&mut log, 3_000, 1);
    log.set_hard_state(HardState { term: 2, vote: 1, commit: 3_000 }).unwrap();
    log.flush().unwrap();
    drop(log);
    assert!(open(directory.path()).is_ok());
    for part in ["segments", "snapshots"] {
        replace(directory.path(), early.path(), part);
    }
    assert!(matches!(open(directory.path()), Err(OpenError::Behind { last: 10, watermark: 3_000, .. })));
}

#[test]
fn the_directory_stays_flat_over_many_entries() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = open(directory.path()).unwrap();
    let mut most = 0;
    for round in 1..=60_u64 {
        let last = round * 2_000;
        let records: Vec<Record> = (last - 1_999..=last).map(|index| record(index, 2, 200)).collect();
        log.append(&records).unwrap();
        log.set_hard_state(HardState { term: 2, vote: 1, commit: last }).unwrap();
        log.flush().unwrap();
        take_snapshot(&mut log, last, 50);
        log.compact(last - 100).unwrap();
        log.flush().unwrap();
        while log.tidy(1_000).unwrap() {}
        let sizes = contents(directory.path()).iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        most = most.max(sizes);
    }
    // Two segments, four to be used again, one made ready; and what sled takes for a hundred chunks.
    let bound = 7 * usize::try_from(SEGMENT_BYTES).unwrap() + 4 * 1_024 * 1_024;
    assert!(most <= bound, "{most} bytes for 120,000 entries, at most {bound}");
    drop(log);
    let log = open(directory.path()).unwrap();
    assert_eq!((log.first_index(), log.last_index()), (119_901, 120_000));
}
