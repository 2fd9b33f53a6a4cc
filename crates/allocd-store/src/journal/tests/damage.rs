//! Whatever is changed, cut, removed or put in another's place: a journal is found as it was, or refused, and never found with less.

use proptest::prelude::*;

use super::chance::Chance;
use super::faulty::{FaultyDirectory, SectorBytes};
use super::story::{LOG, SEGMENT_BYTES, State, Story, open};
use crate::damage::Damage;
use crate::journal::directory::Directory as _;
use crate::journal::{Journal, LogId, names};
use allocd_replica::log::{HardState, Record};

/// A journal of three segments, closed or killed, and what it came to.
fn small(is_closed: bool) -> (FaultyDirectory, State) {
    let directory = FaultyDirectory::default();
    let mut journal = Journal::create(directory.clone(), LOG, SEGMENT_BYTES).unwrap();
    for index in 1..=9_u64 {
        let bytes = vec![u8::try_from(index).unwrap(); 900];
        journal.append(&[Record { index, term: 1, bytes: bytes.into() }]).unwrap();
        journal.set_hard_state(HardState { term: 1, vote: 2, commit: index - 1 });
        journal.flush().unwrap();
    }
    let state = State::of(&journal);
    if !is_closed {
        directory.fail_after(0);
    }
    drop(journal);
    (directory.copy(), state)
}

fn segments(directory: &FaultyDirectory) -> Vec<String> {
    names::sort(directory.names().unwrap()).segments.into_iter().map(names::segment).collect()
}

/// Whether it is as it was; false if it was refused.
fn is_whole(directory: &FaultyDirectory, state: &State, what: &str) -> bool {
    match open(directory) {
        Ok(journal) => {
            assert_eq!(&State::of(&journal), state, "{what}: less is found");
            true
        }
        Err(_) => false,
    }
}

#[test]
fn any_flipped_byte_is_noticed_or_harmless() {
    // Each byte where the mark was synced, and some where it was not.
    for (is_closed, step) in [(true, 1), (false, 7)] {
        let (directory, state) = small(is_closed);
        let mut noticed = 0;
        for name in segments(&directory) {
            for at in (0..directory.contents(&name).len()).step_by(step) {
                let copy = directory.copy();
                copy.damage(&name, |bytes| bytes[at] ^= 0x10);
                noticed += usize::from(!is_whole(&copy, &state, &format!("{name} byte {at}")));
            }
        }
        assert!(noticed > 9 * 900 / step, "every byte of every record counts, and {noticed} were noticed");
    }
}

#[test]
fn a_file_that_ends_anywhere_is_noticed() {
    let (directory, state) = small(true);
    for name in segments(&directory) {
        for length in 0..directory.contents(&name).len() {
            let copy = directory.copy();
            copy.damage(&name, |bytes| bytes.truncate(length));
            assert!(!is_whole(&copy, &state, &name), "{name} cut at {length}");
        }
    }
}

#[test]
fn a_block_that_reads_as_zeros_or_as_another_is_noticed_or_harmless() {
    for is_closed in [true, false] {
        let (directory, state) = small(is_closed);
        for name in segments(&directory) {
            for block in 0..directory.contents(&name).len() / 512 {
                let range = block * 512..(block + 1) * 512;
                let zeros = directory.copy();
                zeros.damage(&name, |bytes| bytes[range.clone()].fill(0));
                is_whole(&zeros, &state, &format!("{name}: block {block} is zeros"));
                let other = directory.copy();
                other.damage(&name, |bytes| bytes.copy_within(512..1_024, range.start));
                is_whole(&other, &state, &format!("{name}: block {block} is another"));
            }
        }
    }
}

#[test]
fn a_missing_segment_is_noticed() {
    let (directory, state) = small(true);
    let names = segments(&directory);
    assert!(names.len() >= 3, "there is a first, a middle and a last one");
    for name in &names {
        let copy = directory.copy();
        copy.remove(name).unwrap();
        assert!(!is_whole(&copy, &state, name), "{name} is gone");
    }
}

#[test]
fn a_segment_in_anothers_place_is_noticed() {
    let (directory, state) = small(true);
    let names = segments(&directory);
    for name in &names {
        for other in names.iter().filter(|other| *other != name) {
            let copy = directory.copy();
            let bytes = directory.contents(other);
            copy.damage(name, |into| *into = bytes);
            assert!(!is_whole(&copy, &state, name), "{other} in the place of {name}");
        }
    }
}

#[test]
fn a_segment_of_another_log_is_noticed() {
    let (directory, state) = small(true);
    let stranger = FaultyDirectory::default();
    let mut journal = Journal::create(stranger.clone(), LogId(1), SEGMENT_BYTES).unwrap();
    for index in 1..=9_u64 {
        journal.append(&[Record { index, term: 1, bytes: vec![0; 900].into() }]).unwrap();
        journal.flush().unwrap();
    }
    drop(journal);
    for name in segments(&directory) {
        let copy = directory.copy();
        let bytes = stranger.contents(&name);
        copy.damage(&name, |into| *into = bytes);
        assert!(!is_whole(&copy, &state, &name), "{name} of another log");
    }
    let error = open(&stranger).map(drop).unwrap_err();
    assert!(error.to_string().contains("it belongs to another log"), "{error}");
}

#[test]
fn an_older_copy_of_the_last_segment_is_noticed() {
    let directory = FaultyDirectory::default();
    let mut journal = Journal::create(directory.clone(), LOG, SEGMENT_BYTES).unwrap();
    let mut copies = Vec::new();
    for index in 1..=20_u64 {
        journal.append(&[Record { index, term: 1, bytes: vec![0; 700].into() }]).unwrap();
        journal.flush().unwrap();
        copies.push(directory.copy());
    }
    let state = State::of(&journal);
    drop(journal);
    let names = segments(&directory);
    for older in &copies[..19] {
        // Some files are of now, some of then.
        for (at, name) in segments(older).iter().enumerate().filter(|&(at, _)| at + 1 < names.len()) {
            let mixed = directory.copy();
            let bytes = older.contents(name);
            mixed.damage(name, |into| *into = bytes);
            is_whole(&mixed, &state, &format!("segment {at} is older"));
        }
    }
}

#[test]
fn a_refusal_says_where_and_changes_nothing() {
    let (directory, _) = small(true);
    let name = segments(&directory).pop().unwrap();
    directory.damage(&name, |bytes| bytes[4_096 + 100] ^= 1);
    let before = directory.contents(&name);
    let error = open(&directory).map(drop).unwrap_err();
    let Damage::Segment { segment, offset, reason } = &error else { panic!("{error}") };
    assert_eq!(segment, &name);
    assert!((4_096..=4_196).contains(offset), "the frame around the damage begins at {offset}");
    assert!(reason.contains("was durable, and is not sound"), "{reason}");
    assert_eq!(directory.contents(&name), before);
}

/// Damages one place.
fn damage(directory: &FaultyDirectory, chance: &mut Chance) -> String {
    let names = segments(directory);
    let name = &names[chance.below(names.len())];
    let length = directory.contents(name).len();
    let at = chance.below(length);
    match chance.below(5) {
        0 | 1 => directory.damage(name, |bytes| bytes[at] ^= 1 << chance.below(8)),
        2 => directory.damage(name, |bytes| bytes.truncate(at)),
        3 => {
            let start = at / 512 * 512;
            let filler = u8::try_from(chance.below(2) * 255).unwrap();
            directory.damage(name, |bytes| bytes[start..(start + 512).min(length)].fill(filler));
        }
        _ => directory.remove(name).unwrap(),
    }
    format!("{name} at {at}")
}

proptest! {
    #[test]
    fn damage_to_a_log_that_was_closed_or_killed_is_noticed_or_harmless(seed: u64) {
        let mut story = Story::begin(seed);
        for _ in 0..story.chance.between(10, 80) {
            story.step().unwrap();
        }
        story.flush().unwrap();
        let Story { mut chance, directory, journal, states, .. } = story;
        if chance.percent(50) {
            directory.fail_after(0);
        }
        drop(journal);
        let directory = directory.copy();
        let what = damage(&directory, &mut chance);
        is_whole(&directory, states.last().unwrap(), &what);
    }

    /// Power fails, and then something is damaged. What the flush before the last one covered is safe even so.
    #[test]
    fn damage_after_a_power_cut_takes_no_more_than_the_last_flush(seed: u64) {
        let mut story = Story::begin(seed);
        for _ in 0..story.chance.between(10, 80) {
            story.step().unwrap();
        }
        let Story { mut chance, directory, states, flushed_before, journal, .. } = story;
        let directory = directory.after_power_cut(SectorBytes(512), &mut chance);
        let what = damage(&directory, &mut chance);
        if let Ok(journal) = open(&directory) {
            let found = State::of(&journal);
            let possible = &states[flushed_before..];
            prop_assert!(possible.contains(&found), "{}: found {:?}, and not one of {:?}", what, found, possible);
        }
        drop(journal);
    }
}
