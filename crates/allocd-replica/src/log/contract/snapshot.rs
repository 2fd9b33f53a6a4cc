//! The part of the contract that is about snapshots and about a log that begins behind one.

use prost::bytes::Bytes;

use super::{Disk, all, filled, record};
use crate::log::{
    Configuration, HardState, LogError, LogStore, Position, SNAPSHOT_CHUNK_BYTES_MAX, SnapshotMark,
};

pub(super) fn verify<D: Disk>(disk: &mut D) {
    a_snapshot_is_read_as_it_was_written(disk);
    an_unfinished_snapshot_is_gone_after_a_power_cut(disk);
    a_compacted_log_begins_behind_what_was_removed(disk);
    what_no_snapshot_contains_is_not_compacted(disk);
    a_snapshot_beyond_the_log_takes_its_place(disk);
    a_snapshot_of_another_entry_takes_the_logs_place(disk);
    many_rounds_leave_the_last_snapshot_and_the_last_records(disk);
}

fn mark(index: u64, term: u64) -> SnapshotMark {
    let configuration = Configuration { applied: 0, bytes: Bytes::from_static(b"voters") };
    SnapshotMark { at: Position { index, term }, configuration }
}

fn chunks(name: &str) -> Vec<Bytes> {
    let full = Bytes::from(vec![7; SNAPSHOT_CHUNK_BYTES_MAX]);
    vec![Bytes::from(name.to_owned()), full, Bytes::from_static(b"x")]
}

fn write<S: LogStore>(store: &mut S, name: &str) {
    store.begin_snapshot().expect("begin a snapshot");
    for chunk in chunks(name) {
        store.write_snapshot(&chunk).expect("write a chunk");
    }
}

fn take<S: LogStore>(store: &mut S, name: &str, mark: SnapshotMark) {
    write(store, name);
    store.finish_snapshot(mark).expect("finish the snapshot");
}

fn found<S: LogStore>(store: &S) -> (Option<SnapshotMark>, Vec<Bytes>) {
    let Some(snapshot) = store.snapshot() else { return (None, Vec::new()) };
    let chunks = (0..snapshot.chunks).map(|chunk| store.read_snapshot(chunk).expect("read a chunk"));
    (Some(snapshot.mark.clone()), chunks.collect())
}

/// A log of ten flushed and committed records.
fn ten<D: Disk>(disk: &mut D) -> D::Store {
    let records: Vec<_> = (1..=10).map(|index| record(index, 1 + index / 4)).collect();
    let mut store = filled(disk.create(), &records);
    store.set_hard_state(HardState { term: 3, vote: 1, commit: 10 }).expect("set the hard state");
    store.flush().expect("flush");
    store
}

fn a_snapshot_is_read_as_it_was_written<D: Disk>(disk: &mut D) {
    let mut store = ten(disk);
    assert_eq!(found(&store), (None, vec![]), "a new log has no snapshot");
    take(&mut store, "one", mark(5, 2));
    assert_eq!(found(&store), (Some(mark(5, 2)), chunks("one")), "it is read as it was written");
    assert_eq!(store.first_index(), 1, "a snapshot removes nothing by itself");
    write(&mut store, "two");
    assert_eq!(found(&store).1, chunks("one"), "until it is finished, the one before is current");
    store.finish_snapshot(mark(8, 3)).expect("finish the snapshot");
    for _ in 0..2 {
        store = disk.cut_power_and_reopen(store);
        assert_eq!(found(&store), (Some(mark(8, 3)), chunks("two")), "a finished snapshot survives");
        assert_eq!(store.last_index(), 10, "the log goes on behind it");
    }
}

fn an_unfinished_snapshot_is_gone_after_a_power_cut<D: Disk>(disk: &mut D) {
    let mut store = ten(disk);
    take(&mut store, "one", mark(5, 2));
    write(&mut store, "two");
    store.flush().expect("flush");
    store = disk.cut_power_and_reopen(store);
    assert_eq!(found(&store), (Some(mark(5, 2)), chunks("one")), "the finished one is still current");
    write(&mut store, "three");
    write(&mut store, "four");
    store.finish_snapshot(mark(7, 2)).expect("finish the snapshot");
    assert_eq!(found(&store).1, chunks("four"), "what was begun before is forgotten");
}

fn a_compacted_log_begins_behind_what_was_removed<D: Disk>(disk: &mut D) {
    let mut store = ten(disk);
    take(&mut store, "one", mark(8, 3));
    store.compact(6).expect("compact");
    for _ in 0..2 {
        assert_eq!(store.base(), Position { index: 6, term: 2 }, "the entry before the first is known");
        assert_eq!((store.first_index(), store.last_index()), (7, 10), "the log begins behind it");
        let rest: Vec<_> = (7..=10).map(|index| record(index, 1 + index / 4)).collect();
        assert_eq!(all(&store), rest, "the rest is there");
        let refused = matches!(store.read(6, 8, u64::MAX), Err(LogError::OutOfRange { .. }));
        assert!(refused, "what was removed is outside the log");
        while store.tidy(1).expect("tidy") {}
        store.flush().expect("flush");
        store = disk.cut_power_and_reopen(store);
    }
    store.compact(3).expect("compact");
    assert_eq!(store.first_index(), 7, "a log never begins earlier again");
    store.append(&[record(11, 3)]).expect("append");
    assert_eq!(store.last_index(), 11, "the log goes on");
    // A log may be compacted to its end and still knows what comes next.
    take(&mut store, "two", mark(11, 3));
    store.compact(11).expect("compact");
    store.flush().expect("flush");
    store = disk.cut_power_and_reopen(store);
    assert_eq!((store.first_index(), store.last_index()), (12, 11), "it is empty");
    let falling = matches!(store.append(&[record(12, 2)]), Err(LogError::Disorder { .. }));
    assert!(falling, "its term may not fall below that of what was removed");
    store.append(&[record(12, 3)]).expect("append");
}

fn what_no_snapshot_contains_is_not_compacted<D: Disk>(disk: &mut D) {
    let mut store = ten(disk);
    store.compact(5).expect("compact");
    assert_eq!(store.first_index(), 1, "without a snapshot everything stays");
    take(&mut store, "one", mark(5, 2));
    store.compact(u64::MAX).expect("compact");
    assert_eq!(store.first_index(), 6, "what the snapshot does not contain stays");
}

fn a_snapshot_beyond_the_log_takes_its_place<D: Disk>(disk: &mut D) {
    let mut store = ten(disk);
    take(&mut store, "far", mark(100, 7));
    for _ in 0..2 {
        assert_eq!(store.base(), Position { index: 100, term: 7 }, "the log begins behind it");
        assert_eq!(all(&store), vec![], "no record of before is left");
        store = disk.cut_power_and_reopen(store);
    }
    store.append(&[record(101, 7), record(102, 7)]).expect("append");
    store.flush().expect("flush");
    store = disk.cut_power_and_reopen(store);
    assert_eq!(all(&store), [record(101, 7), record(102, 7)], "the log goes on behind it");
}

fn a_snapshot_of_another_entry_takes_the_logs_place<D: Disk>(disk: &mut D) {
    let records: Vec<_> = (1..=10).map(|index| record(index, 1)).collect();
    let mut store = filled(disk.create(), &records);
    store.flush().expect("flush");
    take(&mut store, "other", mark(5, 2));
    assert_eq!((store.first_index(), store.last_index()), (6, 5), "the conflicting tail is gone as well");
    store = disk.cut_power_and_reopen(store);
    assert_eq!((store.first_index(), store.last_index()), (6, 5), "and does not come back");
}

fn many_rounds_leave_the_last_snapshot_and_the_last_records<D: Disk>(disk: &mut D) {
    let mut store = disk.create();
    for round in 1..=30 {
        let last = round * 10;
        let records: Vec<_> = (last - 9..=last).map(|index| record(index, round)).collect();
        store.append(&records).expect("append");
        store.set_hard_state(HardState { term: round, vote: 0, commit: last }).expect("set the hard state");
        store.flush().expect("flush");
        take(&mut store, &format!("round {round}"), mark(last, round));
        store.compact(last - 3).expect("compact");
        // Not always is there time to tidy up before the next one.
        store.tidy(5).expect("tidy");
        if round % 7 == 0 {
            store = disk.cut_power_and_reopen(store);
        }
    }
    store.flush().expect("flush");
    store = disk.cut_power_and_reopen(store);
    assert_eq!((store.first_index(), store.last_index()), (298, 300), "the last records are there");
    assert_eq!(found(&store).1, chunks("round 30"), "and the last snapshot");
}
