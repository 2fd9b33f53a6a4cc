//! The inventory that jail servers were kept in by hand: `hostname:bridge:jail_name:version:jail_ip:epair_no`, both ways.
//!
//! A file is read in one pass, and everything that its text alone shows to be wrong is said at once, by line. What needs other
//! lines or the network (an address that comes twice, a gateway, an unknown bridge) is the cluster's to find
//! (`allocd_types::import::ImportFlaw`). A bad line still gives what could be read of it: what runs must not be handed out.

mod export;
mod flaw;
mod line;
#[cfg(test)]
mod tests;

use allocd_types::import::{ImportFragment, ImportLine};
use allocd_types::limits::IMPORT_LINES_MAX;

pub use export::{InventoryText, Remark, RemarkReason, render};
pub use flaw::InventoryFlaw;

/// Longest line, in bytes: six columns at their longest with room to spare.
pub const LINE_BYTES_MAX: usize = 1_024;
/// Columns of a line.
pub const FIELDS: usize = 6;

/// What an inventory says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inventory {
    /// The good lines, in the order of the file.
    pub lines: Vec<ImportLine>,
    /// What could be read of the bad ones.
    pub fragments: Vec<ImportFragment>,
    /// Everything that is wrong, in the order of the lines and, within one, of the columns.
    pub findings: Vec<InventoryFinding>,
}

/// Something wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryFinding {
    /// The line's number in the file, from 1.
    pub number: u32,
    /// What is wrong; its `Display` is the sentence for people.
    pub flaw: InventoryFlaw,
}

/// Reads an inventory.
///
/// A byte-order mark, Windows line ends and a missing last newline are fine. The work is linear in the size of the file, and the
/// result is bounded by [`IMPORT_LINES_MAX`] lines, whatever the bytes are.
#[must_use]
pub fn parse(bytes: &[u8]) -> Inventory {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut inventory = Inventory::default();
    let mut entries = 0;
    for (number, bytes) in (1_u32..).zip(bytes.split(|byte| *byte == b'\n')) {
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() || bytes.starts_with(b"#") {
            continue;
        }
        entries += 1;
        if entries > IMPORT_LINES_MAX {
            inventory.findings.push(InventoryFinding { number, flaw: InventoryFlaw::TooManyLines });
            break;
        }
        match line::read(number, bytes) {
            Ok(line) => inventory.lines.push(line),
            Err((flaws, fragment)) => {
                inventory.findings.extend(flaws.into_iter().map(|flaw| InventoryFinding { number, flaw }));
                inventory.fragments.push(fragment);
            }
        }
    }
    inventory
}
