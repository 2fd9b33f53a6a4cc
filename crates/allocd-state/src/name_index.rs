//! What belongs to a name, to be found by a number made of the name.
//!
//! Whatever belongs to a name tells it, so names are not kept here again: there is a number made of them, and behind it what it
//! is the number of. Numbers lie in the map's nodes, where comparing names would fetch each from elsewhere, and copying a node
//! copies no counts of references. Two names may have one number, so whoever looks compares the names. Names that are chosen to
//! have the same number make the lookups of each other slower, and nothing else.

use imbl::{OrdMap, OrdSet};

use crate::entropy::mix;

/// Identities by the numbers of their names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct NameIndex<I: Ord + Copy> {
    /// The lowest identity of each number; nearly always the only one.
    first: OrdMap<u64, I>,
    /// Those beside it.
    others: OrdSet<(u64, I)>,
}

impl<I: Ord + Copy> Default for NameIndex<I> {
    fn default() -> Self {
        Self { first: OrdMap::new(), others: OrdSet::new() }
    }
}

impl<I: Ord + Copy> NameIndex<I> {
    /// How many identities there are.
    pub(crate) fn len(&self) -> usize {
        self.first.len() + self.others.len()
    }

    /// All identities, in no order that means anything.
    pub(crate) fn all(&self) -> impl Iterator<Item = I> + '_ {
        self.first.values().copied().chain(self.others.iter().map(|(_, id)| *id))
    }

    /// What may belong to a name of this number: what does is among them.
    pub(crate) fn candidates(&self, number: u64) -> impl Iterator<Item = I> + '_ {
        let first = self.first.get(&number).copied();
        // Nothing has the number, or nothing shares any: most lookups end here.
        let may_be_more = first.filter(|_| !self.others.is_empty());
        first
            .into_iter()
            .chain(may_be_more.into_iter().flat_map(move |first| self.others_from(number, first)))
    }

    fn others_from(&self, number: u64, first: I) -> impl Iterator<Item = I> + '_ {
        let from = self.others.range((number, first)..);
        from.take_while(move |(other, _)| *other == number).map(|(_, id)| *id)
    }

    /// True if the identity is there under the number.
    pub(crate) fn contains(&self, number: u64, id: I) -> bool {
        self.first.get(&number) == Some(&id) || self.others.contains(&(number, id))
    }

    /// Puts an identity in.
    pub(crate) fn insert(&mut self, number: u64, id: I) {
        let Some(before) = self.first.insert(number, id).filter(|before| *before != id) else { return };
        if before < id {
            self.first.insert(number, before);
        }
        self.others.insert((number, before.max(id)));
    }

    /// Takes an identity out.
    pub(crate) fn remove(&mut self, number: u64, id: I) {
        // To remove what is not there would copy what a version holds.
        if self.first.get(&number) != Some(&id) {
            if self.others.contains(&(number, id)) {
                self.others.remove(&(number, id));
            }
            return;
        }
        let next = if self.others.is_empty() { None } else { self.others_from(number, id).next() };
        match next {
            None => {
                self.first.remove(&number);
            }
            Some(next) => {
                self.first.insert(number, next);
                self.others.remove(&(number, next));
            }
        }
    }

    /// Takes all out.
    #[cfg(test)]
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// A number made of a name in two parts, the same on every member.
pub(crate) fn number_of(one: &str, other: &str) -> u64 {
    mix(number_of_text(one).rotate_left(1) ^ number_of_text(other))
}

fn number_of_text(text: &str) -> u64 {
    let length = mix(text.len().try_into().unwrap_or(u64::MAX));
    text.as_bytes().chunks(size_of::<u64>()).fold(length, |number, part| {
        let mut word = [0; size_of::<u64>()];
        word[..part.len()].copy_from_slice(part);
        mix(number ^ u64::from_le_bytes(word))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Few numbers, so that many are shared.
        #[test]
        fn it_agrees_with_a_set(steps in prop::collection::vec((any::<bool>(), 0_u64..4, 0_u32..12), 0..200)) {
            let (mut index, mut naive) = (NameIndex::default(), BTreeSet::new());
            for (add, number, id) in steps {
                if add {
                    index.insert(number, id);
                    naive.insert((number, id));
                } else {
                    index.remove(number, id);
                    naive.remove(&(number, id));
                }
                prop_assert_eq!(index.len(), naive.len());
                prop_assert_eq!(index.contains(number, id), add);
                for number in 0..4 {
                    let wanted: Vec<u32> = naive.range((number, 0)..(number + 1, 0)).map(|(_, id)| *id).collect();
                    prop_assert_eq!(index.candidates(number).collect::<Vec<_>>(), wanted);
                }
                // Equal contents are kept alike, whatever brought them about.
                let mut again = NameIndex::default();
                naive.iter().rev().for_each(|(number, id)| again.insert(*number, *id));
                prop_assert_eq!(&index, &again);
            }
        }
    }

    #[test]
    fn a_number_tells_the_parts_of_a_name_apart() {
        assert_ne!(number_of("ab", "c"), number_of("a", "bc"));
        assert_ne!(number_of("a", "b"), number_of("b", "a"));
        assert_ne!(number_of("a", ""), number_of("", "a"));
        assert_eq!(number_of("web01", "epair0"), number_of("web01", "epair0"));
    }
}
