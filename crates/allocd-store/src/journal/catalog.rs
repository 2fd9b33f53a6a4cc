//! Where each record lies: four bytes a record, and one line a term.
//!
//! Places rise with indices, because a journal is only added to: what replaces a tail lies behind all that it replaces. So the
//! segments before that of the first record hold no record that is still wanted.

use std::collections::VecDeque;

use allocd_replica::log::Position;

use super::frame::Place;

/// The records of a log, from the first to the last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalog {
    base: Position,
    last_index: u64,
    /// Oldest first, without a gap; the last one reaches to the last index.
    stretches: VecDeque<Stretch>,
    /// From which index on which term is, oldest first.
    terms: VecDeque<Position>,
}

/// Records with successive indices in one segment.
#[derive(Debug, Clone)]
struct Stretch {
    segment: u32,
    first_index: u64,
    offsets: VecDeque<u32>,
}

impl Stretch {
    fn end(&self) -> u64 {
        self.first_index + u64::try_from(self.offsets.len()).expect("a length fits")
    }
}

impl Catalog {
    /// A log of which only the ends are known, not yet where its records lie.
    pub(crate) fn between(base: Position, last: Position) -> Self {
        Self { base, last_index: last.index, stretches: VecDeque::new(), terms: VecDeque::from([last]) }
    }

    pub(crate) const fn base(&self) -> Position {
        self.base
    }

    pub(crate) const fn last_index(&self) -> u64 {
        self.last_index
    }

    /// The last entry: a record's, or the base.
    pub(crate) fn last(&self) -> Position {
        let term = self.terms.back().map_or(self.base.term, |at| at.term);
        Position { index: self.last_index, term }
    }

    /// The term of a record or of the base.
    pub(crate) fn term(&self, index: u64) -> Option<u64> {
        if index == self.base.index {
            return Some(self.base.term);
        }
        if index < self.base.index || index > self.last_index {
            return None;
        }
        let behind = self.terms.partition_point(|at| at.index <= index);
        behind.checked_sub(1).map(|at| self.terms[at].term)
    }

    /// Where a record lies.
    pub(crate) fn place(&self, index: u64) -> Option<Place> {
        let behind = self.stretches.partition_point(|stretch| stretch.first_index <= index);
        let stretch = &self.stretches[behind.checked_sub(1)?];
        let at = usize::try_from(index - stretch.first_index).ok()?;
        let is_record = index > self.base.index;
        stretch
            .offsets
            .get(at)
            .filter(|_| is_record)
            .map(|&offset| Place { segment: stretch.segment, offset })
    }

    /// The index of the first record that is known not to be found, if there is one.
    pub(crate) fn missing(&self) -> Option<u64> {
        let first_found = self.stretches.front().map_or(self.last_index + 1, |stretch| stretch.first_index);
        (first_found > self.base.index + 1).then_some(self.base.index + 1)
    }

    /// The segment of the first record.
    pub(crate) fn first_segment(&self) -> Option<u32> {
        self.place(self.base.index + 1).map(|place| place.segment)
    }

    /// Puts a record where it belongs, and removes those from its index on.
    pub(crate) fn put(&mut self, at: Position, place: Place) {
        self.cut(at.index);
        match self.stretches.back_mut() {
            Some(stretch) if stretch.segment == place.segment => stretch.offsets.push_back(place.offset),
            Some(_) | None => self.stretches.push_back(Stretch {
                segment: place.segment,
                first_index: at.index,
                offsets: VecDeque::from([place.offset]),
            }),
        }
        if self.terms.back().is_none_or(|last| last.term != at.term) {
            self.terms.push_back(at);
        }
        self.last_index = at.index;
    }

    /// Lets the log begin behind one of its entries.
    pub(crate) fn set_base(&mut self, base: Position) {
        self.base = base;
        while self.stretches.front().is_some_and(|stretch| stretch.end() <= base.index + 1) {
            self.stretches.pop_front();
        }
        while self.terms.get(1).is_some_and(|next| next.index <= base.index + 1) {
            self.terms.pop_front();
        }
    }

    /// Lets the log begin behind an entry that it never had.
    pub(crate) fn replace(&mut self, base: Position) {
        *self = Self::between(base, base);
    }

    fn cut(&mut self, index: u64) {
        while let Some(stretch) = self.stretches.back_mut().filter(|stretch| stretch.end() > index) {
            match usize::try_from(index.saturating_sub(stretch.first_index)) {
                Ok(kept) if kept > 0 => stretch.offsets.truncate(kept),
                Ok(_) | Err(_) => drop(self.stretches.pop_back()),
            }
        }
        while self.terms.back().is_some_and(|at| at.index >= index) {
            self.terms.pop_back();
        }
        self.last_index = index.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog(records: &[(u64, u64, u32)]) -> Catalog {
        let mut catalog = Catalog::default();
        for (&(index, term, segment), offset) in records.iter().zip((0..).step_by(8)) {
            catalog.put(Position { index, term }, Place { segment, offset });
        }
        catalog
    }

    #[test]
    fn a_record_is_found_with_its_term_wherever_it_lies() {
        let catalog = catalog(&[(1, 1, 1), (2, 1, 1), (3, 4, 2), (4, 4, 2)]);
        assert_eq!(catalog.place(2), Some(Place { segment: 1, offset: 8 }));
        assert_eq!(catalog.place(4), Some(Place { segment: 2, offset: 24 }));
        assert_eq!(
            (0..6).map(|index| catalog.term(index)).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(1), Some(4), Some(4), None]
        );
        assert_eq!((catalog.place(0), catalog.place(5), catalog.missing()), (None, None, None));
    }

    #[test]
    fn what_replaces_a_tail_is_found_in_its_place() {
        let mut catalog = catalog(&[(1, 1, 1), (2, 1, 1), (3, 2, 2), (4, 2, 3)]);
        catalog.put(Position { index: 2, term: 5 }, Place { segment: 3, offset: 800 });
        assert_eq!((catalog.last(), catalog.place(3)), (Position { index: 2, term: 5 }, None));
        assert_eq!(
            (catalog.place(1), catalog.place(2)),
            (Some(Place { segment: 1, offset: 0 }), Some(Place { segment: 3, offset: 800 }))
        );
        assert_eq!((catalog.term(1), catalog.term(2)), (Some(1), Some(5)));
    }

    #[test]
    fn a_base_takes_whole_segments_out_of_use() {
        let mut catalog = catalog(&[(1, 1, 1), (2, 1, 1), (3, 2, 2), (4, 2, 3)]);
        assert_eq!(catalog.first_segment(), Some(1));
        catalog.set_base(Position { index: 1, term: 1 });
        assert_eq!((catalog.first_segment(), catalog.place(1), catalog.term(1)), (Some(1), None, Some(1)));
        catalog.set_base(Position { index: 2, term: 1 });
        assert_eq!((catalog.first_segment(), catalog.term(2), catalog.term(3)), (Some(2), Some(1), Some(2)));
        catalog.set_base(Position { index: 4, term: 2 });
        assert_eq!((catalog.first_segment(), catalog.last()), (None, Position { index: 4, term: 2 }));
        catalog.put(Position { index: 5, term: 2 }, Place { segment: 4, offset: 0 });
        assert_eq!((catalog.term(5), catalog.missing()), (Some(2), None));
    }

    #[test]
    fn records_that_were_never_put_are_missing() {
        let mut catalog = Catalog::between(Position { index: 5, term: 1 }, Position { index: 9, term: 2 });
        assert_eq!(catalog.missing(), Some(6));
        catalog.put(Position { index: 8, term: 2 }, Place { segment: 2, offset: 0 });
        assert_eq!(catalog.missing(), Some(6));
        catalog.set_base(Position { index: 7, term: 2 });
        assert_eq!(catalog.missing(), None);
    }
}
