//! What is mounted where.

use crate::listing::{ListingError, every_line};

/// A file system that is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What it is, such as `devfs` or `zroot/jails`.
    pub what: String,
    /// Where; what is not printable in it is written as in strvis(3).
    pub path: String,
}

/// Reads `mount -p`: the fields of fstab(5) with tabs between.
///
/// # Errors
/// [`ListingError`] if a line has less than two fields.
pub fn parse(text: &str) -> Result<Vec<Mount>, ListingError> {
    every_line("a listing of mounts", text, |line| {
        let mut fields = line.split('\t').filter(|field| !field.is_empty());
        Some(Mount { what: fields.next()?.to_owned(), path: fields.next()?.to_owned() })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_and_where() {
        let mounts = parse(include_str!("../testdata/tools/mount.txt")).unwrap();
        let read: Vec<_> = mounts.iter().map(|mount| (mount.what.as_str(), mount.path.as_str())).collect();
        let expected = [
            ("zroot/ROOT/default", "/"),
            ("devfs", "/dev"),
            ("zroot/jails/web01", "/usr/jails/web01"),
            ("devfs", "/usr/jails/web01/dev"),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn another_text_is_an_error() {
        assert_eq!(parse("usage: mount\n").unwrap_err().line, "usage: mount");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
