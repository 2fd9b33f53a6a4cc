//! Whatever power or a kill interrupts, what was flushed is there, and opening never takes it for damage.
//!
//! `PROPTEST_CASES` says how many stories are told.

use proptest::prelude::*;

use super::faulty::SectorBytes;
use super::story::Story;

fn tell(seed: u64, sector: SectorBytes) {
    let mut story = Story::begin(seed);
    for _ in 0..4 {
        let fails_after = story.chance.next() % 60;
        story.directory.fail_after(fails_after);
        // Until power fails, or, at times, a little less.
        for _ in 0..story.chance.between(1, 80) {
            if story.step().is_err() {
                break;
            }
        }
        if story.chance.percent(30) {
            story.kill();
        }
        story.cut_power(sector);
    }
}

proptest! {
    #[test]
    fn what_was_flushed_survives_any_power_cut_in_small_sectors(seed: u64) {
        tell(seed, SectorBytes(512));
    }

    #[test]
    fn what_was_flushed_survives_any_power_cut_in_large_sectors(seed: u64) {
        tell(seed, SectorBytes(4_096));
    }

    #[test]
    fn a_close_keeps_all(seed: u64) {
        let mut story = Story::begin(seed);
        for _ in 0..40 {
            story.step().unwrap();
        }
        let Story { mut chance, directory, journal, states, .. } = story;
        drop(journal);
        let after = directory.after_power_cut(SectorBytes(512), &mut chance);
        let journal = super::story::open(&after).unwrap();
        prop_assert_eq!(&super::story::State::of(&journal), states.last().unwrap());
    }
}
