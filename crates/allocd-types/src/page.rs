//! Lists page by page: how much is asked for, where to go on, and what came.

use std::fmt;
use std::sync::Arc;

use crate::limits::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, PAGE_TOKEN_BYTES_MAX};
use crate::violation::Violations;

/// Where a listing goes on; only the member that made it knows what it means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageToken(Arc<str>);

/// The text is no page token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no page token: take the one that came with the page before")]
pub struct PageTokenError;

impl PageToken {
    /// Checks a text and makes the token.
    ///
    /// # Errors
    /// [`PageTokenError`] if it is empty, too long or not printable ASCII.
    pub fn new(text: &str) -> Result<Self, PageTokenError> {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > PAGE_TOKEN_BYTES_MAX || !printable {
            return Err(PageTokenError);
        }
        Ok(Self(Arc::from(text)))
    }

    /// The token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSpec {
    size: usize,
    /// Where to go on; nothing said means the start.
    pub token: Option<PageToken>,
}

impl PageSpec {
    /// The first page, of the usual size.
    #[must_use]
    pub const fn first() -> Self {
        Self { size: PAGE_SIZE_DEFAULT, token: None }
    }

    /// The first page, as large as a page may be.
    #[must_use]
    pub const fn largest() -> Self {
        Self { size: PAGE_SIZE_MAX, token: None }
    }

    /// A first page of this size, where 0 means the usual one; a size beyond the bound becomes a violation.
    pub fn check(field: &str, size: usize, violations: &mut Violations) -> Option<Self> {
        if size > PAGE_SIZE_MAX {
            violations.add(field, format!("{size} on a page; {PAGE_SIZE_MAX} are allowed"));
            return None;
        }
        Some(Self { size: if size == 0 { PAGE_SIZE_DEFAULT } else { size }, token: None })
    }

    /// The page of the same size at which a listing goes on.
    #[must_use]
    pub fn at(&self, token: PageToken) -> Self {
        Self { size: self.size, token: Some(token) }
    }

    /// How many items there are on it at most, at least one.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the listing goes on, if this was not the last page.
    pub next: Option<PageToken>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_bounded_and_never_empty_by_wish() {
        let mut violations = Violations::default();
        assert_eq!(PageSpec::check("page_size", 0, &mut violations).unwrap().size(), PAGE_SIZE_DEFAULT);
        assert_eq!(PageSpec::check("page_size", 7, &mut violations).unwrap().size(), 7);
        assert!(violations.is_empty());
        assert_eq!(PageSpec::check("page_size", PAGE_SIZE_MAX + 1, &mut violations), None);
        assert_eq!(violations.len(), 1);
    }

    #[test]
    fn a_token_is_bounded_and_printable() {
        assert!(PageToken::new("djE6MTc").is_ok());
        for bad in ["", "a b", "a\n", &"x".repeat(PAGE_TOKEN_BYTES_MAX + 1)] {
            assert_eq!(PageToken::new(bad), Err(PageTokenError), "{bad:?}");
        }
    }
}
