//! Paths on the host, as they may stand in a command that root runs.

use std::fmt;

/// Longest path, in bytes (`MAXPATHLEN` is 1024 with the terminating zero).
const BYTES_MAX: usize = 1_023;

/// An absolute path below the root, of plain characters: no tool can take it for something else, and it leads nowhere by `..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPath(String);

/// Why a text is no path that is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} must be an absolute path of letters, digits, '_', '-' and '.', without '.', '..' and empty parts"
)]
pub struct PathError {
    /// What was given.
    text: String,
}

impl HostPath {
    /// Checks a text and makes the path.
    ///
    /// # Errors
    /// [`PathError`] if it is not absolute, is the root itself, or holds more than plain characters.
    pub fn new(text: &str) -> Result<Self, PathError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(is_plain);
        let is_path = text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_part));
        if is_path && text.len() <= BYTES_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(PathError { text: text.chars().take(BYTES_MAX).collect() })
        }
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_absolute_plain_and_leads_down() {
        for good in ["/usr/jails/web01", "/etc/jail.conf.d/web01.conf", "/a"] {
            assert_eq!(HostPath::new(good).unwrap().as_str(), good);
        }
        for bad in
            ["", "/", "usr", "/usr/", "/usr//a", "/usr/../a", "/.", "/a b", "/a;b", "/$x", "-", "/ä", "/a\nb"]
        {
            assert!(HostPath::new(bad).is_err(), "{bad}");
        }
        assert!(HostPath::new(&format!("/{}", "x".repeat(BYTES_MAX))).is_err());
    }
}
