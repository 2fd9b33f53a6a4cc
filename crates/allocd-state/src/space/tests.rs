//! What a value space promises, by example and by property.

use allocd_types::limits::RESTED_PER_POOL_MAX;
use proptest::prelude::*;

use super::*;

fn time(millis: u64) -> ClusterTime {
    ClusterTime::from_millis(millis)
}

fn memory(lease: u64, until: u64) -> Memory {
    Memory { lease: LeaseId::new(lease), rests_until: time(until) }
}

fn space(ranges: &[(u128, u128)]) -> ValueSpace {
    ValueSpace::new(ranges.to_vec(), IntervalSet::default())
}

#[test]
fn never_used_comes_before_rested_and_rested_in_the_order_of_freeing() {
    let mut space = space(&[(10, 12)]);
    for number in 10..=11 {
        assert_eq!(space.lowest_unused(), Some(number));
        space.lease(number, LeaseId::new(1));
    }
    // 11 is freed before 10; both have rested.
    space.free(11, memory(1, 100));
    space.free(10, memory(1, 200));
    assert_eq!(space.counts().quarantined, 2);
    space.end_rest(11);
    space.end_rest(10);
    // 12 was never used, so it comes first; then 11, which is free longest.
    assert_eq!(space.lowest_unused(), Some(12));
    space.lease(12, LeaseId::new(2));
    assert_eq!(space.lowest_unused(), None);
    assert_eq!(space.longest_rested(), Some((time(100), 11)));
}

#[test]
fn an_excluded_value_that_is_leased_is_excluded_once_it_is_given_back() {
    let mut space = space(&[(0, 9)]);
    space.lease(3, LeaseId::new(1));
    space.exclude(2, 5);
    assert_eq!((space.state(3), space.counts().excluded), (ValueState::Leased, 3));
    space.free(3, memory(1, 10));
    assert_eq!((space.state(3), space.counts().excluded), (ValueState::Excluded, 4));
    assert_eq!(space.end_rest(3), [LeaseId::new(1)]);
    assert_eq!(space.flaws(), Vec::<String>::new());
}

#[test]
fn a_random_place_finds_the_last_free_value_wherever_it_is() {
    let mut space = space(&[(0, 7), (100, 107)]);
    for number in (0..8).chain(100..108).filter(|number| *number != 5) {
        space.lease(number, LeaseId::new(1));
    }
    for draw in 0..40 {
        assert_eq!(space.unused_near(draw), Some(5), "{draw}");
    }
    space.lease(5, LeaseId::new(1));
    assert_eq!(space.unused_near(3), None);
    assert_eq!(ValueSpace::default().unused_near(3), None);
}

#[test]
fn the_history_is_bounded_and_the_oldest_counts_as_never_used() {
    let last = u128::try_from(RESTED_PER_POOL_MAX).unwrap();
    let mut space = space(&[(0, last)]);
    for number in 0..=last {
        space.lease(number, LeaseId::new(7));
        space.free(number, memory(7, u64::try_from(number).unwrap()));
        let forgotten = space.end_rest(number);
        assert_eq!(forgotten.len(), usize::from(number == last));
    }
    assert_eq!(space.lowest_unused(), Some(0));
    assert_eq!(space.longest_rested(), Some((time(1), 1)));
    assert_eq!(space.flaws(), Vec::<String>::new());
}

#[test]
fn the_whole_of_ipv6_costs_no_more_than_a_small_pool() {
    let mut space = space(&[(0, u128::MAX)]);
    space.exclude(0, 1 << 100);
    assert_eq!(space.lowest_unused(), Some((1 << 100) + 1));
    space.lease((1 << 100) + 1, LeaseId::new(1));
    assert_eq!(space.counts().leased, 1);
}

#[derive(Debug, Clone)]
enum Step {
    Lease(u128),
    Free(u128),
    EndRest(u128),
    Reserve(u128),
    Unreserve(u128),
    Exclude(u128, u128),
    ClearExcluded,
    Readmit(u128, u128, bool),
    Range(u128),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let number = 0_u128..24;
    let step = prop_oneof![
        4 => number.clone().prop_map(Step::Lease),
        3 => number.clone().prop_map(Step::Free),
        3 => number.clone().prop_map(Step::EndRest),
        1 => number.clone().prop_map(Step::Reserve),
        1 => number.clone().prop_map(Step::Unreserve),
        1 => (number.clone(), 0_u128..4).prop_map(|(first, more)| Step::Exclude(first, first + more)),
        1 => (number.clone(), 0_u128..9, any::<bool>())
            .prop_map(|(first, more, half)| Step::Readmit(first, first + more, half)),
        1 => number.prop_map(Step::Range),
        1 => Just(Step::ClearExcluded),
    ];
    prop::collection::vec(step, 0..120)
}

proptest! {
    #[test]
    fn counts_and_taken_are_always_what_a_recount_gives(steps in steps()) {
        let mut space = space(&[(2, 9), (12, 20)]);
        for (at, step) in steps.into_iter().enumerate() {
            let at = u64::try_from(at).unwrap();
            match step {
                Step::Lease(number) if space.lease_of(number).is_none() => { space.lease(number, LeaseId::new(at)); }
                Step::Free(number) => if let Some(lease) = space.lease_of(number) {
                    space.free(number, memory(lease.get(), at));
                },
                Step::EndRest(number) => { space.end_rest(number); }
                Step::Reserve(number) => { space.reserve(number, ReservationName::new("r").unwrap()); }
                Step::Unreserve(number) => space.unreserve(number),
                Step::Exclude(first, last) => { space.exclude(first, last); }
                Step::ClearExcluded => { space.set_excluded(IntervalSet::default()); }
                Step::Readmit(first, last, half) => {
                    let mut still = IntervalSet::default();
                    if half {
                        still.insert(first, (first + last) / 2);
                    }
                    // What stays excluded was so before.
                    if still.iter().all(|(first, last)| space.excluded.count_within(first, last) == length(first, last)) {
                        space.readmit(first, last, &still);
                    }
                }
                Step::Range(first) => { space.set_ranges(vec![(first, first + 5), (first + 9, first + 12)]); }
                Step::Lease(_) => {}
            }
            prop_assert_eq!(space.flaws(), Vec::<String>::new());
            if let Some(number) = space.lowest_unused() {
                prop_assert_eq!(space.state(number), ValueState::Free);
                prop_assert!(space.memory_of(number).is_none());
            }
        }
    }
}

type Break = (&'static str, fn(&mut ValueSpace));

const BREAKS: [Break; 7] = [
    ("a count", |space| space.counts.free += 1),
    ("a value that is taken for nothing", |space| space.taken.insert(8, 8)),
    ("a resting value that counts as never used", |space| space.taken.remove(2, 2)),
    ("a rest without its deadline", |space| space.resting_by_end.clear()),
    ("a deadline without a rest", |space| {
        space.resting_by_end.insert((time(9), 9));
    }),
    ("a rested value out of its order", |space| space.rested_by_age.clear()),
    ("a rested value that is leased", |space| {
        space.rested.insert(1, memory(1, 1));
    }),
];

#[test]
fn every_broken_part_of_a_space_is_found() {
    let mut sound = space(&[(0, 9)]);
    for number in 1..=3 {
        sound.lease(number, LeaseId::new(1));
    }
    sound.free(2, memory(1, 5));
    sound.free(3, memory(1, 6));
    sound.end_rest(3);
    assert_eq!(sound.flaws(), Vec::<String>::new());
    for (what, break_it) in BREAKS {
        let mut space = sound.clone();
        break_it(&mut space);
        assert_ne!(space.flaws(), Vec::<String>::new(), "{what} is not found");
    }
}
