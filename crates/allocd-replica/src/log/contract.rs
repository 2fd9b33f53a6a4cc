//! The contract every [`LogStore`] is held against, as one function that a store's own tests call.
//!
//! Snapshots and compaction have a part of their own. It lives outside `cfg(test)` because stores live in other crates. A failed promise panics with the promise's name.

mod snapshot;

use prost::bytes::Bytes;

use super::{Configuration, HardState, LogError, LogStore, Record};

/// Where a store under test keeps its data: something that survives the store.
pub trait Disk {
    /// The store under test.
    type Store: LogStore;

    /// Makes a store on an empty disk, another one at each call.
    fn create(&mut self) -> Self::Store;

    /// Ends the store without a flush and opens what is found on its disk.
    ///
    /// A disk may keep more than was flushed, never less.
    fn cut_power_and_reopen(&mut self, store: Self::Store) -> Self::Store;
}

/// Verifies every promise of [`LogStore`].
///
/// # Panics
/// If a promise is broken.
pub fn verify<D: Disk>(disk: &mut D) {
    a_new_log_is_empty(disk);
    what_was_written_is_read(disk);
    reads_are_bounded_by_bytes_but_give_one_record(disk);
    ranges_outside_the_log_are_refused(disk);
    a_conflicting_tail_is_replaced(disk);
    disorder_is_refused_and_changes_nothing(disk);
    what_was_flushed_survives(disk);
    a_replaced_tail_survives(disk);
    records_of_every_size_survive(disk);
    what_was_not_flushed_leaves_a_prefix(disk);
    snapshot::verify(disk);
}

fn record(index: u64, term: u64) -> Record {
    Record { index, term, bytes: Bytes::from(format!("record {index} of term {term}")) }
}

fn filled<S: LogStore>(mut store: S, records: &[Record]) -> S {
    store.append(records).expect("append");
    store
}

fn all<S: LogStore>(store: &S) -> Vec<Record> {
    store.read(store.first_index(), store.last_index() + 1, u64::MAX).expect("read the whole log")
}

fn a_new_log_is_empty<D: Disk>(disk: &mut D) {
    let store = disk.create();
    assert_eq!((store.first_index(), store.last_index()), (1, 0), "a new log is empty");
    assert_eq!(store.hard_state(), HardState::default(), "a new log has the default hard state");
    assert_eq!(store.configuration(), None, "a new log has no configuration");
    assert_eq!(all(&store), vec![], "a new log has no records");
}

fn what_was_written_is_read<D: Disk>(disk: &mut D) {
    let records = [record(1, 1), record(2, 1), record(3, 4)];
    let mut store = filled(disk.create(), &records);
    assert_eq!(all(&store), records, "records are read before they are flushed");
    assert_eq!(store.read(2, 3, u64::MAX).expect("read"), records[1..2], "a range is half open");
    let hard_state = HardState { term: 4, vote: 2, commit: 1 };
    store.set_hard_state(hard_state).expect("set the hard state");
    assert_eq!(store.hard_state(), hard_state, "the hard state is read before it is flushed");
    let configuration = Configuration { applied: 3, bytes: Bytes::from_static(b"voters") };
    store.set_configuration(configuration.clone()).expect("set the configuration");
    assert_eq!(store.configuration(), Some(&configuration), "the configuration is read before it is flushed");
}

fn reads_are_bounded_by_bytes_but_give_one_record<D: Disk>(disk: &mut D) {
    let store = filled(disk.create(), &[record(1, 1), record(2, 1), record(3, 1)]);
    let size = u64::try_from(record(1, 1).bytes.len()).expect("a length fits");
    let count = |bytes_max| store.read(1, 4, bytes_max).expect("read").len();
    assert_eq!(count(0), 1, "the first record is always read");
    assert_eq!(count(2 * size - 1), 1, "a record that would exceed the bound is not read");
    assert_eq!(count(2 * size), 2, "records up to the bound are read");
}

fn ranges_outside_the_log_are_refused<D: Disk>(disk: &mut D) {
    let store = filled(disk.create(), &[record(1, 1), record(2, 1)]);
    for (low, high) in [(0, 1), (1, 4), (3, 4), (2, 1)] {
        let refused = matches!(store.read(low, high, u64::MAX), Err(LogError::OutOfRange { .. }));
        assert!(refused, "{low}..{high} is outside a log of two records");
    }
    assert_eq!(store.read(3, 3, u64::MAX).expect("read"), vec![], "an empty range at the end is inside");
}

fn a_conflicting_tail_is_replaced<D: Disk>(disk: &mut D) {
    let mut store = filled(disk.create(), &[record(1, 1), record(2, 1), record(3, 1), record(4, 1)]);
    store.append(&[record(2, 2)]).expect("append over a tail");
    assert_eq!(all(&store), [record(1, 1), record(2, 2)], "the tail is gone");
    store.append(&[record(3, 2)]).expect("append");
    assert_eq!(store.last_index(), 3, "the log goes on after the replaced tail");
}

fn disorder_is_refused_and_changes_nothing<D: Disk>(disk: &mut D) {
    let records = [record(1, 1), record(2, 3), record(3, 3)];
    let mut store = filled(disk.create(), &records);
    store.set_hard_state(HardState { term: 3, vote: 0, commit: 2 }).expect("set the hard state");
    let disorders = [
        ("a gap after the end", vec![record(5, 3)]),
        ("a gap within", vec![record(4, 3), record(6, 3)]),
        ("a term below the log's", vec![record(4, 2)]),
        ("a term that falls within", vec![record(4, 5), record(5, 4)]),
        ("a committed record", vec![record(2, 4)]),
        ("index 0", vec![record(0, 3)]),
    ];
    for (what, disorder) in disorders {
        let refused = matches!(store.append(&disorder), Err(LogError::Disorder { .. }));
        assert!(refused, "{what} is refused");
        assert_eq!(all(&store), records, "{what} changes nothing");
    }
}

fn what_was_flushed_survives<D: Disk>(disk: &mut D) {
    let records: Vec<Record> = (1..=300).map(|index| record(index, 1 + index / 100)).collect();
    let hard_state = HardState { term: 9, vote: 3, commit: 250 };
    let configuration = Configuration { applied: 7, bytes: Bytes::from_static(b"voters") };
    let mut store = filled(disk.create(), &records);
    store.set_configuration(configuration.clone()).expect("set the configuration");
    store.set_hard_state(hard_state).expect("set the hard state");
    store.flush().expect("flush");
    for _ in 0..2 {
        store = disk.cut_power_and_reopen(store);
        assert_eq!(all(&store), records, "flushed records survive");
        assert_eq!(store.hard_state(), hard_state, "the flushed hard state survives");
        assert_eq!(store.configuration(), Some(&configuration), "the flushed configuration survives");
    }
}

fn a_replaced_tail_survives<D: Disk>(disk: &mut D) {
    let records: Vec<Record> = (1..=40).map(|index| record(index, 1)).collect();
    let mut store = filled(disk.create(), &records);
    store.flush().expect("flush");
    store.append(&[record(11, 2), record(12, 2)]).expect("append over a tail");
    store.flush().expect("flush");
    store = disk.cut_power_and_reopen(store);
    let mut expected = records[..10].to_vec();
    expected.extend([record(11, 2), record(12, 2)]);
    assert_eq!(all(&store), expected, "the removed tail does not come back");
}

fn records_of_every_size_survive<D: Disk>(disk: &mut D) {
    let sizes = [0, 1, 100, 2_047, 2_048, 2_049, 4_096, 50 * 1_024, 150 * 1_024, 1_024 * 1_024];
    let of_size = |term: u64, index: u64, size: usize| {
        let byte = |at: usize| u8::try_from((at + size) % 251).expect("below 251");
        Record { index, term, bytes: (0..size).map(byte).collect::<Vec<u8>>().into() }
    };
    let records: Vec<Record> = (1..).zip(sizes).map(|(index, size)| of_size(1, index, size)).collect();
    let mut store = filled(disk.create(), &records);
    store.flush().expect("flush");
    store = disk.cut_power_and_reopen(store);
    assert_eq!(all(&store), records, "records of every size survive");

    // Large records replaced by others of another size leave nothing of the old ones behind.
    let replaced: Vec<Record> =
        (1..).zip(sizes.iter().rev()).map(|(index, size)| of_size(2, index, *size)).collect();
    store.append(&replaced).expect("append over all");
    store.flush().expect("flush");
    store = disk.cut_power_and_reopen(store);
    assert_eq!(all(&store), replaced, "replaced records of every size survive");
}

fn what_was_not_flushed_leaves_a_prefix<D: Disk>(disk: &mut D) {
    let flushed: Vec<Record> = (1..=10).map(|index| record(index, 1)).collect();
    let mut store = filled(disk.create(), &flushed);
    store.flush().expect("flush");
    let more: Vec<Record> = (11..=30).map(|index| record(index, 1)).collect();
    store.append(&more).expect("append");
    store = disk.cut_power_and_reopen(store);
    let found = all(&store);
    let written: Vec<Record> = flushed.into_iter().chain(more).collect();
    assert!(found.len() >= 10, "flushed records survive");
    assert_eq!(found, written[..found.len()], "what is found is what was written up to some point");
}
