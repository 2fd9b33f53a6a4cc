//! Regular expressions of one kind: text, `.`, sets in brackets, and the two ends of the line.

/// A pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    atoms: Vec<Atom>,
    is_from_start: bool,
    is_to_end: bool,
}

#[derive(Debug)]
enum Atom {
    Any,
    One(char),
    Set(Vec<(char, char)>),
}

impl Pattern {
    /// Reads a pattern, if nothing else is in it.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let (text, is_from_start) = text.strip_prefix('^').map_or((text, false), |rest| (rest, true));
        let (text, is_to_end) = text.strip_suffix('$').map_or((text, false), |rest| (rest, true));
        let mut atoms = Vec::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            atoms.push(match c {
                '.' => Atom::Any,
                '[' => Atom::Set(set(&mut rest)?),
                '*' | '\\' | '+' | '?' => return Err(format!("{c:?} is not understood in a pattern")),
                c => Atom::One(c),
            });
        }
        Ok(Self { atoms, is_from_start, is_to_end })
    }

    /// The same, for the whole line.
    pub(super) fn of_whole_line(self) -> Self {
        Self { is_from_start: true, is_to_end: true, ..self }
    }

    /// True if it is found in a line.
    pub(super) fn is_in(&self, line: &str) -> bool {
        let chars: Vec<char> = line.chars().collect();
        let Some(last) = chars.len().checked_sub(self.atoms.len()) else { return false };
        let fits_at = |start: usize| {
            let is_at_ends = (!self.is_from_start || start == 0) && (!self.is_to_end || start == last);
            is_at_ends && self.atoms.iter().zip(&chars[start..]).all(|(atom, c)| atom.fits(*c))
        };
        (0..=last).any(fits_at)
    }
}

impl Atom {
    fn fits(&self, c: char) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => *one == c,
            Self::Set(ranges) => ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)),
        }
    }
}

fn set(rest: &mut std::str::Chars<'_>) -> Result<Vec<(char, char)>, String> {
    let mut ranges: Vec<(char, char)> = Vec::new();
    loop {
        match rest.next().ok_or("a set has no end")? {
            ']' => return Ok(ranges),
            '-' => {
                let range = ranges.last_mut().ok_or("a range has no beginning")?;
                range.1 = rest.next().ok_or("a range has no end")?;
            }
            c => ranges.push((c, c)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_line_is_more_than_a_part_of_it() {
        let pattern = Pattern::new(".description: allocd:leases/1").unwrap();
        assert!(pattern.is_in("\tdescription: allocd:leases/17"));
        let pattern = pattern.of_whole_line();
        assert!(pattern.is_in("\tdescription: allocd:leases/1"));
        assert!(!pattern.is_in("\tdescription: allocd:leases/17"));
    }

    #[test]
    fn sets_and_ends_are_understood_and_the_rest_is_refused() {
        let pattern = Pattern::new(" # allocd:leases.[0-9]").unwrap();
        assert!(pattern.is_in("a=\"b\" # allocd:leases/9") && !pattern.is_in("a # allocd:leases/x"));
        assert!(Pattern::new("^a.$").unwrap().is_in("ab") && !Pattern::new("^a$").unwrap().is_in("ab"));
        assert!(Pattern::new("a*").is_err() && Pattern::new("[a").is_err());
    }
}
