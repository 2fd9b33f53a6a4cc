//! How much room a journal takes, and how often it syncs.

use allocd_replica::log::{HardState, Record};

use super::faulty::FaultyDirectory;
use super::story::{LOG, SEGMENT_BYTES, State, open};
use crate::journal::Journal;
use crate::journal::directory::Directory as _;

fn record(index: u64, size: usize) -> Record {
    Record { index, term: 1, bytes: vec![1; size].into() }
}

#[test]
fn the_directory_stays_flat_over_many_entries() {
    let directory = FaultyDirectory::default();
    let mut journal = Journal::create(directory.clone(), LOG, 64 * 1_024).unwrap();
    let mut most = 0;
    for round in 1..=400_u64 {
        let last = round * 300;
        journal.append(&((last - 299)..=last).map(|index| record(index, 100)).collect::<Vec<_>>()).unwrap();
        journal.set_hard_state(HardState { term: 1, vote: 1, commit: last });
        journal.flush().unwrap();
        journal.set_base(last - 50).unwrap();
        while journal.tidy(2).unwrap() {}
        most = most.max(directory.bytes());
    }
    // The one that is written to, the one before it, those that wait to be used again, and one made ready.
    assert!(most <= 7 * 64 * 1_024, "{most} bytes for 120,000 entries");
    drop(journal);
    let names = directory.names().unwrap().len();
    assert!(names <= 7, "{names} files");
    let journal = Journal::resume(
        directory.clone(),
        LOG,
        64 * 1_024,
        crate::journal::recover(&directory, LOG).unwrap().unwrap(),
    );
    assert_eq!(journal.unwrap().last_index(), 120_000);
}

#[test]
fn a_flush_is_one_sync() {
    let directory = FaultyDirectory::default();
    let mut journal = Journal::create(directory.clone(), LOG, 64 * 1_024).unwrap();
    let before = directory.syncs();
    for index in 1..=50 {
        journal.append(&[record(index, 100)]).unwrap();
        journal.set_hard_state(HardState { term: 1, vote: 1, commit: index - 1 });
        journal.flush().unwrap();
        journal.set_hard_state(HardState { term: 1, vote: 1, commit: index });
    }
    assert_eq!(directory.syncs() - before, 50);
    journal.flush().unwrap();
    journal.flush().unwrap();
    assert_eq!(directory.syncs() - before, 51, "with nothing to flush there is nothing to sync");
}

#[test]
fn a_quiet_log_syncs_its_mark_once() {
    let directory = FaultyDirectory::default();
    let mut journal = Journal::create(directory.clone(), LOG, 64 * 1_024).unwrap();
    journal.append(&[record(1, 10)]).unwrap();
    journal.flush().unwrap();
    let before = directory.syncs();
    for _ in 0..1_000 {
        journal.tidy(10).unwrap();
    }
    assert_eq!(directory.syncs() - before, 1);
}

#[test]
fn a_record_larger_than_a_segment_gets_one_of_its_own() {
    let directory = FaultyDirectory::default();
    let mut journal = Journal::create(directory.clone(), LOG, SEGMENT_BYTES).unwrap();
    let records = [record(1, 100), record(2, 100_000), record(3, 100), record(4, 8_000), record(5, 4_000)];
    journal.append(&records).unwrap();
    journal.flush().unwrap();
    assert_eq!(journal.read(1, 6, u64::MAX).unwrap(), records);
    let state = State::of(&journal);
    drop(journal);
    assert_eq!(State::of(&open(&directory).unwrap()), state);
}

#[test]
fn a_segment_is_made_ready_before_it_is_needed() {
    let directory = FaultyDirectory::default();
    let mut journal = Journal::create(directory.clone(), LOG, SEGMENT_BYTES).unwrap();
    journal.append(&(1..=3).map(|index| record(index, 1_000)).collect::<Vec<_>>()).unwrap();
    journal.flush().unwrap();
    journal.tidy(0).unwrap();
    let before = directory.syncs();
    journal.append(&[record(4, 1_000)]).unwrap();
    // A name, its mark, and the seal.
    assert_eq!(directory.syncs() - before, 3);
}
