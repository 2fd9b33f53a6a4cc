//! The values of one kind in one scope, and which of them may be handed out.
//!
//! A value is a number. Each is in exactly one state, the first of these that fits: leased, excluded, quarantined, reserved,
//! free. What is handed out next is the lowest (or a random) value that was never used, else the free one that has rested
//! longest. Both are found in O(log n) of what is held; a /8, a /64 and a pool with one value left cost the same.
//!
//! ```text
//!   never used ──lease──► leased ──free──► resting ──rest──► rested ──(history full)──► never used
//!                            ▲                │                │
//!                            └──same holder───┴──anybody───────┘
//! ```
//!
//! What must hold: `taken` is the union of everything that is not never-used; a rested value is free; `counts` is what a
//! recount would give. `flaws` compares all three.

mod count;
mod remembered;

pub use remembered::Rest;

use imbl::{OrdMap, OrdSet};

use allocd_types::id::LeaseId;
use allocd_types::limits::RESTED_PER_POOL_MAX;
use allocd_types::name::ReservationName;
use allocd_types::time::ClusterTime;
use allocd_types::usage::Counts;
use allocd_types::value::ValueState;

use crate::interval::{IntervalSet, length};
use crate::taken::{Taken, Use};

/// The values of one kind in one scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ValueSpace {
    /// What may be handed out by itself, in this order; values outside can be pinned only.
    ranges: Vec<(u128, u128)>,
    /// Everything that is not never-used, and what of it is leased.
    taken: Taken,
    reserved: OrdMap<u128, ReservationName>,
    excluded: IntervalSet,
    resting: OrdMap<u128, Memory>,
    resting_by_end: OrdSet<(ClusterTime, u128)>,
    rested: OrdMap<u128, Memory>,
    rested_by_age: OrdSet<(ClusterTime, u128)>,
    counts: Counts,
}

/// What is remembered of a value that was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Memory {
    /// The lease that held it; [`Memory::NOBODY`] if it goes back to no holder.
    pub lease: LeaseId,
    /// When its rest ends or ended.
    pub rests_until: ClusterTime,
}

impl Memory {
    /// What stands for the lease of a value that goes back to nobody: no lease has this id.
    pub const NOBODY: LeaseId = LeaseId::new(0);
}

impl ValueSpace {
    /// Makes a space of these ranges, without the excluded values.
    #[must_use]
    pub fn new(ranges: Vec<(u128, u128)>, excluded: IntervalSet) -> Self {
        let mut space = Self { ranges, taken: excluded.taken(), excluded, ..Self::default() };
        space.counts = space.recount();
        space
    }

    /// The values by state; values outside the ranges are not counted.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// The ranges that are handed out from.
    #[must_use]
    pub fn ranges(&self) -> &[(u128, u128)] {
        &self.ranges
    }

    /// True if the value lies in one of the ranges.
    #[must_use]
    pub fn is_in_ranges(&self, number: u128) -> bool {
        self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }

    /// The state of a value.
    #[must_use]
    pub fn state(&self, number: u128) -> ValueState {
        match self.taken.look_up(number) {
            Use::Leased(_) => ValueState::Leased,
            Use::Taken => self.state_unless_leased(number),
            // It was never used.
            Use::Free => ValueState::Free,
        }
    }

    fn state_unless_leased(&self, number: u128) -> ValueState {
        if self.excluded.contains(number) {
            ValueState::Excluded
        } else if self.resting.contains_key(&number) {
            ValueState::Quarantined
        } else if self.reserved.contains_key(&number) {
            ValueState::Reserved
        } else {
            ValueState::Free
        }
    }

    /// The lease that holds a value.
    #[must_use]
    pub fn lease_of(&self, number: u128) -> Option<LeaseId> {
        self.taken.lease_of(number)
    }

    /// The reservation of a value.
    #[must_use]
    pub fn reservation_of(&self, number: u128) -> Option<&ReservationName> {
        self.reserved.get(&number)
    }

    /// What is remembered of a value that rests or has rested.
    #[must_use]
    pub fn memory_of(&self, number: u128) -> Option<Memory> {
        self.remembered_of(number).map(|(memory, _)| memory)
    }

    /// When the next resting value comes to its end.
    #[must_use]
    pub fn next_rest_end(&self) -> Option<ClusterTime> {
        self.resting_by_end.get_min().map(|(end, _)| *end)
    }

    /// When the next resting value comes free: one that is excluded, set aside or outside the ranges does not.
    #[must_use]
    pub fn next_free_at(&self) -> Option<ClusterTime> {
        let comes_free = |number: u128| {
            self.state(number) == ValueState::Quarantined
                && !self.reserved.contains_key(&number)
                && self.is_in_ranges(number)
        };
        self.resting_by_end.iter().find(|(_, number)| comes_free(*number)).map(|(end, _)| *end)
    }

    /// The resting values that are due, the earliest first.
    pub fn due(&self, now: ClusterTime) -> impl Iterator<Item = u128> + '_ {
        self.resting_by_end.iter().take_while(move |(end, _)| *end <= now).map(|(_, number)| *number)
    }

    /// How many values rest.
    #[must_use]
    pub fn resting_count(&self) -> usize {
        self.resting.len()
    }

    /// How many values are leased.
    #[must_use]
    pub fn leased_count(&self) -> usize {
        self.taken.leased_count()
    }

    /// True if nothing is leased, reserved or resting here.
    #[must_use]
    pub fn is_unused(&self) -> bool {
        self.taken.leased_count() == 0 && self.resting.is_empty() && self.reserved.is_empty()
    }

    /// The former leases that resting and rested values remember, once for each value.
    pub fn remembered(&self) -> impl Iterator<Item = LeaseId> + '_ {
        let memories = self.resting.values().chain(self.rested.values());
        memories.map(|memory| memory.lease).filter(|lease| *lease != Memory::NOBODY)
    }

    /// True if these are the excluded values, and no others are.
    #[must_use]
    pub fn excludes_exactly(&self, excluded: &IntervalSet) -> bool {
        self.excluded == *excluded
    }

    /// How many values from the first to the last number are leased, reserved or resting.
    #[must_use]
    pub fn used_within(&self, first: u128, last: u128) -> usize {
        self.taken.leased(first, last).count()
            + self.resting.range(first..=last).count()
            + self.reserved.range(first..=last).count()
    }

    /// The values that are set aside, each with its reservation.
    pub fn reserved(&self) -> impl Iterator<Item = (u128, &ReservationName)> {
        self.reserved.iter().map(|(number, reservation)| (*number, reservation))
    }

    /// The leased values from the first to the last number.
    pub fn leased_within(&self, first: u128, last: u128) -> impl Iterator<Item = (u128, LeaseId)> + '_ {
        self.taken.leased(first, last)
    }

    /// The lowest value that was never used, range by range.
    #[must_use]
    pub fn lowest_unused(&self) -> Option<u128> {
        self.ranges.iter().find_map(|(first, last)| self.taken.first_gap(*first, *last))
    }

    /// A never-used value near a random place: that place, or the next gap above it, round the end if need be.
    #[must_use]
    pub fn unused_near(&self, draw: u128) -> Option<u128> {
        let total =
            self.ranges.iter().fold(0_u128, |sum, (first, last)| sum.saturating_add(length(*first, *last)));
        let mut place = draw.checked_rem(total)?;
        for (at, (first, last)) in self.ranges.iter().enumerate() {
            let size = length(*first, *last);
            if place < size {
                let above = self.taken.first_gap(first + place, *last);
                let later = || {
                    self.ranges[at + 1..].iter().find_map(|(first, last)| self.taken.first_gap(*first, *last))
                };
                return above.or_else(later).or_else(|| self.lowest_unused());
            }
            place -= size;
        }
        None
    }

    /// The free value that has rested longest, with the time its rest ended.
    #[must_use]
    pub fn longest_rested(&self) -> Option<(ClusterTime, u128)> {
        self.rested_by_age.get_min().copied()
    }

    /// Gives a value to a lease. Answers the lease that is no longer remembered for it.
    pub fn lease(&mut self, number: u128, lease: LeaseId) -> Option<LeaseId> {
        let (before, forgotten) = match self.taken.look_up(number) {
            Use::Leased(_) => (ValueState::Leased, None),
            Use::Taken => (self.state_unless_leased(number), self.forget(number)),
            Use::Free => (ValueState::Free, None),
        };
        self.taken.lease(number, lease);
        if self.is_in_ranges(number) {
            count::move_one(&mut self.counts, before, ValueState::Leased);
        }
        forgotten
    }

    /// Takes a value from its lease and lets it rest.
    pub fn free(&mut self, number: u128, memory: Memory) {
        self.change(number, |space| {
            space.taken.unlease(number);
            space.resting.insert(number, memory);
            space.resting_by_end.insert((memory.rests_until, number));
        });
    }

    /// Ends a value's rest. Answers the leases that are no longer remembered: of this value, if it is not free now or lies
    /// outside the ranges, and of the one freed longest ago, if the history is full.
    pub fn end_rest(&mut self, number: u128) -> Vec<LeaseId> {
        let mut forgotten = Vec::new();
        self.change(number, |space| {
            let Some(memory) = space.resting.remove(&number) else { return };
            space.resting_by_end.remove(&(memory.rests_until, number));
            if space.state(number) == ValueState::Free && space.is_in_ranges(number) {
                space.rested.insert(number, memory);
                space.rested_by_age.insert((memory.rests_until, number));
            } else {
                forgotten.push(memory.lease);
                space.settle(number);
            }
        });
        while self.rested.len() > RESTED_PER_POOL_MAX {
            let Some((_, oldest)) = self.longest_rested() else { break };
            forgotten.extend(self.forget(oldest));
            self.settle(oldest);
        }
        forgotten
    }

    /// Takes a value from its lease without a rest, as if it had never been given to it.
    pub fn unlease(&mut self, number: u128) {
        self.change(number, |space| {
            space.taken.unlease(number);
            space.settle(number);
        });
    }

    /// Sets a value aside. Answers the lease that is no longer remembered for it.
    pub fn reserve(&mut self, number: u128, reservation: ReservationName) -> Option<LeaseId> {
        self.change(number, |space| {
            space.reserved.insert(number, reservation);
            space.taken.insert(number, number);
            space.forget_rested(number)
        })
    }

    /// Gives a reserved value free.
    pub fn unreserve(&mut self, number: u128) {
        self.change(number, |space| {
            space.reserved.remove(&number);
            space.settle(number);
        });
    }

    /// Makes these the excluded values, and no others. Answers the leases that are no longer remembered.
    pub fn set_excluded(&mut self, excluded: IntervalSet) -> Vec<LeaseId> {
        if self.excluded == excluded {
            return Vec::new();
        }
        self.excluded = excluded;
        let gone: Vec<u128> =
            self.rested.keys().copied().filter(|number| self.excluded.contains(*number)).collect();
        let forgotten = gone.into_iter().filter_map(|number| self.forget_rested(number)).collect();
        self.taken = self.retake();
        self.counts = self.recount();
        forgotten
    }

    /// Excludes more values, in time that follows what is held among them. Answers the leases that are no longer remembered.
    pub fn exclude(&mut self, first: u128, last: u128) -> Vec<LeaseId> {
        let before = self.count_between(first, last);
        let gone: Vec<u128> = self.rested.range(first..=last).map(|(number, _)| *number).collect();
        let forgotten = gone.into_iter().filter_map(|number| self.forget_rested(number)).collect();
        self.excluded.insert(first, last);
        self.taken.insert(first, last);
        self.counts = count::exchange(self.counts, before, self.count_between(first, last));
        forgotten
    }

    /// Puts excluded values back, but for those that stay excluded, in time that follows what is held among them.
    pub fn readmit(&mut self, first: u128, last: u128, excluded: &IntervalSet) {
        let before = self.count_between(first, last);
        self.excluded.remove(first, last);
        self.taken.remove(first, last);
        for (low, high) in excluded.iter() {
            self.excluded.insert(low, high);
            self.taken.insert(low, high);
        }
        for number in self.points(first, last).collect::<Vec<u128>>() {
            self.taken.insert(number, number);
        }
        self.counts = count::exchange(self.counts, before, self.count_between(first, last));
    }

    /// Makes these the ranges to hand out from. Answers the leases that are no longer remembered.
    pub fn set_ranges(&mut self, ranges: Vec<(u128, u128)>) -> Vec<LeaseId> {
        if self.ranges == ranges {
            return Vec::new();
        }
        self.ranges = ranges;
        let gone: Vec<u128> =
            self.rested.keys().copied().filter(|number| !self.is_in_ranges(*number)).collect();
        let forgotten = gone.iter().filter_map(|number| self.forget_rested(*number)).collect();
        for number in gone {
            self.settle(number);
        }
        self.counts = self.recount();
        forgotten
    }

    /// Runs a change of one value and brings the counts after it.
    fn change<T>(&mut self, number: u128, change: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.state(number);
        let result = change(self);
        if self.is_in_ranges(number) {
            let after = self.state(number);
            count::move_one(&mut self.counts, before, after);
        }
        result
    }

    fn forget(&mut self, number: u128) -> Option<LeaseId> {
        // To remove what is not there would copy what a version holds.
        self.memory_of(number)?;
        if let Some(memory) = self.resting.remove(&number) {
            self.resting_by_end.remove(&(memory.rests_until, number));
            return Some(memory.lease);
        }
        self.forget_rested(number)
    }

    fn forget_rested(&mut self, number: u128) -> Option<LeaseId> {
        self.rested.get(&number)?;
        let memory = self.rested.remove(&number)?;
        self.rested_by_age.remove(&(memory.rests_until, number));
        Some(memory.lease)
    }

    /// Lets a value count as never used if nothing speaks against it.
    fn settle(&mut self, number: u128) {
        if self.state(number) == ValueState::Free && !self.rested.contains_key(&number) {
            self.taken.remove(number, number);
        }
    }
}

#[cfg(test)]
mod tests;
