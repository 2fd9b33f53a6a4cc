//! What can be wrong with one line of an inventory, and the sentence for each.
//!
//! Sentences quote what was written, but never more than a few dozen characters of it and never a control character: they end
//! up on terminals and in logs.

use std::fmt;

use allocd_types::limits::IMPORT_LINES_MAX;
use allocd_types::name::{JAIL_NAME_BYTES_MAX, NameError};

use super::{FIELDS, LINE_BYTES_MAX};

/// Most characters of the file that one sentence quotes.
const QUOTED_CHARS_MAX: usize = 40;

/// What is wrong with a line as a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InventoryFlaw {
    /// Not six columns.
    FieldCount {
        /// How many there are.
        fields: usize,
        /// True if the surplus is an IPv6 address's colons.
        is_ipv6: bool,
    },
    /// The host column is no DNS name.
    Host(NameError),
    /// The bridge column is no interface name.
    Bridge(NameError),
    /// The jail column is empty.
    JailEmpty,
    /// The jail column holds something that sh(1) would expand or execute.
    JailForShell,
    /// The jail column holds something else that no jail name may hold.
    JailMalformed {
        /// What was written.
        text: Quoted,
    },
    /// The jail column is a number, which jail(8) takes for a jid.
    JailDigits {
        /// What was written.
        text: Quoted,
    },
    /// The jail column is too long.
    JailTooLong {
        /// How long it is.
        bytes: usize,
    },
    /// The version column is longer than a label may be.
    VersionTooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        bytes_max: usize,
    },
    /// The address column is empty.
    AddressEmpty,
    /// The address column is no IPv4 address.
    Address {
        /// What was written.
        text: Quoted,
    },
    /// The epair column is empty.
    UnitEmpty,
    /// The epair column is no number.
    Unit {
        /// What was written.
        text: Quoted,
    },
    /// The epair column is a number that the kernel has no unit for.
    UnitAboveLast {
        /// What was written.
        text: Quoted,
    },
    /// The line is no text.
    NotUtf8 {
        /// The first bad byte's place in the line, from 1.
        column: usize,
    },
    /// The line holds a control character.
    Control {
        /// Its code.
        code: u32,
    },
    /// The line is too long to be one.
    LineTooLong {
        /// How long it is.
        bytes: usize,
    },
    /// There are more lines than one import may carry; this and all that follow were not read.
    TooManyLines,
}

/// A piece of the file that is safe to show: escaped, and cut where it is long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    pub(super) fn new(text: &str) -> Self {
        let mut shown: String = text.chars().take(QUOTED_CHARS_MAX).flat_map(char::escape_debug).collect();
        if text.chars().nth(QUOTED_CHARS_MAX).is_some() {
            shown.push_str("...");
        }
        Self(shown)
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InventoryFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldCount { fields, is_ipv6 } => {
                let noun = if *fields == 1 { "field" } else { "fields" };
                write!(f, "{fields} {noun} where {FIELDS} are expected")?;
                let why = " (an IPv6 address does not fit this format)";
                f.write_str(if *is_ipv6 { why } else { "" })
            }
            Self::Host(error) => write_name(f, "the host name", error),
            Self::Bridge(error) => write_name(f, "the bridge name", error),
            Self::JailEmpty => f.write_str("the jail name is empty"),
            Self::JailForShell => f.write_str("the jail name holds characters that a shell would run"),
            Self::JailMalformed { text } => {
                write!(f, "the jail name {text} holds more than letters, digits, '_', '.' and '-'")
            }
            Self::JailDigits { text } => {
                write!(f, "the jail name {text} is only digits, which jail(8) takes for a jail's number")
            }
            Self::JailTooLong { bytes } => {
                write!(f, "the jail name has {bytes} bytes, {JAIL_NAME_BYTES_MAX} are allowed")
            }
            Self::VersionTooLong { bytes, bytes_max } => {
                write!(f, "the version has {bytes} bytes, {bytes_max} are allowed")
            }
            Self::AddressEmpty => f.write_str("the address is empty"),
            Self::Address { text } => write!(f, "{text} is no IPv4 address"),
            Self::UnitEmpty => f.write_str("the epair number is empty"),
            Self::Unit { text } => write!(f, "epair {text} is no unit number"),
            Self::UnitAboveLast { text } => {
                write!(f, "epair {text} is above the kernel's last unit, {}", allocd_types::index::UNIT_MAX)
            }
            Self::NotUtf8 { column } => write!(f, "the line is no UTF-8 text from byte {column} on"),
            Self::Control { code: 0 } => f.write_str("the line holds NUL bytes"),
            Self::Control { code } => write!(f, "the line holds the control character U+{code:04X}"),
            Self::LineTooLong { bytes } => {
                write!(f, "the line has {bytes} bytes, {LINE_BYTES_MAX} are allowed")
            }
            Self::TooManyLines => {
                write!(
                    f,
                    "this is entry {}, {IMPORT_LINES_MAX} are allowed in one file; the rest was not read",
                    IMPORT_LINES_MAX + 1
                )
            }
        }
    }
}

fn write_name(f: &mut fmt::Formatter<'_>, what: &str, error: &NameError) -> fmt::Result {
    match error {
        NameError::Empty { .. } => write!(f, "{what} is empty"),
        NameError::TooLong { bytes, bytes_max, .. } => {
            write!(f, "{what} has {bytes} bytes, {bytes_max} are allowed")
        }
        NameError::Malformed { text, rule, .. } => {
            write!(f, "{what} {} must be {rule}", Quoted::new(text))
        }
    }
}
