//! A description that an interface is given.

/// Longest description, in bytes (`ifdescr_maxlen` in sys/net/if.c is 1024 with the terminating zero).
const BYTES_MAX: usize = 1_023;

/// A description that is read back from a listing as it was given: on one line, of printable characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Description(String);

/// Why a text is no description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no description: 1 to {BYTES_MAX} printable ASCII characters")]
pub struct DescriptionError {
    /// What was given.
    text: String,
}

impl Description {
    /// Checks a text and makes the description.
    ///
    /// # Errors
    /// [`DescriptionError`] if a listing would not show it as it is.
    pub fn new(text: &str) -> Result<Self, DescriptionError> {
        let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if is_printable && (1..=BYTES_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(DescriptionError { text: text.chars().take(BYTES_MAX).collect() })
        }
    }

    /// The description as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_one_printable_line() {
        assert_eq!(Description::new("allocd:leases/17").unwrap().as_str(), "allocd:leases/17");
        for bad in ["", "a\nb", "a\tb", "ä", &"x".repeat(1_024)] {
            assert!(Description::new(bad).is_err(), "{bad}");
        }
    }
}
