//! What files in the journal's directory are called.

/// What is new and not yet a segment.
pub(crate) const PREPARED: &str = "prepared";

const SPARE: &str = "spare-";
const SEGMENT: &str = "segment-";

/// The name of a segment.
pub(crate) fn segment(number: u32) -> String {
    format!("{SEGMENT}{number:08x}")
}

/// The name of a segment that is no longer needed and can become another.
pub(crate) fn spare(number: u32) -> String {
    format!("{SPARE}{number:08x}")
}

/// The names in a directory, sorted out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The numbers of segments without a gap up to the highest, lowest first.
    pub(crate) segments: Vec<u32>,
    pub(crate) spares: Vec<String>,
    /// What an interruption left: new files, and segments below a gap. If the latter are needed, that shows in the records.
    pub(crate) leftovers: Vec<String>,
}

/// Sorts out names. Those that are none of ours are left alone.
pub(crate) fn sort(names: Vec<String>) -> Listed {
    let mut listed = Listed::default();
    for name in names {
        let number = name.strip_prefix(SEGMENT).and_then(|number| u32::from_str_radix(number, 16).ok());
        match number.filter(|&number| segment(number) == name && number > 0) {
            Some(number) => listed.segments.push(number),
            None if name.starts_with(SPARE) => listed.spares.push(name),
            None if name == PREPARED => listed.leftovers.push(name),
            None => {}
        }
    }
    listed.segments.sort_unstable();
    listed.spares.sort_unstable();
    let without_gap = listed.segments.windows(2).rposition(|pair| pair[0] + 1 != pair[1]);
    let below = without_gap.map_or(0, |at| at + 1);
    listed.leftovers.extend(listed.segments.drain(..below).map(segment));
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_out() {
        let names = [&segment(7), &segment(3), &segment(6), &spare(2), PREPARED, "segment-9", "lost+found"];
        let listed = sort(names.map(ToOwned::to_owned).to_vec());
        assert_eq!(
            listed,
            Listed {
                segments: vec![6, 7],
                spares: vec![spare(2)],
                leftovers: vec![PREPARED.to_owned(), segment(3)],
            }
        );
    }
}
