//! The file systems of zfs(8).

use std::fmt;

use crate::listing::{ListingError, every_line};

/// Longest name of a dataset or snapshot, in bytes (`ZFS_MAX_DATASET_NAME_LEN` is 256 with the terminating zero).
const NAME_BYTES_MAX: usize = 255;

/// What is asked of zfs(8) for a listing.
pub const PROPERTIES: &str = "name,origin,mountpoint";

/// The name of a file system, such as `zroot/jails/web01`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DatasetName(String);

/// The name of a snapshot, such as `zroot/jails/template@base`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotName(String);

/// Why a text is no name of a dataset or of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no name of a {what}: {rule}, {NAME_BYTES_MAX} bytes at most")]
pub struct DatasetNameError {
    /// What was given.
    text: String,
    /// What was wanted.
    what: &'static str,
    /// The rule in words.
    rule: &'static str,
}

/// A dataset that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Its name; any that zfs(8) allows.
    pub name: String,
    /// The snapshot that it is a clone of.
    pub origin: Option<String>,
    /// Where zfs(8) mounts it; none if it does not.
    pub mountpoint: Option<String>,
}

impl DatasetName {
    /// Checks a text and makes the name.
    ///
    /// # Errors
    /// [`DatasetNameError`] if zfs(8) would not take it, or take it for something else.
    pub fn new(text: &str) -> Result<Self, DatasetNameError> {
        if text.len() <= NAME_BYTES_MAX && is_dataset(text) {
            return Ok(Self(text.to_owned()));
        }
        let rule = "letters, digits, '_', '-', '.' and ':', in parts that begin with a letter or digit, joined by slashes";
        Err(DatasetNameError { text: text.chars().take(NAME_BYTES_MAX).collect(), what: "dataset", rule })
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SnapshotName {
    /// Checks a text and makes the name.
    ///
    /// # Errors
    /// [`DatasetNameError`] if zfs(8) would not take it, or take it for something else.
    pub fn new(text: &str) -> Result<Self, DatasetNameError> {
        let parts = text.split_once('@');
        let is_snapshot = parts.is_some_and(|(dataset, name)| is_dataset(dataset) && is_part(name));
        if text.len() <= NAME_BYTES_MAX && is_snapshot {
            return Ok(Self(text.to_owned()));
        }
        let rule = "the name of a dataset, '@', and a part like one of it";
        Err(DatasetNameError { text: text.chars().take(NAME_BYTES_MAX).collect(), what: "snapshot", rule })
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Reads `zfs list -H -o` with [`PROPERTIES`].
///
/// # Errors
/// [`ListingError`] if a line has not these three.
pub fn parse(text: &str) -> Result<Vec<Dataset>, ListingError> {
    every_line("a listing of datasets", text, |line| {
        let mut fields = line.split('\t');
        let (name, origin, mountpoint) = (fields.next()?, fields.next()?, fields.next()?);
        let origin = (origin != "-").then(|| origin.to_owned());
        let mountpoint = mountpoint.starts_with('/').then(|| mountpoint.to_owned());
        fields.next().is_none().then(|| Dataset { name: name.to_owned(), origin, mountpoint })
    })
}

fn is_dataset(text: &str) -> bool {
    text.split('/').all(is_part)
}

fn is_part(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn datasets_with_origin_and_mountpoint() {
        let datasets = parse(include_str!("../testdata/tools/zfs.txt")).unwrap();
        let read: Vec<_> = datasets
            .iter()
            .map(|dataset| (dataset.name.as_str(), dataset.origin.as_deref(), dataset.mountpoint.as_deref()))
            .collect();
        let expected = [
            ("zroot", None, Some("/zroot")),
            ("zroot/jails", None, Some("/usr/jails")),
            ("zroot/jails/web01", Some("zroot/jails/template@base"), Some("/usr/jails/web01")),
            ("zroot/swap", None, None),
            ("zroot/old", None, None),
            ("zroot/tmp", None, None),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn another_text_is_an_error() {
        assert_eq!(parse(""), Ok(Vec::new()));
        for text in ["no datasets available", "a\t-", "a\t-\t/a\tmore"] {
            assert_eq!(parse(text).unwrap_err().line, text);
        }
    }

    #[test]
    fn a_name_cannot_be_taken_for_an_option_or_another_sort_of_name() {
        for good in ["zroot", "zroot/jails/web01", "a/b.c-d_e:f"] {
            assert!(DatasetName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-r", "zroot/", "/zroot", "a//b", "a b", "a@b", "a/-o", "a%b", &"x".repeat(256)] {
            assert!(DatasetName::new(bad).is_err(), "{bad}");
        }
        assert!(SnapshotName::new("zroot/jails/template@base").is_ok());
        for bad in ["zroot", "@base", "zroot@", "zroot@a@b", "zroot@a/b", "-r@a"] {
            assert!(SnapshotName::new(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
