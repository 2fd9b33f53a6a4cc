//! The short listings: names of interfaces, of the members of a group, of what can be cloned.

use allocd_types::name::InterfaceName;

use crate::seen::Seen;

/// Reads `ifconfig -l` or `ifconfig -C`: names on one line with blanks between.
#[must_use]
pub fn parse_names(text: &str) -> Vec<Seen<InterfaceName>> {
    text.split_ascii_whitespace().map(Seen::new).collect()
}

/// Reads `ifconfig -g`: one name a line.
#[must_use]
pub fn parse_group(text: &str) -> Vec<Seen<InterfaceName>> {
    text.lines().filter(|line| !line.is_empty()).map(Seen::new).collect()
}
