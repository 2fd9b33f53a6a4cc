//! Numbers in pages of 64: where a number lies, and which pages a range touches.
//!
//! Sets and maps of numbers keep a mask for a page of which a part is there, and runs of pages that are there as a whole
//! (`runs`). So a million numbers one after the other are one run, and a million at random among ten million share pages.

/// How many numbers a page has, as a power of two.
const PAGE_BITS: u32 = u64::BITS.trailing_zeros();

/// The last page there is.
pub(crate) const LAST_PAGE: u128 = u128::MAX >> PAGE_BITS;

/// A number's page and its bit there.
pub(crate) fn place(number: u128) -> (u128, u32) {
    let bit = number & u128::from(u64::BITS - 1);
    (number >> PAGE_BITS, u32::try_from(bit).expect("a page has 64 numbers"))
}

/// The number of a page and a bit.
pub(crate) fn number_of(page: u128, bit: u32) -> u128 {
    page << PAGE_BITS | u128::from(bit)
}

/// What a range of numbers has of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Some numbers of a page, the lowest as the lowest bit; neither none nor all.
    InPage(u128, u64),
    /// All numbers of the pages from the first to the last.
    Whole(u128, u128),
}

/// The parts of a range; at most one at each end and one between them.
pub(crate) fn parts(first: u128, last: u128) -> impl Iterator<Item = Part> {
    debug_assert!(first <= last, "a range has a number");
    let ((low, low_bit), (high, high_bit)) = (place(first), place(last));
    let (from, upto) = (u64::MAX << low_bit, u64::MAX >> (u64::BITS - 1 - high_bit));
    let part = |page, mask| (mask != u64::MAX).then_some(Part::InPage(page, mask));
    if low == high {
        let whole = (from & upto == u64::MAX).then_some(Part::Whole(low, low));
        return [part(low, from & upto), whole, None].into_iter().flatten();
    }
    let (start, end) = (part(low, from), part(high, upto));
    let first_whole = low + u128::from(start.is_some());
    // The last page may be the first one: there are pages between only if there are any below its end.
    let behind = high + u128::from(end.is_none());
    let whole = (first_whole < behind).then(|| Part::Whole(first_whole, behind - 1));
    [start, whole, end].into_iter().flatten()
}

/// The bits of a mask, the lowest first.
pub(crate) fn bits(mask: u64) -> impl Iterator<Item = u32> {
    let mut rest = mask;
    std::iter::from_fn(move || {
        let bit = (rest != 0).then(|| rest.trailing_zeros())?;
        rest &= rest - 1;
        Some(bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_a_range_has() {
        for (first, last) in
            [(0, 0), (0, 63), (1, 62), (1, 64), (0, 64), (63, 64), (60, 200), (64, 191), (5, 191), (64, 130)]
        {
            let mut numbers = Vec::new();
            for part in parts(first, last) {
                match part {
                    Part::InPage(page, mask) => {
                        assert!(mask != 0 && mask != u64::MAX, "{first} {last}");
                        numbers.extend(bits(mask).map(|bit| number_of(page, bit)));
                    }
                    Part::Whole(low, high) => numbers.extend(number_of(low, 0)..=number_of(high, 63)),
                }
            }
            assert_eq!(numbers, (first..=last).collect::<Vec<_>>(), "{first} {last}");
        }
        assert_eq!(parts(0, u128::MAX).collect::<Vec<_>>(), [Part::Whole(0, LAST_PAGE)]);
    }
}
