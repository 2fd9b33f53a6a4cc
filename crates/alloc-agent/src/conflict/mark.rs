//! How far the kernel's messages have been judged.
//!
//! dmesg(8) shows a window of an endless log, without numbers and mostly without times: it loses lines at its beginning as it
//! gains some at its end. So what is old of a window is the longest beginning of it that is an end of the one before.
//!
//! ```text
//! before   a b x c x
//! now            c x x d      old are `c x`, new `x d`
//! ```
//!
//! What is old is never taken for new, whatever repeats itself. What is new is taken for old only where the window has lost its
//! beginning and the rest of it repeats itself, and then it says nothing that was not said before.

use sha2::{Digest as _, Sha256};

/// How many digits a line has in the text of a mark.
const DIGITS: usize = 16;

/// A window of the kernel's messages that has been judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Its lines, as the beginnings of their digests.
    lines: Vec<u64>,
    /// The last line, of which the end may not have been written yet; empty if there is none.
    last: String,
}

impl Mark {
    /// Behind these lines.
    pub(crate) fn behind(lines: &[String]) -> Self {
        Self {
            lines: lines.iter().map(|line| short_digest(line)).collect(),
            last: lines.last().cloned().unwrap_or_default(),
        }
    }

    /// The lines of a later window that have come since.
    pub(crate) fn new_of<'a>(&self, window: &'a [String]) -> &'a [String] {
        let digests: Vec<u64> = window.iter().map(|line| short_digest(line)).collect();
        let whole = self.old(&self.lines, window, &digests);
        let old = match self.lines.split_last() {
            Some((_, before)) => {
                let old = self.old(before, window, &digests);
                // If only one line is left before it, that one may be cut and not be known again.
                let is_it = |at: &usize| window.get(*at).is_some_and(|line| self.is_last_in_part(line));
                [old, old.max(1)].into_iter().find(is_it).unwrap_or_default().max(whole)
            }
            None => whole,
        };
        &window[old..]
    }

    /// True of a line that was being written when it was seen last, and is new now that it is whole.
    fn is_last_in_part(&self, line: &str) -> bool {
        line.len() > self.last.len() && line.starts_with(&self.last)
    }

    /// How many lines a window begins with that end these.
    fn old(&self, before: &[u64], window: &[String], digests: &[u64]) -> usize {
        let (Some((_, later)), Some((_, behind))) = (before.split_first(), digests.split_first()) else {
            return 0;
        };
        // Of the first line the beginning may be overwritten; it was somewhere in front of those that are known again.
        let cut = match overlap(later, behind) {
            0 => usize::from(self.last.ends_with(&window[0])),
            count => count + 1,
        };
        overlap(before, digests).max(cut)
    }

    /// As two texts: the lines' digests, and the last line.
    pub(super) fn text(&self) -> (String, &str) {
        (self.lines.iter().map(|line| format!("{line:016x}")).collect(), &self.last)
    }

    /// Reads what [`Mark::text`] has written; none if it is not that.
    pub(super) fn read(digits: &str, last: String) -> Option<Self> {
        let chunks = digits.as_bytes().chunks(DIGITS);
        let line = |chunk: &[u8]| {
            let text = std::str::from_utf8(chunk).ok().filter(|text| text.len() == DIGITS)?;
            u64::from_str_radix(text, 16).ok()
        };
        Some(Self { lines: chunks.map(line).collect::<Option<_>>()?, last })
    }
}

/// Enough of a line's digest to know it again.
fn short_digest(line: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = Sha256::digest(line.as_bytes()).into();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The longest beginning of one sequence that is the end of another, by the automaton of Knuth, Morris and Pratt.
fn overlap(before: &[u64], now: &[u64]) -> usize {
    if now.is_empty() {
        return 0;
    }
    // For each beginning of `now`: its longest own beginning that is its end as well.
    let mut borders = vec![0; now.len()];
    let mut matched = 0;
    for at in 1..now.len() {
        matched = longer(now, &borders, matched, now[at]);
        borders[at] = matched;
    }
    before.iter().fold(0, |matched, line| longer(now, &borders, matched, *line))
}

/// How much of a sequence has matched with one line more.
fn longer(now: &[u64], borders: &[usize], mut matched: usize, line: u64) -> usize {
    while matched > 0 && now.get(matched) != Some(&line) {
        matched = borders[matched - 1];
    }
    matched + usize::from(now[matched] == line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines of a text of one letter each, or of words.
    fn lines(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn new(before: &str, now: &str) -> String {
        Mark::behind(&lines(before)).new_of(&lines(now)).join(" ")
    }

    #[test]
    fn what_came_since_is_behind_the_longest_part_that_was_there() {
        for (before, now, expected) in [
            ("", "", ""),
            ("", "a b", "a b"),
            ("a b", "a b", ""),
            ("a b", "a b c d", "c d"),
            // The beginning is lost.
            ("a b c d", "c d e", "e"),
            ("a b x c x", "c x x d", "x d"),
            // Everything is lost, or another kernel speaks.
            ("a b", "c d", "c d"),
            // It repeats itself, and nothing is lost.
            ("x x x", "x x x x x", "x x"),
            ("a x", "a x x x", "x x"),
        ] {
            assert_eq!(new(before, now), expected, "{before:?}, then {now:?}");
        }
    }

    #[test]
    fn a_line_that_is_cut_at_its_beginning_is_old() {
        assert_eq!(new("alpha beta gamma", "ta gamma delta"), "delta");
        assert_eq!(new("alpha beta", "ta gamma"), "gamma");
    }

    #[test]
    fn a_line_that_was_not_whole_is_new_when_it_is() {
        assert_eq!(new("alpha be", "alpha beta"), "beta");
        assert_eq!(new("alpha be", "alpha beta gamma"), "beta gamma");
        assert_eq!(new("alpha gamma be", "mma beta"), "beta");
        assert_eq!(new("be", "beta"), "beta");
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        for text in ["", "a", "a b c"] {
            let mark = Mark::behind(&lines(text));
            let (digits, last) = mark.text();
            assert_eq!(Mark::read(&digits, last.to_owned()), Some(mark));
        }
        for damaged in ["0", "00000000000000zz", "0123456789abcdef0"] {
            assert_eq!(Mark::read(damaged, String::new()), None, "{damaged}");
        }
    }

    /// A log, how much of it a first and a second look show, and how many lines were lost before each.
    fn looks() -> impl Strategy<Value = (Vec<String>, [usize; 4])> {
        let line = prop::sample::select(vec!["a", "b", "ab", "ba"]).prop_map(str::to_owned);
        prop::collection::vec(line, 0..24).prop_flat_map(|log| {
            let end = log.len();
            (Just(log), prop::collection::vec(0..=end, 4)).prop_map(|(log, mut cuts)| {
                cuts.sort_unstable();
                let [lost, lost_later, seen, end] = cuts[..] else { unreachable!("there are four") };
                (log, [lost, lost_later, seen, end])
            })
        })
    }

    proptest! {
        /// However a log repeats itself, nothing is judged twice.
        #[test]
        fn what_is_old_is_never_new((log, [lost, lost_later, seen, end]) in looks()) {
            let mark = Mark::behind(&log[lost..seen]);
            let new = mark.new_of(&log[lost_later..end]).len();
            prop_assert!(new <= end - seen, "{new} of {}", end - seen);
        }

        /// As long as the window has lost nothing, or no line is there twice, nothing is missed.
        #[test]
        fn what_is_new_is_not_missed(count in 1_usize..40, cuts in prop::array::uniform4(0_usize..40), is_same in any::<bool>()) {
            let mut cuts = cuts.map(|cut| cut.min(count));
            cuts.sort_unstable();
            let [lost, mut lost_later, seen, end] = cuts;
            if is_same {
                lost_later = lost;
            }
            let line = |at: usize| if is_same { "x".to_owned() } else { format!("[{at:03}] line") };
            let log: Vec<String> = (0..count).map(line).collect();
            let mark = Mark::behind(&log[lost..seen]);
            prop_assert_eq!(mark.new_of(&log[lost_later..end]), &log[seen..end]);
        }
    }
}
