//! Reads one line of an inventory: a whole lease, or everything that is wrong with it and what can be read all the same.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use allocd_types::import::{ImportFragment, ImportLine};
use allocd_types::index::{UnitError, UnitIndex};
use allocd_types::limits::LABEL_VALUE_BYTES_MAX;
use allocd_types::name::{HostName, InterfaceName, JAIL_NAME_BYTES_MAX, JailName};

use super::flaw::{InventoryFlaw, Quoted};
use super::{FIELDS, LINE_BYTES_MAX};

/// What sh(1) expands, splits at or executes, in words and between quotes.
const SHELL_CHARACTERS: &str = "!\"$&'()*;<>?[\\]`{|}~#";

type BadLine = (Vec<InventoryFlaw>, ImportFragment);

/// Reads a line that is neither empty nor a comment, without blanks at its ends.
pub(super) fn read(number: u32, bytes: &[u8]) -> Result<ImportLine, BadLine> {
    if bytes.len() > LINE_BYTES_MAX {
        let flaw = InventoryFlaw::LineTooLong { bytes: bytes.len() };
        return Err((vec![flaw], fragment(number, &whole_fields(&bytes[..LINE_BYTES_MAX]))));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let flaw = InventoryFlaw::NotUtf8 { column: error.valid_up_to() + 1 };
            return Err((vec![flaw], fragment(number, &String::from_utf8_lossy(bytes))));
        }
    };
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        let flaw = InventoryFlaw::Control { code: u32::from(control) };
        return Err((vec![flaw], fragment(number, text)));
    }
    let fields = columns(text);
    let Ok(fields) = <[&str; FIELDS]>::try_from(fields.as_slice()) else {
        let is_ipv6 = joined_ipv6(&fields).is_some();
        let flaw = InventoryFlaw::FieldCount { fields: fields.len(), is_ipv6 };
        return Err((vec![flaw], fragment(number, text)));
    };
    read_fields(number, fields).map_err(|flaws| (flaws, fragment(number, text)))
}

/// The columns of a line; blanks around one are the typist's.
fn columns(text: &str) -> Vec<&str> {
    text.split(':').map(str::trim).collect()
}

fn read_fields(number: u32, fields: [&str; FIELDS]) -> Result<ImportLine, Vec<InventoryFlaw>> {
    let [host, bridge, original_jail, version, address, unit] = fields;
    let mut flaws = Vec::new();
    let host = keep(&mut flaws, HostName::new(host).map_err(InventoryFlaw::Host));
    let bridge = keep(&mut flaws, InterfaceName::new(bridge).map_err(InventoryFlaw::Bridge));
    let jail = keep(&mut flaws, read_jail(original_jail));
    let version = keep(&mut flaws, read_version(version));
    let address = keep(&mut flaws, read_address(address));
    let index = keep(&mut flaws, read_unit(unit));
    match (host, bridge, jail, version, address, index) {
        (Some(host), Some(bridge), Some(jail), Some(version), Some(address), Some(index)) => Ok(ImportLine {
            number,
            host,
            bridge,
            jail,
            original_jail: original_jail.to_owned(),
            version,
            address: IpAddr::V4(address),
            index,
        }),
        _ => Err(flaws),
    }
}

fn keep<T>(flaws: &mut Vec<InventoryFlaw>, result: Result<T, InventoryFlaw>) -> Option<T> {
    result.map_err(|flaw| flaws.push(flaw)).ok()
}

/// The name that rc.d, ezjail and shell variables can carry: rc.subr(8) and ezjail-admin(8) map the same characters.
pub(super) fn safe_jail_name(original: &str) -> String {
    original.replace(['.', '-'], "_")
}

fn read_jail(original: &str) -> Result<JailName, InventoryFlaw> {
    if original.is_empty() {
        return Err(InventoryFlaw::JailEmpty);
    }
    if original.contains(|c| SHELL_CHARACTERS.contains(c)) {
        return Err(InventoryFlaw::JailForShell);
    }
    if original.len() > JAIL_NAME_BYTES_MAX {
        return Err(InventoryFlaw::JailTooLong { bytes: original.len() });
    }
    if original.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InventoryFlaw::JailDigits { text: Quoted::new(original) });
    }
    JailName::new(&safe_jail_name(original))
        .map_err(|_| InventoryFlaw::JailMalformed { text: Quoted::new(original) })
}

fn read_version(version: &str) -> Result<String, InventoryFlaw> {
    if version.len() > LABEL_VALUE_BYTES_MAX {
        return Err(InventoryFlaw::VersionTooLong { bytes: version.len(), bytes_max: LABEL_VALUE_BYTES_MAX });
    }
    Ok(version.to_owned())
}

fn read_address(text: &str) -> Result<Ipv4Addr, InventoryFlaw> {
    if text.is_empty() {
        return Err(InventoryFlaw::AddressEmpty);
    }
    text.parse().map_err(|_| InventoryFlaw::Address { text: Quoted::new(text) })
}

fn read_unit(text: &str) -> Result<UnitIndex, InventoryFlaw> {
    if text.is_empty() {
        return Err(InventoryFlaw::UnitEmpty);
    }
    text.parse().map_err(|error| match error {
        UnitError::Malformed { .. } => InventoryFlaw::Unit { text: Quoted::new(text) },
        UnitError::AboveLast { .. } => InventoryFlaw::UnitAboveLast { text: Quoted::new(text) },
    })
}

/// The columns that lie wholly in the beginning of a line; one that was cut would give another value than the one that runs.
fn whole_fields(beginning: &[u8]) -> String {
    let end = beginning.iter().rposition(|byte| *byte == b':').unwrap_or(0);
    format!("{}:", String::from_utf8_lossy(&beginning[..end]))
}

/// The IPv6 address whose own colons took a line apart, between the version and the unit.
fn joined_ipv6(fields: &[&str]) -> Option<Ipv6Addr> {
    let middle = fields.get(FIELDS - 2..fields.len().checked_sub(1)?)?;
    middle.join(":").parse().ok()
}

/// What can be read of a line that is no whole lease.
fn fragment(number: u32, text: &str) -> ImportFragment {
    let fields = columns(text);
    let field = |at: usize| fields.get(at).copied().unwrap_or_default();
    // Where the number of columns is wrong, a column is known by its looks and not by its place.
    let address = if fields.len() == FIELDS {
        field(FIELDS - 2).parse::<Ipv4Addr>().ok().map(IpAddr::V4)
    } else {
        let ipv4 = || fields.iter().find_map(|field| field.parse::<Ipv4Addr>().ok()).map(IpAddr::V4);
        joined_ipv6(&fields).map(IpAddr::V6).or_else(ipv4)
    };
    let index = fields.last().filter(|_| fields.len() > 2).and_then(|last| last.parse().ok());
    ImportFragment {
        number,
        host: HostName::new(field(0)).ok(),
        bridge: InterfaceName::new(field(1)).ok(),
        address,
        index,
    }
}
