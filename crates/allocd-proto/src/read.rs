//! From message to vocabulary: everything that is wrong is noted with its field's path, nothing is guessed.
//!
//! A reader looks at every field before it gives up, so that a request with several wrong fields is told all of them. What it
//! returns counts only if nothing was noted; [`read`] and the requests see to that.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use allocd_types::page::PageToken;
use allocd_types::violation::Violations;

/// A message that stands for a word of the vocabulary.
pub trait Read {
    /// The word.
    type Word;

    /// Reads the message, whose path is `field`; notes everything that is wrong.
    fn read(self, field: &str, wrong: &mut Violations) -> Option<Self::Word>;
}

/// Reads a message that has to be there.
///
/// # Errors
/// All that is wrong with it.
pub fn read<M: Read>(field: &str, message: Option<M>) -> Result<M::Word, Violations> {
    let mut wrong = Violations::default();
    let word = required(message, field, &mut wrong);
    wrong.finish(word)
}

/// Reads a message that has to be there, within a larger one.
pub(crate) fn required<M: Read>(message: Option<M>, field: &str, wrong: &mut Violations) -> Option<M::Word> {
    if message.is_none() {
        wrong.add(field, "is missing");
    }
    message?.read(field, wrong)
}

/// Reads a message that may be absent; the outer nothing means that it is wrong.
pub(crate) fn optional<M: Read>(
    message: Option<M>,
    field: &str,
    wrong: &mut Violations,
) -> Option<Option<M::Word>> {
    message.map_or(Some(None), |message| message.read(field, wrong).map(Some))
}

/// Reads the token of the next page of a list; none if there is none.
pub(crate) fn next_page(token: &str, wrong: &mut Violations) -> Option<PageToken> {
    if token.is_empty() { None } else { wrong.keep("next_page_token", PageToken::new(token)) }
}

/// Reads a text that has to be there.
pub(crate) fn text<T: FromStr<Err: fmt::Display>>(
    text: &str,
    field: &str,
    wrong: &mut Violations,
) -> Option<T> {
    wrong.keep(field, text.parse())
}

/// Reads a text that may be empty; the outer nothing means that it is wrong.
pub(crate) fn optional_text<T: FromStr<Err: fmt::Display>>(
    given: &str,
    field: &str,
    wrong: &mut Violations,
) -> Option<Option<T>> {
    if given.is_empty() { Some(None) } else { text(given, field, wrong).map(Some) }
}

/// Reads a text for which something stands in when it is empty.
pub(crate) fn text_or<T: FromStr<Err: fmt::Display>>(
    given: &str,
    unsaid: T,
    field: &str,
    wrong: &mut Violations,
) -> Option<T> {
    if given.is_empty() { Some(unsaid) } else { text(given, field, wrong) }
}

/// Reads an address that has to be there.
pub(crate) fn ip(given: &str, field: &str, wrong: &mut Violations) -> Option<IpAddr> {
    let shown = || format!("{:?} is no IP address", given.chars().take(64).collect::<String>());
    wrong.keep(field, given.parse().map_err(|_| shown()))
}

/// Reads an address that may be empty; the outer nothing means that it is wrong.
pub(crate) fn optional_ip(given: &str, field: &str, wrong: &mut Violations) -> Option<Option<IpAddr>> {
    if given.is_empty() { Some(None) } else { ip(given, field, wrong).map(Some) }
}

/// Reads all items of a list, each under its own path; nothing if one is wrong.
pub(crate) fn list<I: IntoIterator, T>(
    items: I,
    field: &str,
    wrong: &mut Violations,
    mut item: impl FnMut(I::Item, &str, &mut Violations) -> Option<T>,
) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = items
        .into_iter()
        .enumerate()
        .map(|(at, given)| item(given, &format!("{field}[{at}]"), wrong))
        .collect();
    read.into_iter().collect()
}

/// Notes that a list is too long.
pub(crate) fn bounded(len: usize, len_max: usize, field: &str, wrong: &mut Violations) {
    if len > len_max {
        wrong.add(field, format!("{len} were given; {len_max} are allowed"));
    }
}

/// Reads an unsigned number into a narrower type.
pub(crate) fn narrow<T: TryFrom<u32>>(number: u32, field: &str, wrong: &mut Violations) -> Option<T> {
    wrong.keep(field, T::try_from(number).map_err(|_| format!("{number} is too large")))
}

/// The path of a field inside another.
pub(crate) fn path(field: &str, inner: &str) -> String {
    if field.is_empty() { inner.to_owned() } else { format!("{field}.{inner}") }
}
