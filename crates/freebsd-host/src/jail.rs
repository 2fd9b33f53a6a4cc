//! Jails as jls(8) lists them, dying ones among them.
//!
//! From release 11 on jls(8) writes JSON by way of libxo(3), which quotes what has to be quoted. Before, it writes pairs and
//! quotes them itself. Both are asked for the same parameters by [`PARAMETERS`]; what `jls -v` says is read as well.

mod json;
mod pairs;

use std::fmt;

use allocd_types::name::JailName;

use crate::seen::Seen;

pub use json::parse_json;
pub use pairs::parse_pairs;

/// What jls(8) is asked for.
pub const PARAMETERS: [&str; 4] = ["jid", "name", "path", "dying"];
/// What it is asked for besides, if the kernel has VIMAGE; without, it knows no such parameter, and jls(8) fails.
pub const PARAMETER_OF_VIMAGE: &str = "vnet";

/// What is asked for, for errors.
const WHAT: &str = "a listing of jails";

/// A jail's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Jid(pub u32);

/// A jail that the kernel knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jail {
    /// Its number.
    pub jid: Jid,
    /// Its name; a child's is behind its parents' with dots between.
    pub name: Seen<JailName>,
    /// Its root.
    pub path: String,
    /// Whether it has a network stack of its own; none if the listing does not say.
    pub has_vnet: Option<bool>,
    /// True if it was removed and something still holds it. It has its name and interfaces and can be told nothing.
    pub is_dying: bool,
}

impl fmt::Display for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a value of `vnet` means a network stack of its own; `inherit` and `disable` do not.
fn is_own_stack(vnet: &str) -> bool {
    vnet == "new"
}

#[cfg(test)]
mod tests;
