//! Counting a space's values by state: step by step as they change, and from scratch to compare.

use allocd_types::usage::Counts;
use allocd_types::value::ValueState;

use super::ValueSpace;
use crate::interval::length;
use crate::taken::Taken;

impl ValueSpace {
    /// What the counts have to be: of all values in all ranges.
    #[must_use]
    pub fn recount(&self) -> Counts {
        self.count_between(0, u128::MAX)
    }

    /// What `taken` has to be: everything that is leased, reserved, excluded, resting or rested.
    #[must_use]
    pub(super) fn retake(&self) -> Taken {
        let mut taken = self.taken.leased_alone();
        self.excluded.iter().for_each(|(first, last)| taken.insert(first, last));
        let others = self.reserved.keys().chain(self.resting.keys()).chain(self.rested.keys());
        for number in others {
            taken.insert(*number, *number);
        }
        taken
    }

    /// The values from the first to the last number that are taken one by one; some come twice.
    pub(crate) fn points(&self, first: u128, last: u128) -> impl Iterator<Item = u128> + '_ {
        let leased = self.taken.leased(first, last).map(|(number, _)| number);
        let reserved = self.reserved.range(first..=last).map(|(number, _)| *number);
        let resting = self.resting.range(first..=last).map(|(number, _)| *number);
        let rested = self.rested.range(first..=last).map(|(number, _)| *number);
        leased.chain(reserved).chain(resting).chain(rested)
    }

    /// The values by state from the first to the last number, as far as they are in the ranges.
    #[must_use]
    pub(super) fn count_between(&self, first: u128, last: u128) -> Counts {
        let mut counts = Counts::default();
        for (low, high) in &self.ranges {
            let (low, high) = ((*low).max(first), (*high).min(last));
            if low <= high {
                counts = counts.plus(self.count_in_range(low, high));
            }
        }
        counts
    }

    fn count_in_range(&self, first: u128, last: u128) -> Counts {
        let mut counts = Counts { excluded: self.excluded.count_within(first, last), ..Counts::default() };
        for (number, _) in self.taken.leased(first, last) {
            counts.leased += 1;
            if self.excluded.contains(number) {
                counts.excluded -= 1;
            }
        }
        let points = self.resting.range(first..=last).map(|(number, _)| *number);
        counts.quarantined = of_state(points.map(|number| self.state(number)), ValueState::Quarantined);
        let points = self.reserved.range(first..=last).map(|(number, _)| *number);
        counts.reserved = of_state(points.map(|number| self.state(number)), ValueState::Reserved);
        let held = counts.leased + counts.quarantined + counts.reserved;
        counts.free = length(first, last).saturating_sub(held).saturating_sub(counts.excluded);
        counts
    }

    /// Says in words what is wrong inside the space, if anything is.
    #[must_use]
    pub fn flaws(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        if self.counts != self.recount() {
            flaws.push(format!("the counts are {}, a recount gives {}", self.counts, self.recount()));
        }
        if self.taken != self.retake() {
            flaws.push(
                "the set of taken values is not the union of what is held, resting, reserved and excluded"
                    .to_owned(),
            );
        }
        for number in self.rested.keys() {
            if self.state(*number) != ValueState::Free || !self.is_in_ranges(*number) {
                flaws.push(format!("value {number} is remembered as free but is {}", self.state(*number)));
            }
        }
        let by_end = self.resting.iter().map(|(number, memory)| (memory.rests_until, *number)).collect();
        if self.resting_by_end != by_end {
            flaws.push("the order of resting values is not that of the values that rest".to_owned());
        }
        let by_age = self.rested.iter().map(|(number, memory)| (memory.rests_until, *number)).collect();
        if self.rested_by_age != by_age {
            flaws.push("the order of rested values is not that of the values that have rested".to_owned());
        }
        flaws
    }
}

fn of_state(states: impl Iterator<Item = ValueState>, wanted: ValueState) -> u128 {
    states.filter(|state| *state == wanted).fold(0, |sum, _| sum + 1)
}

/// Moves one value from one state to another.
pub(super) fn move_one(counts: &mut Counts, from: ValueState, to: ValueState) {
    if let Some(count) = field(counts, from) {
        *count -= 1;
    }
    if let Some(count) = field(counts, to) {
        *count += 1;
    }
}

/// Takes the old counts of a part out of the whole and puts the new ones in.
pub(super) fn exchange(whole: Counts, old: Counts, new: Counts) -> Counts {
    Counts {
        free: whole.free.saturating_sub(old.free).saturating_add(new.free),
        leased: whole.leased - old.leased + new.leased,
        reserved: whole.reserved - old.reserved + new.reserved,
        quarantined: whole.quarantined - old.quarantined + new.quarantined,
        excluded: whole.excluded.saturating_sub(old.excluded).saturating_add(new.excluded),
    }
}

const fn field(counts: &mut Counts, state: ValueState) -> Option<&mut u128> {
    match state {
        ValueState::Free => Some(&mut counts.free),
        ValueState::Leased => Some(&mut counts.leased),
        ValueState::Reserved => Some(&mut counts.reserved),
        ValueState::Quarantined => Some(&mut counts.quarantined),
        ValueState::Excluded => Some(&mut counts.excluded),
        ValueState::Foreign => None,
    }
}
