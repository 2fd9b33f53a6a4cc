//! What of a space no specification, lease or reservation tells: the values that rest or have rested. Taken out and put back
//! for a snapshot.

use allocd_types::time::ClusterTime;
use allocd_types::value::ValueState;

use imbl::OrdMap;

use super::{Memory, ValueSpace};

/// How far a value that was given back has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rest {
    /// It rests still.
    Resting,
    /// It is free, and remembered.
    Rested,
}

impl ValueSpace {
    /// The values that rest or have rested, each with what is remembered of it.
    pub(crate) fn remembered_values(&self) -> impl Iterator<Item = (u128, Memory, Rest)> + '_ {
        // Everything else follows from specifications, leases, reservations, exclusions and these. A new field has to say so.
        let Self {
            ranges: _,
            taken: _,
            reserved: _,
            excluded: _,
            resting,
            resting_by_end: _,
            rested,
            rested_by_age: _,
            counts: _,
        } = self;
        let resting = resting.iter().map(|(number, memory)| (*number, *memory, Rest::Resting));
        let rested = rested.iter().map(|(number, memory)| (*number, *memory, Rest::Rested));
        resting.chain(rested)
    }

    /// What is remembered of a value that rests or has rested, and which of both it does.
    pub(crate) fn remembered_of(&self, number: u128) -> Option<(Memory, Rest)> {
        let of = |memories: &OrdMap<u128, Memory>, rest| memories.get(&number).map(|memory| (*memory, rest));
        of(&self.resting, Rest::Resting).or_else(|| of(&self.rested, Rest::Rested))
    }

    /// Has a value's rest end no later than then.
    pub(crate) fn shorten_rest(&mut self, number: u128, rests_until: ClusterTime) {
        let Some(memory) =
            self.resting.get(&number).copied().filter(|memory| memory.rests_until > rests_until)
        else {
            return;
        };
        self.resting_by_end.remove(&(memory.rests_until, number));
        self.resting_by_end.insert((rests_until, number));
        self.resting.insert(number, Memory { rests_until, ..memory });
    }

    /// Puts back what is remembered of a value. False, and nothing is changed, if the value cannot be in that state here.
    pub(crate) fn remember(&mut self, number: u128, memory: Memory, rest: Rest) -> bool {
        let is_known = self.lease_of(number).is_some() || self.memory_of(number).is_some();
        let may_be = match rest {
            Rest::Resting => true,
            Rest::Rested => self.state(number) == ValueState::Free && self.is_in_ranges(number),
        };
        if is_known || !may_be {
            return false;
        }
        self.change(number, |space| {
            space.taken.insert(number, number);
            match rest {
                Rest::Resting => {
                    space.resting.insert(number, memory);
                    space.resting_by_end.insert((memory.rests_until, number));
                }
                Rest::Rested => {
                    space.rested.insert(number, memory);
                    space.rested_by_age.insert((memory.rests_until, number));
                }
            }
        });
        true
    }
}
