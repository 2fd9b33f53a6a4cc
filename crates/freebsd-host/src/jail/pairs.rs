//! `jls -n` before libxo: one jail a line, as `jid=1 name=web01 path="/usr/jails/web 01" nodying vnet=new`.
//!
//! A value is quoted if it holds a blank or a quote, and a backslash stands before every backslash in a value and before the
//! quote in a quoted one (quoted_print in usr.sbin/jls/jls.c of 9 and 10). A truth is its name, or its name behind `no`.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use allocd_types::name::JailName;

use super::{Jail, Jid, WHAT, is_own_stack};
use crate::listing::{ListingError, every_line};
use crate::seen::Seen;

/// Reads a listing.
///
/// # Errors
/// [`ListingError`] if a line is not made of such pairs, or lacks a jail's number, name or path.
pub fn parse_pairs(text: &str) -> Result<Vec<Jail>, ListingError> {
    every_line(WHAT, text, read)
}

fn read(line: &str) -> Option<Jail> {
    let pairs = pairs(line)?;
    let value = |key| pairs.get(key).cloned().flatten();
    Some(Jail {
        jid: Jid(value("jid")?.parse().ok()?),
        name: Seen::<JailName>::new(&value("name")?),
        path: value("path")?,
        has_vnet: value("vnet").map(|vnet| is_own_stack(&vnet)),
        is_dying: pairs.contains_key("dying"),
    })
}

/// The words of a line, each with its value if it has one.
fn pairs(line: &str) -> Option<BTreeMap<String, Option<String>>> {
    let mut pairs = BTreeMap::new();
    let mut chars = line.chars().peekable();
    loop {
        while chars.next_if_eq(&' ').is_some() {}
        if chars.peek().is_none() {
            return Some(pairs);
        }
        let mut key = String::new();
        while let Some(c) = chars.next_if(|c| !matches!(c, '=' | ' ')) {
            key.push(c);
        }
        let value = match chars.next_if_eq(&'=') {
            Some(_) => Some(value(&mut chars)?),
            None => None,
        };
        pairs.insert(key, value);
    }
}

/// A value; none if its quote does not end.
fn value(chars: &mut Peekable<Chars>) -> Option<String> {
    let quote = chars.next_if(|c| matches!(c, '"' | '\''));
    let mut value = String::new();
    loop {
        match chars.next_if(|c| quote.is_some() || *c != ' ') {
            Some('\\') => value.push(chars.next()?),
            Some(c) if Some(c) == quote => return Some(value),
            Some(c) => value.push(c),
            None => return quote.is_none().then_some(value),
        }
    }
}
