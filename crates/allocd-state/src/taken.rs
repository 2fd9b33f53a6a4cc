//! Which numbers of a space are taken, and which of them are leased to whom: one place to look both up.
//!
//! A page (`pages`) that is taken as a whole belongs to a run; a page that is taken in part, or has leases, tells what is taken
//! and what is leased. What is leased is taken.
//!
//! What must hold: a page that is kept has something taken, and is in a run if that is everything; a page in a run is kept only
//! if it has leases. So equal sets are kept alike, whatever brought them about.

mod leases;

use allocd_types::id::LeaseId;
use imbl::OrdMap;

use self::leases::Leases;
use crate::pages::{LAST_PAGE, Part, number_of, parts, place};
use crate::runs::Runs;

/// The numbers that are taken, with the leases of those that are leased.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Taken {
    /// The pages that are taken as a whole.
    runs: Runs,
    /// The pages that are taken in part, or have leases.
    pages: OrdMap<u128, Page>,
    /// How many numbers are leased.
    leased: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Page {
    /// Which numbers are taken, the lowest as the lowest bit.
    taken: u64,
    leases: Leases,
}

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Nothing.
    Free,
    /// Taken, for another reason than a lease.
    Taken,
    /// Leased.
    Leased(LeaseId),
}

impl Taken {
    /// What a number is.
    pub(crate) fn look_up(&self, number: u128) -> Use {
        let (page, bit) = place(number);
        match self.pages.get(&page) {
            Some(found) => match found.leases.get(bit) {
                Some(lease) => Use::Leased(lease),
                None if found.taken >> bit & 1 == 1 => Use::Taken,
                None => Use::Free,
            },
            None if self.runs.contains(page) => Use::Taken,
            None => Use::Free,
        }
    }

    /// The lease of a number.
    pub(crate) fn lease_of(&self, number: u128) -> Option<LeaseId> {
        let (page, bit) = place(number);
        self.pages.get(&page)?.leases.get(bit)
    }

    /// How many numbers are leased.
    pub(crate) const fn leased_count(&self) -> usize {
        self.leased
    }

    /// The leased numbers from the first to the last, in ascending order, with their leases.
    pub(crate) fn leased(&self, first: u128, last: u128) -> impl Iterator<Item = (u128, LeaseId)> + '_ {
        let pages = self.pages.range(place(first).0..=place(last).0);
        let all = pages
            .flat_map(|(page, found)| found.leases.iter().map(|(bit, lease)| (number_of(*page, bit), lease)));
        all.skip_while(move |(number, _)| *number < first).take_while(move |(number, _)| *number <= last)
    }

    /// The lowest number between the two, both included, that is not taken.
    pub(crate) fn first_gap(&self, first: u128, last: u128) -> Option<u128> {
        let (mut page, mut bit) = place(first);
        // At most the first page, a run behind it, and the page behind that: a page in part has a gap, and runs do not touch.
        while number_of(page, bit) <= last {
            let taken = self.pages.get(&page).map(|found| found.taken);
            // A page in part is in no run.
            let run = if taken.is_none_or(|taken| taken == u64::MAX) { self.runs.of(page) } else { None };
            if let Some((_, end)) = run {
                if end == LAST_PAGE {
                    return None;
                }
                (page, bit) = (end + 1, 0);
                continue;
            }
            let free = !taken.unwrap_or_default() & (u64::MAX << bit);
            if free != 0 {
                return Some(number_of(page, free.trailing_zeros())).filter(|gap| *gap <= last);
            }
            if page == LAST_PAGE {
                return None;
            }
            (page, bit) = (page + 1, 0);
        }
        None
    }

    /// The runs of pages that are taken as a whole, of those that have a page from the first to the last.
    pub(crate) fn runs(&self, first: u128, last: u128) -> impl Iterator<Item = (u128, u128)> + '_ {
        self.runs.range(first, last)
    }

    /// The pages from the first to the last that are taken in part, each with what is taken of it, the lowest as the lowest bit.
    pub(crate) fn parts(&self, first: u128, last: u128) -> impl Iterator<Item = (u128, u64)> + '_ {
        let pages = self.pages.range(first..=last).map(|(page, found)| (*page, found.taken));
        pages.filter(|(_, taken)| *taken != u64::MAX)
    }

    /// Leases a number, which is taken by that.
    pub(crate) fn lease(&mut self, number: u128, lease: LeaseId) {
        let (page, bit) = place(number);
        let Some(found) = self.pages.get_mut(&page) else {
            let taken = if self.runs.contains(page) { u64::MAX } else { 1 << bit };
            let mut leases = Leases::None;
            leases.insert(bit, lease);
            self.pages.insert(page, Page { taken, leases });
            self.leased += 1;
            return;
        };
        self.leased += usize::from(found.leases.insert(bit, lease));
        let before = found.taken;
        found.taken |= 1 << bit;
        if before != u64::MAX && found.taken == u64::MAX {
            self.runs.insert(page, page);
        }
    }

    /// Ends the lease of a number, which stays taken.
    pub(crate) fn unlease(&mut self, number: u128) {
        let (page, bit) = place(number);
        // To change what is not there would copy what a version holds.
        if self.lease_of(number).is_none() {
            return;
        }
        let Some(found) = self.pages.get_mut(&page) else { return };
        self.leased -= usize::from(found.leases.remove(bit));
        if found.is_told_by_runs() {
            self.pages.remove(&page);
        }
    }

    /// Takes all numbers from the first to the last.
    pub(crate) fn insert(&mut self, first: u128, last: u128) {
        for part in parts(first, last) {
            match part {
                Part::InPage(page, part) => self.insert_in_page(page, part),
                Part::Whole(first, last) => {
                    for page in self.pages_within(first, last) {
                        self.set_taken(page, u64::MAX);
                    }
                    self.runs.insert(first, last);
                }
            }
        }
    }

    /// Gives all numbers from the first to the last free, but for those that are leased.
    pub(crate) fn remove(&mut self, first: u128, last: u128) {
        for part in parts(first, last) {
            match part {
                Part::InPage(page, part) => self.remove_in_page(page, part),
                Part::Whole(first, last) => {
                    self.runs.remove(first, last);
                    for page in self.pages_within(first, last) {
                        let leased = self.pages.get(&page).map_or(0, |found| found.leases.mask());
                        self.set_taken(page, leased);
                        if leased == u64::MAX {
                            self.runs.insert(page, page);
                        }
                    }
                }
            }
        }
    }

    /// What is leased, and nothing else that is taken.
    pub(crate) fn leased_alone(&self) -> Self {
        let mut alone = self.clone();
        alone.remove(0, u128::MAX);
        alone
    }

    fn insert_in_page(&mut self, page: u128, part: u64) {
        match self.pages.get(&page).map(|found| found.taken) {
            // To change nothing would copy what a version holds.
            Some(taken) if taken & part == part => {}
            Some(taken) => {
                self.set_taken(page, taken | part);
                if taken | part == u64::MAX {
                    self.runs.insert(page, page);
                }
            }
            None if self.runs.contains(page) => {}
            None => {
                self.pages.insert(page, Page { taken: part, leases: Leases::None });
            }
        }
    }

    fn remove_in_page(&mut self, page: u128, part: u64) {
        let (taken, leased) = match self.pages.get(&page) {
            Some(found) => (found.taken, found.leases.mask()),
            None if self.runs.contains(page) => (u64::MAX, 0),
            None => return,
        };
        let left = taken & !part | leased;
        if left == taken {
            return;
        }
        if taken == u64::MAX {
            self.runs.remove(page, page);
        }
        if self.pages.contains_key(&page) {
            self.set_taken(page, left);
        } else {
            self.pages.insert(page, Page { taken: left, leases: Leases::None });
        }
    }

    /// Sets what is taken of a page that is kept, and keeps it no longer if nothing is left to tell.
    fn set_taken(&mut self, page: u128, taken: u64) {
        let Some(found) = self.pages.get_mut(&page) else { return };
        found.taken = taken;
        if taken == 0 || found.is_told_by_runs() {
            self.pages.remove(&page);
        }
    }

    /// The pages from the first to the last that are kept.
    fn pages_within(&self, first: u128, last: u128) -> Vec<u128> {
        self.pages.range(first..=last).map(|(page, _)| *page).collect()
    }
}

impl Page {
    /// True if the page is taken as a whole and has no lease.
    fn is_told_by_runs(&self) -> bool {
        self.taken == u64::MAX && self.leases == Leases::None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// Whatever is leased or taken otherwise, number by number.
    #[derive(Debug, Clone, Default)]
    struct Naive {
        taken: BTreeSet<u128>,
        leases: BTreeMap<u128, LeaseId>,
    }

    #[derive(Debug, Clone)]
    enum Step {
        Lease(u128, u64),
        Unlease(u128),
        Insert(u128, u128),
        Remove(u128, u128),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        // The ends of all numbers are tried as well.
        let number = || {
            (0_u128..200).prop_map(|number| if number < 150 { number } else { u128::MAX - (number - 150) })
        };
        let range = || (number(), 0_u128..150).prop_map(|(first, more)| (first, first.saturating_add(more)));
        let step = prop_oneof![
            4 => (number(), 0_u64..5).prop_map(|(number, lease)| Step::Lease(number, lease)),
            3 => number().prop_map(Step::Unlease),
            1 => range().prop_map(|(first, last)| Step::Insert(first, last)),
            1 => range().prop_map(|(first, last)| Step::Remove(first, last)),
        ];
        prop::collection::vec(step, 0..150)
    }

    impl Naive {
        fn step(&mut self, step: &Step) {
            match *step {
                Step::Lease(number, lease) => {
                    self.taken.insert(number);
                    self.leases.insert(number, LeaseId::new(lease));
                }
                Step::Unlease(number) => {
                    self.leases.remove(&number);
                }
                Step::Insert(first, last) => self.taken.extend(first..=last),
                Step::Remove(first, last) => {
                    let leases = &self.leases;
                    self.taken
                        .retain(|number| !(first..=last).contains(number) || leases.contains_key(number));
                }
            }
        }

        fn again(&self) -> Taken {
            let mut again = Taken::default();
            self.leases.iter().rev().for_each(|(number, lease)| again.lease(*number, *lease));
            self.taken.iter().for_each(|number| again.insert(*number, *number));
            again
        }
    }

    fn step(taken: &mut Taken, step: &Step) {
        match *step {
            Step::Lease(number, lease) => taken.lease(number, LeaseId::new(lease)),
            Step::Unlease(number) => taken.unlease(number),
            Step::Insert(first, last) => taken.insert(first, last),
            Step::Remove(first, last) => taken.remove(first, last),
        }
    }

    fn compare(taken: &Taken, naive: &Naive) -> Result<(), TestCaseError> {
        prop_assert_eq!(taken.leased_count(), naive.leases.len());
        for number in (0..320).chain(u128::MAX - 60..=u128::MAX) {
            let wanted = match naive.leases.get(&number) {
                Some(lease) => Use::Leased(*lease),
                None if naive.taken.contains(&number) => Use::Taken,
                None => Use::Free,
            };
            prop_assert_eq!(taken.look_up(number), wanted);
            prop_assert_eq!(taken.lease_of(number), naive.leases.get(&number).copied());
        }
        for (first, last) in [(0, 310), (10, 20), (63, 64), (70, 70), (u128::MAX - 60, u128::MAX)] {
            let gap = (first..=last).find(|number| !naive.taken.contains(number));
            prop_assert_eq!(taken.first_gap(first, last), gap);
            let wanted: Vec<_> =
                naive.leases.range(first..=last).map(|(number, lease)| (*number, *lease)).collect();
            prop_assert_eq!(taken.leased(first, last).collect::<Vec<_>>(), wanted);
        }
        // Equal contents are kept alike, whatever brought them about.
        prop_assert_eq!(taken, &naive.again());
        let mut leased = naive.clone();
        leased.step(&Step::Remove(0, u128::MAX));
        prop_assert_eq!(taken.leased_alone(), leased.again());
        Ok(())
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_set_and_a_map(steps in steps()) {
            let (mut taken, mut naive) = (Taken::default(), Naive::default());
            let mut versions = Vec::new();
            for (at, one) in steps.iter().enumerate() {
                step(&mut taken, one);
                naive.step(one);
                if at % 16 == 0 {
                    versions.push((taken.clone(), naive.clone()));
                }
            }
            // What was held meanwhile is as it was.
            versions.push((taken, naive));
            for (taken, naive) in versions {
                compare(&taken, &naive)?;
            }
        }
    }
}
