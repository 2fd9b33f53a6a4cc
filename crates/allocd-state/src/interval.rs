//! A set of numbers kept as disjoint intervals: its cost follows the number of gaps, never the size of what is between them.

use imbl::OrdMap;

/// A set of numbers as intervals that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct IntervalSet {
    /// First number → last number.
    last_by_first: OrdMap<u128, u128>,
}

impl IntervalSet {
    /// True if the number is in the set.
    #[must_use]
    pub fn contains(&self, number: u128) -> bool {
        self.last_by_first.get_prev(&number).is_some_and(|(_, last)| *last >= number)
    }

    /// Adds all numbers from the first to the last.
    pub fn insert(&mut self, first: u128, last: u128) {
        let (mut low, mut high) = (first, last);
        if let Some((&before, &end)) = self.last_by_first.get_prev(&first)
            && end.checked_add(1).is_none_or(|next| next >= first)
        {
            low = before;
            high = high.max(end);
            self.last_by_first.remove(&before);
        }
        while let Some((&after, &end)) = self.last_by_first.get_next(&low) {
            if high.checked_add(1).is_some_and(|next| after > next) {
                break;
            }
            high = high.max(end);
            self.last_by_first.remove(&after);
        }
        self.last_by_first.insert(low, high);
    }

    /// Takes out all numbers from the first to the last.
    pub fn remove(&mut self, first: u128, last: u128) {
        if let Some((&before, &end)) = self.last_by_first.get_prev(&first)
            && end >= first
        {
            self.last_by_first.remove(&before);
            self.put_back(before, first.checked_sub(1));
            if end > last {
                self.last_by_first.insert(last + 1, end);
            }
        }
        while let Some((&after, &end)) = self.last_by_first.get_next(&first) {
            if after > last {
                break;
            }
            self.last_by_first.remove(&after);
            if end > last {
                self.last_by_first.insert(last + 1, end);
            }
        }
    }

    fn put_back(&mut self, first: u128, last: Option<u128>) {
        if let Some(last) = last.filter(|last| *last >= first) {
            self.last_by_first.insert(first, last);
        }
    }

    /// The lowest number between the two, both included, that is not in the set.
    #[must_use]
    pub fn first_gap(&self, first: u128, last: u128) -> Option<u128> {
        let candidate = match self.last_by_first.get_prev(&first) {
            Some((_, end)) if *end >= first => end.checked_add(1)?,
            Some(_) | None => first,
        };
        (candidate <= last).then_some(candidate)
    }

    /// How many numbers between the two, both included, are in the set; the count saturates.
    #[must_use]
    pub fn count_within(&self, first: u128, last: u128) -> u128 {
        self.overlaps(first, last).fold(0, |sum: u128, (low, high)| sum.saturating_add(length(low, high)))
    }

    /// The parts of the set between the two numbers, both included.
    pub fn overlaps(&self, first: u128, last: u128) -> impl Iterator<Item = (u128, u128)> + '_ {
        let start = self.last_by_first.get_prev(&first).map_or(first, |(before, _)| *before);
        self.last_by_first
            .range(start..)
            .map(|(low, high)| (*low, *high))
            .take_while(move |(low, _)| *low <= last)
            .filter(move |(_, high)| *high >= first)
            .map(move |(low, high)| (low.max(first), high.min(last)))
    }

    /// All intervals in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = (u128, u128)> + '_ {
        self.last_by_first.iter().map(|(first, last)| (*first, *last))
    }
}

/// How many numbers there are from the first to the last; saturates for all of them.
#[must_use]
pub const fn length(first: u128, last: u128) -> u128 {
    (last - first).saturating_add(1)
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
        assert_eq!(set.first_gap(0, u128::MAX), None);
        set.remove(u128::MAX, u128::MAX);
        assert_eq!(set.first_gap(0, u128::MAX), Some(u128::MAX));
        set.remove(0, 0);
        assert_eq!(set.first_gap(0, u128::MAX), Some(0));
        set.insert(u128::MAX, u128::MAX);
        assert_eq!(set.iter().collect::<Vec<_>>(), [(1, u128::MAX)]);
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_naive_set(steps in prop::collection::vec((any::<bool>(), 0_u128..40, 0_u128..8), 0..60)) {
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
                for number in 0..50 {
                    prop_assert_eq!(set.contains(number), naive.contains(&number));
                    let gap = (number..50).find(|candidate| !naive.contains(candidate));
                    prop_assert_eq!(set.first_gap(number, 49), gap);
                    let within = naive.range(number..50).count();
                    prop_assert_eq!(set.count_within(number, 49), u128::try_from(within).unwrap());
                }
                let intervals: Vec<_> = set.iter().collect();
                prop_assert!(intervals.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{:?}", intervals);
            }
        }
    }
}
