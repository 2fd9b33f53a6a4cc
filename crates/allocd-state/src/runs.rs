//! Pages that follow each other, as runs.
//!
//! What must hold: runs neither overlap nor touch. Equal sets of pages are kept alike, whatever brought them about.

use imbl::OrdMap;

/// A set of pages: first page of a run → its last page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Runs(OrdMap<u128, u128>);

impl Runs {
    /// The run that a page is in.
    pub(crate) fn of(&self, page: u128) -> Option<(u128, u128)> {
        // Most sets have few runs, and whoever looks for the lowest gap looks into the first: that is found at once.
        let (start, end) = self.0.get_min()?;
        if page <= *end {
            return (*start <= page).then_some((*start, *end));
        }
        self.0.get_prev(&page).map(|(start, end)| (*start, *end)).filter(|(_, end)| *end >= page)
    }

    /// True if the page is in a run.
    pub(crate) fn contains(&self, page: u128) -> bool {
        self.of(page).is_some()
    }

    /// The runs that have a page from the first to the last.
    pub(crate) fn range(&self, first: u128, last: u128) -> impl Iterator<Item = (u128, u128)> + '_ {
        let start = self.of(first).map_or(first, |(start, _)| start);
        self.0.range(start..=last).map(|(first, last)| (*first, *last))
    }

    /// Adds the pages from the first to the last.
    pub(crate) fn insert(&mut self, first: u128, last: u128) {
        let (mut low, mut high) = (first, last);
        if let Some((&before, &end)) = self.0.get_prev(&first)
            && end + 1 >= first
        {
            low = before;
            high = high.max(end);
            self.0.remove(&before);
        }
        while let Some((&after, &end)) = self.0.get_next(&low)
            && after <= high + 1
        {
            high = high.max(end);
            self.0.remove(&after);
        }
        self.0.insert(low, high);
    }

    /// Takes the pages from the first to the last out.
    pub(crate) fn remove(&mut self, first: u128, last: u128) {
        if let Some((&before, &end)) = self.0.get_prev(&first)
            && end >= first
        {
            self.0.remove(&before);
            if before < first {
                self.0.insert(before, first - 1);
            }
            if end > last {
                self.0.insert(last + 1, end);
            }
        }
        while let Some((&after, &end)) = self.0.get_next(&first)
            && after <= last
        {
            self.0.remove(&after);
            if end > last {
                self.0.insert(last + 1, end);
            }
        }
    }
}
