//! A set of numbers: its cost follows the number of pages that are neither empty nor full, never the size of what is in it.
//!
//! It is what is taken of a space in which nothing is leased (`taken`). Equal sets are kept alike, whatever brought them about.

use crate::pages::{LAST_PAGE, number_of, place};
use crate::taken::{Taken, Use};

/// A set of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct IntervalSet(Taken);

impl IntervalSet {
    /// True if the number is in the set.
    #[must_use]
    pub fn contains(&self, number: u128) -> bool {
        self.0.look_up(number) != Use::Free
    }

    /// Adds all numbers from the first to the last.
    pub fn insert(&mut self, first: u128, last: u128) {
        self.0.insert(first, last);
    }

    /// Takes out all numbers from the first to the last.
    pub fn remove(&mut self, first: u128, last: u128) {
        self.0.remove(first, last);
    }

    /// All of them taken, and nothing leased.
    pub(crate) fn taken(&self) -> Taken {
        self.0.clone()
    }

    /// How many numbers between the two, both included, are in the set; the count saturates.
    #[must_use]
    pub fn count_within(&self, first: u128, last: u128) -> u128 {
        let ((low, low_bit), (high, high_bit)) = (place(first), place(last));
        let runs = self.0.runs(low, high).map(|(from, upto)| {
            length(number_of(from, 0).max(first), number_of(upto, u64::BITS - 1).min(last))
        });
        let parts = self.0.parts(low, high).map(|(page, mask)| {
            let from = if page == low { u64::MAX << low_bit } else { u64::MAX };
            let upto = if page == high { u64::MAX >> (u64::BITS - 1 - high_bit) } else { u64::MAX };
            u128::from((mask & from & upto).count_ones())
        });
        runs.chain(parts).fold(0, u128::saturating_add)
    }

    /// All intervals in ascending order; no two touch.
    pub fn iter(&self) -> impl Iterator<Item = (u128, u128)> + '_ {
        let mut runs = self
            .0
            .runs(0, LAST_PAGE)
            .map(|(first, last)| (number_of(first, 0), number_of(last, u64::BITS - 1)));
        let mut parts = self.0.parts(0, LAST_PAGE).flat_map(|(page, mask)| intervals(page, mask));
        let (mut run, mut part) = (runs.next(), parts.next());
        let mut ascending = std::iter::from_fn(move || match (run, part) {
            (Some((low, _)), Some((other, _))) if other < low => std::mem::replace(&mut part, parts.next()),
            (None, Some(_)) => std::mem::replace(&mut part, parts.next()),
            (Some(_), _) => std::mem::replace(&mut run, runs.next()),
            (None, None) => None,
        });
        let mut open = ascending.next();
        std::iter::from_fn(move || {
            let (low, mut high) = open?;
            open = ascending.next();
            while let Some((_, end)) = open.filter(|(next, _)| high.checked_add(1) == Some(*next)) {
                high = end;
                open = ascending.next();
            }
            Some((low, high))
        })
    }
}

/// How many numbers there are from the first to the last; saturates for all of them.
#[must_use]
pub const fn length(first: u128, last: u128) -> u128 {
    (last - first).saturating_add(1)
}

/// The intervals in a page.
fn intervals(page: u128, mask: u64) -> impl Iterator<Item = (u128, u128)> {
    let mut bit = 0;
    std::iter::from_fn(move || {
        let rest = mask.checked_shr(bit).filter(|rest| *rest != 0)?;
        let first = bit + rest.trailing_zeros();
        bit = first + (mask >> first).trailing_ones();
        Some((number_of(page, first), number_of(page, bit - 1)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn touching_intervals_become_one() {
        let mut set = IntervalSet::default();
        set.insert(1, 3);
        set.insert(7, 9);
        set.insert(4, 6);
        assert_eq!(set.iter().collect::<Vec<_>>(), [(1, 9)]);
        set.remove(5, 5);
        assert_eq!(set.iter().collect::<Vec<_>>(), [(1, 4), (6, 9)]);
    }

    #[test]
    fn the_ends_of_all_numbers_are_no_special_case() {
        let mut set = IntervalSet::default();
        set.insert(0, u128::MAX);
        assert_eq!(set.iter().collect::<Vec<_>>(), [(0, u128::MAX)]);
        set.remove(u128::MAX, u128::MAX);
        assert_eq!(set.iter().collect::<Vec<_>>(), [(0, u128::MAX - 1)]);
        set.remove(0, 0);
        set.insert(u128::MAX, u128::MAX);
        assert_eq!(set.iter().collect::<Vec<_>>(), [(1, u128::MAX)]);
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_naive_set(steps in prop::collection::vec((any::<bool>(), 0_u128..400, 0_u128..200), 0..40)) {
            let (mut set, mut naive) = (IntervalSet::default(), BTreeSet::new());
            for (add, first, more) in steps {
                let last = first + more;
                if add {
                    set.insert(first, last);
                    naive.extend(first..=last);
                } else {
                    set.remove(first, last);
                    naive.retain(|number| !(first..=last).contains(number));
                }
                for number in (0..640).step_by(13) {
                    prop_assert_eq!(set.contains(number), naive.contains(&number));
                    let within = naive.range(number..640).count();
                    prop_assert_eq!(set.count_within(number, 639), u128::try_from(within).unwrap());
                }
                let intervals: Vec<_> = set.iter().collect();
                let size: u128 = intervals.iter().map(|(first, last)| length(*first, *last)).sum();
                prop_assert_eq!(size, u128::try_from(naive.len()).unwrap());
                prop_assert!(intervals.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{:?}", intervals);
            }
            // Equal sets are kept alike, whatever brought them about.
            let mut again = IntervalSet::default();
            naive.iter().for_each(|number| again.insert(*number, *number));
            prop_assert_eq!(&set, &again);
        }
    }
}
