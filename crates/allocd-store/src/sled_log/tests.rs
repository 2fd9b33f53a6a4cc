//! The contract on sled, and what is noticed when a directory comes back other than it was left.

use std::fs;
use std::path::Path;

use allocd_replica::log::SNAPSHOT_CHUNK_BYTES_MAX;
use allocd_replica::log::contract::{self, Disk};
use allocd_types::id::{ClusterId, MemberId};
use tempfile::TempDir;

use super::*;

fn owner() -> Owner {
    Owner { cluster: ClusterId::new("blue").unwrap(), member: MemberId::new(1) }
}

fn open(directory: &Path) -> Result<SledLog, OpenError> {
    SledLog::open(directory, &owner())
}

fn record(index: u64, term: u64, size: usize) -> Record {
    let byte = |at: usize| u8::try_from((at + size) % 251).unwrap();
    Record { index, term, bytes: (0..size).map(byte).collect::<Vec<u8>>().into() }
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A directory a store; a power cut is a copy of the directory taken while the store is still open.
#[derive(Default)]
struct Directories(Vec<TempDir>);

impl Directories {
    fn another(&mut self) -> &Path {
        self.0.push(tempfile::tempdir().unwrap());
        self.0.last().unwrap().path()
    }
}

impl Disk for Directories {
    type Store = SledLog;

    fn create(&mut self) -> SledLog {
        open(self.another()).unwrap()
    }

    fn cut_power_and_reopen(&mut self, store: SledLog) -> SledLog {
        let copy = self.another();
        copy_directory(&store.directory, copy);
        open(copy).unwrap()
    }
}

/// A directory with `count` committed records, all flushed, and nobody using it.
fn filled(count: u64) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut log = open(directory.path()).unwrap();
    let records: Vec<Record> = (1..=count).map(|index| record(index, 2, 200)).collect();
    log.append(&records).unwrap();
    log.set_hard_state(HardState { term: 2, vote: 1, commit: count }).unwrap();
    log.flush().unwrap();
    drop(log);
    directory
}

/// Every file with its contents, to see that a refusal changed nothing.
fn contents(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            files.push((path, bytes));
        }
    }
    files.sort();
    files
}

#[test]
fn sled_keeps_the_contract() {
    contract::verify(&mut Directories::default());
}

#[test]
fn a_log_of_many_sizes_survives_a_close() {
    let directory = tempfile::tempdir().unwrap();
    let records = [record(1, 1, 10), record(2, 1, 50 * 1_024), record(3, 1, 300 * 1_024), record(4, 2, 0)];
    let mut log = open(directory.path()).unwrap();
    log.append(&records).unwrap();
    log.flush().unwrap();
    drop(log);
    assert_eq!(open(directory.path()).unwrap().read(1, 5, u64::MAX).unwrap(), records);
}

#[test]
fn no_value_is_larger_than_sled_can_sync() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = open(directory.path()).unwrap();
    log.append(&[record(1, 1, 2_000), record(2, 1, 2_033), record(3, 1, 100_000)]).unwrap();
    let largest = log.db.iter().values().map(|value| value.unwrap().len()).max().unwrap();
    assert!(largest <= layout::VALUE_BYTES_MAX, "{largest} bytes in one value");
}

#[test]
fn a_second_open_is_refused_while_the_first_lives() {
    let directory = tempfile::tempdir().unwrap();
    let first = open(directory.path()).unwrap();
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("in use by another process") && text.contains(directory.path().to_str().unwrap()),
        "{text}"
    );
    drop(first);
    open(directory.path()).unwrap();
}

#[test]
fn a_place_that_cannot_be_a_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "mine").unwrap();
    let error = open(&file.join("data")).unwrap_err();
    assert!(matches!(error, OpenError::Unwritable { .. }), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[test]
fn another_cluster_and_another_member_are_refused_untouched() {
    let directory = filled(3);
    let before = contents(directory.path());
    let green = Owner { cluster: ClusterId::new("green").unwrap(), ..owner() };
    let error = SledLog::open(directory.path(), &green).unwrap_err();
    assert!(matches!(error, OpenError::OtherCluster { .. }), "{error}");
    let second = Owner { member: MemberId::new(2), ..owner() };
    let error = SledLog::open(directory.path(), &second).unwrap_err();
    assert!(matches!(error, OpenError::OtherMember { .. }), "{error}");
    assert_eq!(contents(directory.path()), before);
}

#[test]
fn an_emptied_store_is_noticed_and_not_filled_again() {
    let directory = filled(3);
    fs::remove_dir_all(directory.path().join("log")).unwrap();
    let before = contents(directory.path());
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::Behind { last: 0, .. }), "{error}");
    assert!(error.to_string().contains("rejoin as a new member with a new id"), "{error}");
    assert_eq!(contents(directory.path()), before);
}

#[test]
fn a_store_replaced_by_a_new_one_is_noticed() {
    let directory = filled(3);
    let fresh = tempfile::tempdir().unwrap();
    drop(open(fresh.path()).unwrap());
    fs::remove_dir_all(directory.path().join("log")).unwrap();
    copy_directory(&fresh.path().join("log"), &directory.path().join("log"));
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::Behind { last: 0, term: 0, witnessed: 2, .. }), "{error}");
}

#[test]
fn an_older_copy_of_the_store_is_noticed_by_its_vote() {
    let directory = filled(3);
    let copy = tempfile::tempdir().unwrap();
    copy_directory(directory.path(), copy.path());
    let mut log = open(directory.path()).unwrap();
    log.set_hard_state(HardState { term: 3, vote: 2, commit: 3 }).unwrap();
    log.flush().unwrap();
    drop(log);
    fs::copy(directory.path().join("identity"), copy.path().join("identity")).unwrap();
    let error = open(copy.path()).unwrap_err();
    assert!(matches!(error, OpenError::Behind { term: 2, witnessed: 3, .. }), "{error}");
}

#[test]
fn a_log_without_identity_is_refused_untouched() {
    let directory = filled(3);
    fs::remove_file(directory.path().join("identity")).unwrap();
    let before = contents(directory.path());
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::IdentityMissing { .. }), "{error}");
    assert_eq!(contents(directory.path()), before);
}

#[test]
fn a_damaged_identity_is_refused_untouched() {
    let directory = filled(3);
    let path = directory.path().join("identity");
    let text = fs::read_to_string(&path).unwrap().replace("term 2", "term 1");
    fs::write(&path, text).unwrap();
    let before = contents(directory.path());
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::IdentityCorrupted { .. }), "{error}");
    assert_eq!(contents(directory.path()), before);
}

#[test]
fn an_interrupted_creation_is_begun_again() {
    let directory = tempfile::tempdir().unwrap();
    let begun = Identity { owner: owner(), is_initialised: false, witnessed: HardState::default() };
    begun.write(directory.path()).unwrap();
    assert!(open(directory.path()).unwrap().identity.is_initialised);
}

#[test]
fn a_log_that_ends_below_its_commit_is_refused() {
    let directory = filled(3);
    let log = open(directory.path()).unwrap();
    log.remove(&layout::record_key(3)).unwrap();
    log.db.flush().unwrap();
    drop(log);
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::Behind { last: 2, watermark: 3, .. }), "{error}");
}

#[test]
fn a_changed_a_missing_and_a_swapped_record_are_found() {
    type Damage = fn(&SledLog);
    let damages: [(&str, Damage); 4] = [
        ("a changed byte", |log| {
            let mut value = log.db.get(layout::record_key(2)).unwrap().unwrap().to_vec();
            value[100] ^= 1;
            log.insert(&layout::record_key(2), &value).unwrap();
        }),
        ("a missing record", |log| {
            log.remove(&layout::record_key(2)).unwrap();
        }),
        ("a record in another's place", |log| {
            let value = log.db.get(layout::record_key(1)).unwrap().unwrap();
            log.insert(&layout::record_key(2), &value).unwrap();
        }),
        ("a changed hard state", |log| {
            let mut value = log.db.get(layout::HARD_STATE_KEY).unwrap().unwrap().to_vec();
            value[11] ^= 1;
            log.insert(layout::HARD_STATE_KEY, &value).unwrap();
        }),
    ];
    for (what, damage) in damages {
        let directory = filled(3);
        let log = open(directory.path()).unwrap();
        damage(&log);
        log.db.flush().unwrap();
        drop(log);
        let error = open(directory.path()).unwrap_err();
        assert!(matches!(error, OpenError::Corrupted { .. }), "{what}: {error}");
    }
}

#[test]
fn a_missing_chunk_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = open(directory.path()).unwrap();
    log.append(&[record(1, 1, 50 * 1_024)]).unwrap();
    log.remove(&layout::chunk_key(1, 7)).unwrap();
    log.flush().unwrap();
    drop(log);
    assert!(matches!(open(directory.path()), Err(OpenError::Corrupted { .. })));
}

#[test]
fn chunks_without_a_pointer_are_removed() {
    let directory = filled(3);
    let log = open(directory.path()).unwrap();
    log.insert(&layout::chunk_key(4, 0), &[1; 100]).unwrap();
    log.db.flush().unwrap();
    drop(log);
    let log = open(directory.path()).unwrap();
    assert_eq!(log.last_index(), 3);
    assert!(!log.db.contains_key(layout::chunk_key(4, 0)).unwrap());
}

#[test]
fn a_cut_file_is_noticed() {
    let directory = filled(3_000);
    let path = open::sled_file(directory.path());
    let length = fs::metadata(&path).unwrap().len();
    for part in [0, 1, 2, 3] {
        let copy = tempfile::tempdir().unwrap();
        copy_directory(directory.path(), copy.path());
        File::options()
            .write(true)
            .open(open::sled_file(copy.path()))
            .unwrap()
            .set_len(length * part / 4)
            .unwrap();
        let error = open(copy.path()).map(|log| log.last_index()).unwrap_err();
        assert!(matches!(error, OpenError::Behind { .. } | OpenError::Corrupted { .. }), "{part}/4: {error}");
    }
}

#[test]
fn a_flipped_bit_in_the_file_is_never_read_as_data() {
    let directory = filled(400);
    let expected = open(directory.path()).unwrap().read(1, 401, u64::MAX).unwrap();
    let length = fs::metadata(open::sled_file(directory.path())).unwrap().len();
    for at in (0..length).step_by(usize::try_from(length / 40).unwrap()) {
        let copy = tempfile::tempdir().unwrap();
        copy_directory(directory.path(), copy.path());
        let path = open::sled_file(copy.path());
        let mut bytes = fs::read(&path).unwrap();
        bytes[usize::try_from(at).unwrap()] ^= 0x10;
        fs::write(&path, bytes).unwrap();
        // A bit in unused space harms nothing; any other has to be found.
        match open(copy.path()) {
            Ok(log) => assert_eq!(log.read(1, 401, u64::MAX).unwrap(), expected, "bit in byte {at}"),
            Err(OpenError::Behind { .. } | OpenError::Corrupted { .. }) => {}
            Err(other) => panic!("bit in byte {at}: {other}"),
        }
    }
}

#[test]
fn commits_do_not_write_the_identity_file_each_time() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = open(directory.path()).unwrap();
    let mut watermarks = Vec::new();
    for index in 1..=3_000 {
        log.append(&[record(index, 1, 10)]).unwrap();
        log.set_hard_state(HardState { term: 1, vote: 1, commit: index }).unwrap();
        if index % 100 == 0 {
            log.flush().unwrap();
            watermarks.push(log.identity.witnessed.commit);
        }
    }
    watermarks.dedup();
    assert_eq!(watermarks, [100, 1_200, 2_300]);
}

#[test]
fn a_restart_leaves_the_watermark_no_lag() {
    let directory = filled(10);
    let (early, late) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_directory(directory.path(), early.path());
    let mut log = open(directory.path()).unwrap();
    let before = log.hard_state();
    log.append(&[record(11, before.term, 10)]).unwrap();
    log.set_hard_state(HardState { commit: 11, ..before }).unwrap();
    log.flush().unwrap();
    drop(log);
    drop(open(directory.path()).unwrap());
    // The log of before, under the identity of now.
    copy_directory(directory.path(), late.path());
    fs::remove_dir_all(late.path().join("log")).unwrap();
    fs::create_dir(late.path().join("log")).unwrap();
    copy_directory(&early.path().join("log"), &late.path().join("log"));
    let error = open(late.path()).map(|log| log.last_index()).unwrap_err();
    assert!(matches!(error, OpenError::Behind { last: 10, watermark: 11, .. }), "{error}");
}

fn mark(index: u64) -> SnapshotMark {
    let configuration = Configuration { applied: 0, bytes: Bytes::from_static(b"voters") };
    SnapshotMark { at: Position { index, term: 2 }, configuration }
}

fn take_snapshot(log: &mut SledLog, index: u64, chunks: usize) {
    log.begin_snapshot().unwrap();
    (0..chunks).for_each(|_| log.write_snapshot(&[7; SNAPSHOT_CHUNK_BYTES_MAX]).unwrap());
    log.finish_snapshot(mark(index)).unwrap();
}

#[test]
fn a_damaged_snapshot_chunk_is_refused_with_a_clear_line() {
    let directory = filled(10);
    let mut log = open(directory.path()).unwrap();
    take_snapshot(&mut log, 10, 3);
    let key = snapshot::chunk_key(1, 1);
    let mut value = log.db.get(key).unwrap().unwrap().to_vec();
    value[100] ^= 1;
    log.db.insert(key, value).unwrap();
    log.flush().unwrap();
    drop(log);
    let error = open(directory.path()).unwrap_err();
    let OpenError::Corrupted { source, .. } = &error else { panic!("{error}") };
    assert!(error.to_string().contains("rejoin as a new member"), "{error}");
    assert_eq!(source.to_string(), "read chunk 1 of the snapshot: its checksum does not match");
}

#[test]
fn a_snapshot_chunk_that_is_missing_is_refused() {
    let directory = filled(10);
    let mut log = open(directory.path()).unwrap();
    take_snapshot(&mut log, 10, 3);
    log.db.remove(snapshot::chunk_key(1, 2)).unwrap();
    log.flush().unwrap();
    drop(log);
    assert!(matches!(open(directory.path()), Err(OpenError::Corrupted { .. })));
}

#[test]
fn power_may_fail_while_a_snapshot_takes_the_logs_place() {
    // The pointer is written, and nothing after it: neither the base nor the removal of the old records.
    let directory = filled(10);
    let mut log = open(directory.path()).unwrap();
    log.begin_snapshot().unwrap();
    log.write_snapshot(b"far").unwrap();
    let (number, chunks) = log.begun.unwrap();
    let current = Current { number, stored: StoredSnapshot { mark: mark(100), chunks } };
    log.insert(snapshot::POINTER_KEY, &snapshot::store_pointer(&current)).unwrap();
    log.flush().unwrap();
    drop(log);
    for _ in 0..2 {
        let mut log = open(directory.path()).unwrap();
        assert_eq!((log.first_index(), log.last_index()), (101, 100));
        assert_eq!(log.db.scan_prefix(layout::RECORD_PREFIX).count(), 0, "the old records are removed");
        log.flush().unwrap();
    }
}

#[test]
fn a_log_behind_its_watermark_is_refused_although_it_begins_late() {
    let directory = filled(10);
    let mut log = open(directory.path()).unwrap();
    take_snapshot(&mut log, 3_000, 1);
    log.set_hard_state(HardState { term: 2, vote: 1, commit: 3_000 }).unwrap();
    log.flush().unwrap();
    let old = tempfile::tempdir().unwrap();
    copy_directory(&filled(10).path().join("log"), &old.path().join("log"));
    drop(log);
    assert!(open(directory.path()).is_ok());
    fs::remove_dir_all(directory.path().join("log")).unwrap();
    copy_directory(&old.path().join("log"), &directory.path().join("log"));
    assert!(matches!(open(directory.path()), Err(OpenError::Behind { last: 10, watermark: 3_000, .. })));
}

#[test]
fn the_directory_stays_flat_over_many_entries() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = open(directory.path()).unwrap();
    let mut sizes = Vec::new();
    for round in 1..=40_u64 {
        let last = round * 1_000;
        let records: Vec<Record> = (last - 999..=last).map(|index| record(index, 2, 200)).collect();
        log.append(&records).unwrap();
        log.set_hard_state(HardState { term: 2, vote: 1, commit: last }).unwrap();
        log.flush().unwrap();
        take_snapshot(&mut log, last, 50);
        log.compact(last - 100).unwrap();
        while log.tidy(1_000).unwrap() {}
        log.flush().unwrap();
        sizes.push(contents(directory.path()).iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
    }
    let (first_half, second_half) = sizes.split_at(20);
    let (before, after) = (first_half.iter().max().unwrap(), second_half.iter().max().unwrap());
    assert!(after <= &(before + before / 4), "{before} bytes became {after}: {sizes:?}");
    drop(log);
    let log = open(directory.path()).unwrap();
    assert_eq!((log.first_index(), log.last_index()), (39_901, 40_000));
    assert_eq!(log.db.scan_prefix(layout::RECORD_PREFIX).count(), 100, "nothing else is kept");
    assert_eq!(log.db.scan_prefix(snapshot::CHUNK_PREFIX).count(), 50, "one snapshot is kept");
}
