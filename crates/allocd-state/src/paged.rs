//! A persistent map of numbers that tend to lie close together to small values.
//!
//! Numbers lie in pages of 64, each behind an `Arc` of its own with room for what is in it. Against a map with a place for each
//! number, that takes a fifth of the memory where numbers follow each other, and a third where one in ten is there; and there are
//! fewer nodes to find a number in, and to copy while a version of the map is held.
//!
//! What must hold: no page is empty, so that equal maps are kept alike.

use std::ops::RangeInclusive;
use std::sync::Arc;

use imbl::OrdMap;

use crate::interval::{number_of, place};

/// For how many more values a page that is full gets room.
const ROOM: usize = 4;

/// A map of numbers to small values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PagedMap<V> {
    pages: OrdMap<u128, Arc<Page<V>>>,
    len: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Page<V> {
    /// Which numbers are there, the lowest as the lowest bit.
    mask: u64,
    /// Their values, in the order of the numbers.
    values: Vec<V>,
}

impl<V> Default for PagedMap<V> {
    fn default() -> Self {
        Self { pages: OrdMap::new(), len: 0 }
    }
}

impl<V: Copy> PagedMap<V> {
    /// How many numbers there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of a number.
    #[must_use]
    pub fn get(&self, number: u128) -> Option<V> {
        let (page, bit) = place(number);
        self.pages.get(&page)?.get(bit)
    }

    /// True if the number is there.
    #[must_use]
    pub fn contains(&self, number: u128) -> bool {
        let (page, bit) = place(number);
        self.pages.get(&page).is_some_and(|page| page.has(bit))
    }

    /// Gives a number a value.
    pub fn insert(&mut self, number: u128, value: V) {
        let (page, bit) = place(number);
        match self.pages.get_mut(&page) {
            Some(page) => self.len += usize::from(Arc::make_mut(page).insert(bit, value)),
            None => {
                let mut new = Page { mask: 0, values: Vec::new() };
                new.insert(bit, value);
                self.pages.insert(page, Arc::new(new));
                self.len += 1;
            }
        }
    }

    /// Takes a number out.
    pub fn remove(&mut self, number: u128) {
        let (page, bit) = place(number);
        if !self.contains(number) {
            return;
        }
        let Some(found) = self.pages.get_mut(&page) else { return };
        let found = Arc::make_mut(found);
        found.remove(bit);
        self.len -= 1;
        if found.mask == 0 {
            self.pages.remove(&page);
        }
    }

    /// Which numbers of which page are there, page by page.
    pub(crate) fn masks(&self) -> impl Iterator<Item = (u128, u64)> + '_ {
        self.pages.iter().map(|(page, found)| (*page, found.mask))
    }

    /// The numbers in a range, in ascending order, with their values.
    pub fn range(&self, range: RangeInclusive<u128>) -> impl Iterator<Item = (u128, V)> + '_ {
        let (first, last) = range.into_inner();
        let pages = self.pages.range(place(first).0..=place(last).0);
        let all = pages
            .flat_map(|(page, found)| found.numbers().map(|(bit, value)| (number_of(*page, bit), value)));
        all.skip_while(move |(number, _)| *number < first).take_while(move |(number, _)| *number <= last)
    }
}

impl<V: Copy> Page<V> {
    const fn has(&self, bit: u32) -> bool {
        self.mask >> bit & 1 == 1
    }

    /// Where the value of a number is, or would be.
    fn rank(&self, bit: u32) -> usize {
        let below = self.mask & !(u64::MAX << bit);
        usize::try_from(below.count_ones()).expect("a page has 64 numbers")
    }

    fn get(&self, bit: u32) -> Option<V> {
        if self.has(bit) { self.values.get(self.rank(bit)).copied() } else { None }
    }

    /// True if it was not there.
    fn insert(&mut self, bit: u32, value: V) -> bool {
        let rank = self.rank(bit);
        if self.has(bit) {
            self.values[rank] = value;
            return false;
        }
        if self.values.len() == self.values.capacity() {
            self.values.reserve_exact(ROOM.max(self.values.len() / ROOM));
        }
        self.values.insert(rank, value);
        self.mask |= 1 << bit;
        true
    }

    fn remove(&mut self, bit: u32) {
        self.values.remove(self.rank(bit));
        self.mask &= !(1 << bit);
    }

    fn numbers(&self) -> impl Iterator<Item = (u32, V)> + '_ {
        let bits = (0..u64::BITS).filter(|bit| self.has(*bit));
        bits.zip(self.values.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_agrees_with_a_map(steps in prop::collection::vec((any::<bool>(), 0_u128..200, any::<u8>()), 0..300)) {
            let (mut map, mut naive) = (PagedMap::default(), BTreeMap::new());
            let mut versions = Vec::new();
            for (add, number, value) in steps {
                let number = if number < 150 { number } else { u128::MAX - number };
                if add {
                    map.insert(number, value);
                    naive.insert(number, value);
                } else {
                    map.remove(number);
                    naive.remove(&number);
                }
                prop_assert_eq!(map.get(number), naive.get(&number).copied());
                prop_assert_eq!(map.contains(number), add);
                prop_assert_eq!((map.len(), map.is_empty()), (naive.len(), naive.is_empty()));
                if value < 16 {
                    versions.push((map.clone(), naive.clone()));
                }
            }
            // What was held meanwhile is as it was.
            versions.push((map, naive));
            for (map, naive) in versions {
                for (first, last) in [(0, u128::MAX), (10, 20), (63, 64), (70, 70), (140, u128::MAX - 170)] {
                    let found: Vec<_> = map.range(first..=last).collect();
                    let wanted: Vec<_> = naive.range(first..=last).map(|(number, value)| (*number, *value)).collect();
                    prop_assert_eq!(found, wanted);
                }
                let mut again = PagedMap::default();
                naive.iter().for_each(|(number, value)| again.insert(*number, *value));
                prop_assert_eq!(map, again);
            }
        }
    }
}
