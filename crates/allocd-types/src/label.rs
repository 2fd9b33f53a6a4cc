//! Labels: small notes of operators and pipelines on leases, hosts and the like. They decide nothing.

use std::collections::BTreeMap;

use crate::limits::{LABEL_KEY_BYTES_MAX, LABEL_VALUE_BYTES_MAX, LABELS_MAX};
use crate::violation::Violations;

/// A bounded map of labels, in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// Checks a map and makes labels of it; every wrong key and value becomes a violation under `field`.
    #[must_use]
    pub fn check(field: &str, map: BTreeMap<String, String>, violations: &mut Violations) -> Self {
        if map.len() > LABELS_MAX {
            violations.add(field, format!("{} labels, {LABELS_MAX} are allowed", map.len()));
        }
        for (key, value) in map.iter().take(LABELS_MAX) {
            let shown: String = key.chars().take(LABEL_KEY_BYTES_MAX).collect();
            if !is_key(key) {
                let rule = "a key is a lower-case letter, then lower-case letters, digits, '-', '_' and '.'";
                violations.add(
                    &format!("{field}[{shown}]"),
                    format!("{rule}, {LABEL_KEY_BYTES_MAX} bytes at most"),
                );
            }
            if value.len() > LABEL_VALUE_BYTES_MAX || value.chars().any(char::is_control) {
                let rule = "a value has no control characters";
                violations.add(
                    &format!("{field}[{shown}]"),
                    format!("{rule} and {LABEL_VALUE_BYTES_MAX} bytes at most"),
                );
            }
        }
        Self(map)
    }

    /// Adds a label whose key and value the caller knows to be good; a value that is too long is cut.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: &str) -> Self {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        let end = value
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take_while(|end| *end <= LABEL_VALUE_BYTES_MAX);
        let end = end.last().unwrap_or(0);
        self.0.insert(key.to_owned(), value[..end].to_owned());
        self
    }

    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// All labels in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_key(key: &str) -> bool {
    key.len() <= LABEL_KEY_BYTES_MAX
        && key.starts_with(|first: char| first.is_ascii_lowercase())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_label_is_named() {
        let mut violations = Violations::default();
        let map =
            [("ok", "fine"), ("Bad", "x"), ("newline", "a\nb")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let _ = Labels::check("lease.labels", map.into(), &mut violations);
        let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["lease.labels[Bad]", "lease.labels[newline]"]);
    }

    #[test]
    fn a_value_of_our_own_is_cut_at_a_character() {
        let labels = Labels::default().with("note", &"ä".repeat(LABEL_VALUE_BYTES_MAX));
        assert!(labels.get("note").unwrap().len() <= LABEL_VALUE_BYTES_MAX);
    }
}
