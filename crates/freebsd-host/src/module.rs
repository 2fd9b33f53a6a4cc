//! What is loaded into the kernel.

use crate::listing::{ListingError, every_line};

/// A module of the kernel, by the name that kldstat(8) -m takes. It may be loaded or part of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KernelModule(&'static str);

/// A file that is loaded into the kernel, the kernel itself among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelFile {
    /// Its name, such as `if_epair.ko`.
    pub name: String,
    /// How many hold on to it.
    pub references: u32,
}

impl KernelModule {
    /// if_bridge(4).
    pub const BRIDGE: Self = Self("if_bridge");
    /// epair(4).
    pub const EPAIR: Self = Self("if_epair");
    /// pf(4).
    pub const PF: Self = Self("pf");
    /// tap(4) up to 11; tap and tun are one module from 12 on.
    pub const TAP: Self = Self("if_tap");
    /// tun(4) up to 11, and both from 12 on.
    pub const TUNTAP: Self = Self("if_tuntap");

    /// Makes one of its name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// Reads `kldstat`.
///
/// # Errors
/// [`ListingError`] if a line is neither its heading nor a file.
pub fn parse(text: &str) -> Result<Vec<KernelFile>, ListingError> {
    const WHAT: &str = "a listing of kldstat";
    match text.split_once('\n') {
        Some((heading, files)) if heading.starts_with("Id Refs") => every_line(WHAT, files, read),
        Some(_) | None => Err(ListingError::new(WHAT, text)),
    }
}

/// Reads ` 2    1 0xffffffff82319000     3218 if_epair.ko`.
fn read(line: &str) -> Option<KernelFile> {
    let mut words = line.split_ascii_whitespace();
    let _id: u32 = words.next()?.parse().ok()?;
    let references = words.next()?.parse().ok()?;
    let (_address, _size) = (words.next()?, words.next()?);
    Some(KernelFile { name: words.next()?.to_owned(), references })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn files_with_their_references() {
        let files = parse(include_str!("../testdata/tools/kldstat.txt")).unwrap();
        let read: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.references)).collect();
        assert_eq!(read, [("kernel", 15), ("if_epair.ko", 1), ("if_bridge.ko", 2), ("mac_ntpd.ko", 1)]);
    }

    #[test]
    fn another_text_is_an_error() {
        for text in
            ["", "Id Refs", "kldstat: can't find file", "Id Refs Address Size Name\n 1 x 0x0 1 kernel\n"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = parse(&text);
            let _ = parse(&format!("Id Refs\n{text}"));
        }
    }
}
