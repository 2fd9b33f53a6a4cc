//! The contract on a real directory, and what is noticed when that comes back other than it was left.

mod snapshots;

use std::fs::{self, File};
use std::path::Path;

use allocd_replica::log::contract::{self, Disk};
use allocd_types::id::{ClusterId, MemberId};
use tempfile::TempDir;

use super::*;
use crate::damage::Damage;
use crate::journal::{HEAD_BYTES, SEGMENT_BYTES};

fn owner() -> Owner {
    Owner { cluster: ClusterId::new("blue").unwrap(), member: MemberId::new(1) }
}

fn open(directory: &Path) -> Result<DiskLog, OpenError> {
    DiskLog::open(directory, &owner())
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
    type Store = DiskLog;

    fn create(&mut self) -> DiskLog {
        open(self.another()).unwrap()
    }

    fn cut_power_and_reopen(&mut self, store: DiskLog) -> DiskLog {
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
fn a_directory_keeps_the_contract() {
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
    let error = DiskLog::open(directory.path(), &green).unwrap_err();
    assert!(matches!(error, OpenError::OtherCluster { .. }), "{error}");
    let second = Owner { member: MemberId::new(2), ..owner() };
    let error = DiskLog::open(directory.path(), &second).unwrap_err();
    assert!(matches!(error, OpenError::OtherMember { .. }), "{error}");
    assert_eq!(contents(directory.path()), before);
}

#[test]
fn an_emptied_store_is_noticed_and_not_filled_again() {
    for emptied in ["", "segments", "segments/segment-00000001"] {
        let directory = filled(3);
        for part in ["segments", "snapshots"].into_iter().filter(|_| emptied.is_empty()) {
            fs::remove_dir_all(directory.path().join(part)).unwrap();
        }
        match directory.path().join(emptied) {
            path if path.is_file() => fs::remove_file(path).unwrap(),
            path if !emptied.is_empty() => fs::remove_dir_all(path).unwrap(),
            _ => {}
        }
        let before = contents(directory.path());
        let error = open(directory.path()).unwrap_err();
        assert!(matches!(error, OpenError::Behind { last: 0, .. }), "{emptied}: {error}");
        assert!(error.to_string().contains("rejoin as a new member with a new id"), "{error}");
        assert_eq!(contents(directory.path()), before);
    }
}

#[test]
fn a_store_replaced_by_a_new_one_is_noticed() {
    let directory = filled(3);
    let fresh = tempfile::tempdir().unwrap();
    drop(open(fresh.path()).unwrap());
    replace(directory.path(), fresh.path(), "segments");
    let error = open(directory.path()).unwrap_err();
    let OpenError::Corrupted { source, .. } = &error else { panic!("{error}") };
    assert!(source.to_string().ends_with("it belongs to another log"), "{source}");
}

#[test]
fn an_older_copy_of_the_log_is_noticed_by_its_vote() {
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
    let directory = filled(3);
    let (path, before) = (directory.path(), contents(directory.path()));
    let begun = Identity::read(path).unwrap().unwrap();
    Identity { is_initialised: false, witnessed: HardState::default(), ..begun }.write(path).unwrap();
    let log = open(path).unwrap();
    assert!(log.identity.is_initialised);
    assert_eq!(log.last_index(), 0);
    assert_ne!(contents(path), before);
    drop(log);
    assert_eq!(open(path).unwrap().last_index(), 0);
}

#[test]
fn a_directory_of_an_earlier_layout_is_refused_untouched() {
    type Leave = fn(&Path);
    let leavings: [Leave; 2] = [
        |directory| fs::create_dir(directory.join("log")).unwrap(),
        |directory| fs::write(directory.join("identity"), "allocd-identity 1\ncluster blue\n").unwrap(),
    ];
    for leave in leavings {
        let directory = tempfile::tempdir().unwrap();
        leave(directory.path());
        let error = open(directory.path()).unwrap_err();
        assert!(matches!(error, OpenError::EarlierLayout { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains("from before the first release") && text.contains("rejoin as a new member"),
            "{text}"
        );
        assert!(!directory.path().join("segments").exists());
    }
}

/// The only segment of a small log.
fn segment(directory: &Path) -> PathBuf {
    open::segments(directory).join("segment-00000001")
}

/// Puts a part of one directory in the place of another's.
fn replace(directory: &Path, by: &Path, part: &str) {
    fs::remove_dir_all(directory.join(part)).unwrap();
    copy_directory(&by.join(part), &directory.join(part));
}

#[test]
fn a_file_that_was_cut_short_is_noticed() {
    let directory = filled(3_000);
    let length = fs::metadata(segment(directory.path())).unwrap().len();
    assert_eq!(length, u64::from(SEGMENT_BYTES), "a segment has its length from the start");
    for cut in [0, 10, 4_096, 5_000, length / 10, length / 2, length - 1] {
        let copy = tempfile::tempdir().unwrap();
        copy_directory(directory.path(), copy.path());
        File::options().write(true).open(segment(copy.path())).unwrap().set_len(cut).unwrap();
        let before = contents(copy.path());
        let error = open(copy.path()).map(|log| log.last_index()).unwrap_err();
        assert!(matches!(error, OpenError::Corrupted { .. }), "{cut}: {error}");
        assert_eq!(contents(copy.path()), before);
    }
}

#[test]
fn rot_is_noticed_up_to_the_last_byte_of_the_last_record() {
    let directory = filled(400);
    let expected = open(directory.path()).unwrap().read(1, 401, u64::MAX).unwrap();
    let bytes = fs::read(segment(directory.path())).unwrap();
    let end = bytes.iter().rposition(|&byte| byte != 0).unwrap();
    let head = usize::try_from(HEAD_BYTES).unwrap();
    for at in (head..end).step_by(4_999).chain([end]) {
        let copy = tempfile::tempdir().unwrap();
        copy_directory(directory.path(), copy.path());
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x10;
        fs::write(segment(copy.path()), bytes).unwrap();
        // A bit in a gap between frames harms nothing; any other has to be found.
        match open(copy.path()) {
            Ok(log) => assert_eq!(log.read(1, 401, u64::MAX).unwrap(), expected, "bit in byte {at}"),
            Err(OpenError::Corrupted { .. }) => {}
            Err(other) => panic!("bit in byte {at}: {other}"),
        }
    }
}

#[test]
fn a_refusal_names_the_file_the_place_and_what_to_do() {
    let directory = filled(400);
    let mut bytes = fs::read(segment(directory.path())).unwrap();
    bytes[10_000] ^= 1;
    fs::write(segment(directory.path()), bytes).unwrap();
    let error = open(directory.path()).unwrap_err();
    let OpenError::Corrupted { source, .. } = &error else { panic!("{error}") };
    assert!(error.to_string().contains("is damaged; "), "{error}");
    assert!(error.to_string().contains("rejoin as a new member with a new id"), "{error}");
    assert!(source.to_string().starts_with("file segment-00000001 at byte 9"), "{source}");
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
    replace(late.path(), early.path(), "segments");
    let error = open(late.path()).map(|log| log.last_index()).unwrap_err();
    assert!(matches!(error, OpenError::Behind { last: 10, watermark: 11, .. }), "{error}");
}
