//! Where a watch is: pure.

use allocd_types::answer::MoreOfRevision;
use allocd_types::id::Revision;

/// Where a watch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The revision to ask for.
    from: Revision,
    /// How many changes of that revision have been told, over all streams.
    told: usize,
    /// How many changes of that revision this stream has brought.
    seen: usize,
}

impl Cursor {
    pub(super) const fn new(from: Revision) -> Self {
        Self { from, told: 0, seen: 0 }
    }

    pub(super) const fn from(&self) -> Revision {
        self.from
    }

    /// A stream was opened at `from`: it begins that revision anew.
    pub(super) const fn reopened(&mut self) {
        self.seen = 0;
    }

    /// Takes a message; gives back the changes that were not told before.
    pub(super) fn advance<C>(&mut self, revision: Revision, changes: Vec<C>, more: MoreOfRevision) -> Vec<C> {
        let skipped = self.told.saturating_sub(self.seen);
        self.seen += changes.len();
        self.told = self.told.max(self.seen);
        match more {
            MoreOfRevision::Follows => self.from = revision,
            // A sign of life may say a revision that was told before, from a member that is not as far: it completes nothing.
            MoreOfRevision::Complete if revision < self.from => {}
            MoreOfRevision::Complete => {
                // Whatever a server says, there is one to go on from.
                self.from = Revision::new(revision.get().saturating_add(1));
                (self.told, self.seen) = (0, 0);
            }
        }
        changes.into_iter().skip(skipped).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLLOWS: MoreOfRevision = MoreOfRevision::Follows;
    const COMPLETE: MoreOfRevision = MoreOfRevision::Complete;

    fn revision(number: u64) -> Revision {
        Revision::new(number)
    }

    #[test]
    fn a_whole_revision_moves_on_to_the_next() {
        let mut cursor = Cursor::new(revision(5));
        cursor.reopened();
        assert_eq!(cursor.advance(revision(7), vec!['a', 'b'], COMPLETE), ['a', 'b']);
        assert_eq!(cursor.from(), revision(8));
        // A sign of life says the same revision again, and nothing moves back.
        assert!(cursor.advance(revision(7), Vec::<char>::new(), COMPLETE).is_empty());
        assert_eq!(cursor.from(), revision(8));
    }

    #[test]
    fn a_break_inside_a_revision_tells_nothing_twice_and_loses_nothing() {
        let mut cursor = Cursor::new(revision(5));
        cursor.reopened();
        assert_eq!(cursor.advance(revision(5), vec!['a', 'b'], FOLLOWS), ['a', 'b']);
        assert_eq!(cursor.advance(revision(5), vec!['c'], FOLLOWS), ['c']);
        // The next member cuts the same revision at other places.
        cursor.reopened();
        assert_eq!(cursor.from(), revision(5));
        assert!(cursor.advance(revision(5), vec!['a'], FOLLOWS).is_empty());
        // A second break, before all that was told has been passed over.
        cursor.reopened();
        assert!(cursor.advance(revision(5), vec!['a'], FOLLOWS).is_empty());
        assert_eq!(cursor.advance(revision(5), vec!['b', 'c', 'd', 'e'], COMPLETE), ['d', 'e']);
        assert_eq!(cursor.from(), revision(6));
    }

    #[test]
    fn a_sign_of_life_from_a_member_that_is_behind_completes_nothing() {
        let mut cursor = Cursor::new(revision(5));
        cursor.reopened();
        assert_eq!(cursor.advance(revision(5), vec!['a', 'b'], FOLLOWS), ['a', 'b']);
        cursor.reopened();
        assert!(cursor.advance(revision(4), Vec::<char>::new(), COMPLETE).is_empty());
        assert_eq!(cursor.advance(revision(5), vec!['a', 'b', 'c'], COMPLETE), ['c']);
        assert_eq!(cursor.from(), revision(6));
    }

    #[test]
    fn a_watch_from_now_on_learns_where_now_is() {
        let mut cursor = Cursor::new(revision(0));
        cursor.reopened();
        assert!(cursor.advance(revision(41), Vec::<char>::new(), COMPLETE).is_empty());
        assert_eq!(cursor.from(), revision(42));
    }
}
