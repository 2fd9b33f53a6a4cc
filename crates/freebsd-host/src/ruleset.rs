//! The rule sets of devfs(8) that the kernel has.

use crate::listing::{ListingError, every_line};

/// Reads `devfs rule showsets`: the numbers of all rule sets, one a line.
///
/// # Errors
/// [`ListingError`] if a line is no number.
pub fn parse(text: &str) -> Result<Vec<u16>, ListingError> {
    every_line("a listing of rule sets", text, |line| line.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_number_a_line() {
        assert_eq!(parse("1\n2\n3\n4\n5\n20\n"), Ok(vec![1, 2, 3, 4, 5, 20]));
        assert_eq!(parse(""), Ok(Vec::new()));
        assert_eq!(parse("4\ndevfs rule: ioctl\n").unwrap_err().line, "devfs rule: ioctl");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
