//! Names that were seen on a host.
//!
//! FreeBSD lets an interface be called `bge0.100` or `vnet0:6` and a jail `web-01` or `12`, and all of them have to be listed:
//! one that was left out could hold an address or an index that is then given to another. But a name that ends up in files and
//! commands must be one of ours. So what is seen keeps its text, and has a name only if the text is one; the verbs of this crate
//! take names, and nothing can be done to what has none.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The name of something that was seen: any text, and a name of ours if it is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen<N> {
    text: Arc<str>,
    name: Option<N>,
}

impl<N: FromStr> Seen<N> {
    /// Makes one of its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: Arc::from(text), name: text.parse().ok() }
    }
}

impl<N> Seen<N> {
    /// The text as it was seen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name, if the text is one of ours.
    #[must_use]
    pub const fn name(&self) -> Option<&N> {
        self.name.as_ref()
    }
}

impl<N: PartialEq> PartialEq<N> for Seen<N> {
    fn eq(&self, name: &N) -> bool {
        self.name.as_ref() == Some(name)
    }
}

/// With control characters escaped, since it may come from a jail.
impl<N> fmt::Display for Seen<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.contains(char::is_control) {
            f.pad(&self.text.escape_debug().to_string())
        } else {
            f.pad(&self.text)
        }
    }
}

impl<N> fmt::Debug for Seen<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.text)?;
        f.write_str(if self.name.is_some() { "" } else { " (not ours)" })
    }
}

#[cfg(test)]
mod tests {
    use allocd_types::name::{InterfaceName, JailName};

    use super::*;

    #[test]
    fn a_text_that_is_a_name_of_ours_has_one() {
        let seen = Seen::<InterfaceName>::new("epair7a");
        let name = InterfaceName::new("epair7a").unwrap();
        assert_eq!((seen.name(), seen == name), (Some(&name), true));
        assert!(seen != InterfaceName::new("epair7b").unwrap());
    }

    #[test]
    fn any_other_text_is_kept_without_a_name() {
        for text in ["bge0.100", "vnet0:6", "vm-public", "wlan 0", "0net", ""] {
            let seen = Seen::<InterfaceName>::new(text);
            assert_eq!((seen.as_str(), seen.name()), (text, None));
        }
        assert_eq!(Seen::<JailName>::new("12").name(), None, "a jail that is only digits");
        assert_eq!(Seen::<JailName>::new("a\u{1b}[2J").to_string(), r"a\u{1b}[2J");
    }
}
