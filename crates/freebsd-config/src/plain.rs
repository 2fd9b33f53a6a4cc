//! What every rendered text is made of.

/// True if a text has nothing but printable ASCII, tabs and line ends.
pub(crate) fn is_plain_text(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() || b" \t\n".contains(&byte))
}
