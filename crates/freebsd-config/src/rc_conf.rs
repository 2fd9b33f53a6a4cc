//! rc.conf(5): a variable is told, set, or given one more word, and every other byte of the file stays.
//!
//! The file is a script for sh(1), and other people write it. What it says is only told when the text alone says it: a value
//! that sh(1) would expand is refused, and so is a file with anything but assignments and comments, because an `if` or an
//! `eval` could set any variable. Of several assignments the last one counts, as for sh(1), and is the one that is edited.
//! Nothing is written that sh(1) would expand.
//!
//! One file is one text: rc(8) reads /etc/defaults/rc.conf, /etc/rc.conf and /etc/rc.conf.local in this order, and a caller that
//! has several asks the last one first.

mod reader;
#[cfg(test)]
mod tests;

use std::fmt;

pub(crate) use reader::{Assignment, assignments};

/// A variable's name, as sh(1) takes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariableName(String);

/// A variable that is a list of words of equal rank; others, such as `ifconfig_vswitch0`, have words that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListVariable {
    /// `cloned_interfaces`: the interfaces that netif makes.
    ClonedInterfaces,
    /// `jail_list`: the jails that rc.d/jail starts, in this order. Empty or unset, it means every jail of /etc/jail.conf, so a
    /// caller that takes the last word away, or puts the first one in, changes what else is started.
    JailList,
    /// `kld_list`: the modules that are loaded at boot.
    KldList,
}

/// Why a file is not read or not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RcConfError {
    /// sh(1) has no variable of this name.
    #[error("{text:?} is no variable: letters, digits and underscores, and no digit first")]
    Name {
        /// What was given.
        text: String,
    },
    /// Something other than an assignment or a comment, or a value whose end only sh(1) can find.
    #[error("line {line}: only plain assignments and comments are understood here")]
    NotUnderstood {
        /// The line.
        line: u32,
    },
    /// A quote without an end.
    #[error("line {line}: a quoted value without an end")]
    Unterminated {
        /// The line it begins on.
        line: u32,
    },
    /// The value depends on what sh(1) expands in it.
    #[error("line {line}: sh(1) expands the value of {name}, and what it becomes is not known here")]
    Expanded {
        /// The line.
        line: u32,
        /// The variable.
        name: String,
    },
    /// A value that sh(1) would not take as it is.
    #[error(
        "{value:?} cannot be written: printable ASCII without double quotes, dollars, backquotes and backslashes"
    )]
    Value {
        /// What was given.
        value: String,
    },
    /// A word that would not stay one word.
    #[error("{word:?} is no word of a list: letters, digits, '_', '-', '.', ':' and '/'")]
    Word {
        /// What was given.
        word: String,
    },
}

impl VariableName {
    /// Checks a text and makes the name.
    ///
    /// # Errors
    /// [`RcConfError::Name`] if sh(1) has no such variable.
    pub fn new(text: &str) -> Result<Self, RcConfError> {
        let is_name = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_name { Ok(Self(text.to_owned())) } else { Err(RcConfError::Name { text: shown(text) }) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl ListVariable {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ClonedInterfaces, Self::JailList, Self::KldList];

    /// The variable's name.
    #[must_use]
    pub fn name(self) -> VariableName {
        VariableName(self.as_str().to_owned())
    }

    /// The variable's name as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClonedInterfaces => "cloned_interfaces",
            Self::JailList => "jail_list",
            Self::KldList => "kld_list",
        }
    }
}

/// Tells a variable's value; none if the file does not set it.
///
/// # Errors
/// [`RcConfError`] if the text alone does not say it.
pub fn get(text: &str, name: &VariableName) -> Result<Option<String>, RcConfError> {
    Ok(find(text, name)?.map(|(_, value)| value))
}

/// Sets a variable: in its last assignment, or in a line at the end if it has none.
///
/// # Errors
/// [`RcConfError`] if the value cannot be written, or the present one is not understood.
pub fn set(text: &str, name: &VariableName, value: &str) -> Result<String, RcConfError> {
    if value.bytes().any(|byte| !(byte == b' ' || byte.is_ascii_graphic()) || b"\"$`\\".contains(&byte)) {
        return Err(RcConfError::Value { value: shown(value) });
    }
    match find(text, name)? {
        Some((_, present)) if present == value => Ok(text.to_owned()),
        Some((assignment, _)) => {
            let (before, after) = (&text[..assignment.place.start], &text[assignment.place.end..]);
            Ok(format!("{before}\"{value}\"{after}"))
        }
        None => {
            let end = reader::end_of_last_line(text);
            Ok(format!("{text}{end}{name}=\"{value}\"\n"))
        }
    }
}

/// Switches something on, unless it is on already, however that is written.
///
/// # Errors
/// As [`set`].
pub fn enable(text: &str, name: &VariableName) -> Result<String, RcConfError> {
    match get(text, name)? {
        Some(value) if is_yes(&value) => Ok(text.to_owned()),
        Some(_) | None => set(text, name, "YES"),
    }
}

/// Puts a word at the end of a list that does not have it.
///
/// # Errors
/// [`RcConfError`] if it is no word, or the list is not understood.
pub fn add_word(text: &str, list: ListVariable, word: &str) -> Result<String, RcConfError> {
    check_word(word)?;
    let value = get(text, &list.name())?.unwrap_or_default();
    let mut words: Vec<&str> = value.split_ascii_whitespace().collect();
    if words.contains(&word) {
        return Ok(text.to_owned());
    }
    words.push(word);
    set(text, &list.name(), &words.join(" "))
}

/// Takes a word out of a list, as often as it is there.
///
/// # Errors
/// [`RcConfError`] if it is no word, or the list is not understood.
pub fn remove_word(text: &str, list: ListVariable, word: &str) -> Result<String, RcConfError> {
    check_word(word)?;
    let value = get(text, &list.name())?.unwrap_or_default();
    let kept: Vec<&str> = value.split_ascii_whitespace().filter(|present| *present != word).collect();
    if kept.len() == value.split_ascii_whitespace().count() {
        return Ok(text.to_owned());
    }
    set(text, &list.name(), &kept.join(" "))
}

/// True if rc.subr(8) takes a value for yes (checkyesno).
#[must_use]
pub fn is_yes(value: &str) -> bool {
    ["yes", "true", "on", "1"].iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

/// The last assignment of a variable, with its value.
fn find<'a>(text: &'a str, name: &VariableName) -> Result<Option<(Assignment<'a>, String)>, RcConfError> {
    let last = assignments(text)?.into_iter().rev().find(|assignment| assignment.name == name.as_str());
    last.map(|assignment| {
        let value = assignment.value()?.to_owned();
        Ok((assignment, value))
    })
    .transpose()
}

fn check_word(word: &str) -> Result<(), RcConfError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
    if word.is_empty() || !word.bytes().all(is_plain) {
        return Err(RcConfError::Word { word: shown(word) });
    }
    Ok(())
}

/// As much of a text as an error quotes.
fn shown(text: &str) -> String {
    const QUOTED_CHARS_MAX: usize = 64;
    text.chars().take(QUOTED_CHARS_MAX).collect()
}
