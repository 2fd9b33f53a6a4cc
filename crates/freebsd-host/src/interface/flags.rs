//! Flags as ifconfig(8) shows them: `8843<UP,BROADCAST,RUNNING>`.

/// The words of such a value; which there are differs between releases, and a bit that a release has no word for is not shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flags(Vec<String>);

impl Flags {
    /// Reads the value at the beginning of a text, and returns what comes behind it; from release 14 on, zero has no brackets.
    pub(super) fn read(text: &str) -> Option<(Self, &str)> {
        let digits = text.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits == 0 {
            return None;
        }
        let rest = &text[digits..];
        let Some(inside) = rest.strip_prefix('<') else {
            return Some((Self::default(), rest));
        };
        let (words, rest) = inside.split_once('>')?;
        let words = words.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Some((Self(words), rest))
    }

    /// True if the word is among them.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.0.iter().any(|has| has == word)
    }

    /// The words, in the order of their bits.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
