//! Reads `ifconfig -a` and `ifconfig IF` of every release.
//!
//! A line that begins at the margin and has flags begins an interface; the lines below it, which are indented, say more of it,
//! in an order that differs between releases. Lines that are not known are left out.

use allocd_types::mac::Mac;
use allocd_types::name::INTERFACE_NAME_BYTES_MAX;

use super::{Flags, Interface, InterfaceAddress, Vlan};
use crate::listing::ListingError;
use crate::seen::Seen;

/// Reads a listing; the empty text is the listing of no interface.
///
/// # Errors
/// [`ListingError`] if the first line begins no interface.
pub fn parse(text: &str) -> Result<Vec<Interface>, ListingError> {
    let mut interfaces: Vec<Interface> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match (head(line), interfaces.last_mut()) {
            (Some(interface), _) => interfaces.push(interface),
            (None, Some(interface)) if line.starts_with([' ', '\t']) => detail(interface, line.trim_start()),
            // The rest of a description of several lines.
            (None, Some(_)) => {}
            (None, None) => return Err(ListingError::new("a listing of interfaces", line)),
        }
    }
    Ok(interfaces)
}

/// Reads the line that begins an interface.
fn head(line: &str) -> Option<Interface> {
    let (name, rest) = line.split_once(": flags=")?;
    if name.is_empty() || name.starts_with([' ', '\t']) || name.chars().count() > INTERFACE_NAME_BYTES_MAX {
        return None;
    }
    let (flags, rest) = Flags::read(rest)?;
    let mut interface = Interface { flags, ..Interface::new(Seen::new(name)) };
    let mut words = rest.split_ascii_whitespace();
    while let Some(word) = words.next() {
        match word {
            "metric" => interface.metric = words.next().and_then(|number| number.parse().ok()),
            "mtu" => interface.mtu = words.next().and_then(|number| number.parse().ok()),
            _ => {}
        }
    }
    Some(interface)
}

/// Reads a line that says more of an interface.
fn detail(interface: &mut Interface, line: &str) {
    let (keyword, rest) = line.split_once(' ').unwrap_or((line, ""));
    match keyword {
        "description:" => interface.description = Some(rest.to_owned()),
        "ether" => interface.ether = mac(rest),
        "hwaddr" => interface.hwaddr = mac(rest),
        "inet" => interface.addresses.extend(InterfaceAddress::read_ipv4(rest)),
        "inet6" => interface.addresses.extend(InterfaceAddress::read_ipv6(rest)),
        "groups:" => interface.groups = rest.split_ascii_whitespace().map(str::to_owned).collect(),
        "member:" => interface.members.push(Seen::new(before_flags(rest))),
        "laggport:" => interface.lagg_ports.push(Seen::new(before_flags(rest))),
        "status:" => interface.status = Some(rest.trim_end().to_owned()),
        "vlan:" => interface.vlan = vlan(rest),
        "nd6" => {
            if let Some((flags, _)) = rest.strip_prefix("options=").and_then(Flags::read) {
                interface.nd6 = flags;
            }
        }
        _ => {
            if let Some((flags, _)) = line.strip_prefix("options=").and_then(Flags::read) {
                interface.options = flags;
            }
        }
    }
}

fn mac(text: &str) -> Option<Mac> {
    text.trim_end().parse().ok()
}

/// The name at the beginning of `epair1a flags=143<LEARNING,DISCOVER,AUTOEDGE,AUTOPTP>`.
fn before_flags(text: &str) -> &str {
    text.split_once(" flags=").map_or(text.trim_end(), |(name, _)| name)
}

/// Reads `300 parent interface: bge0`, from 12 on with more between.
fn vlan(text: &str) -> Option<Vlan> {
    let (tag, rest) = text.split_once(' ').unwrap_or((text, ""));
    let parent = rest.split_once("parent interface: ").map(|(_, parent)| parent.trim_end());
    let parent = parent.filter(|parent| *parent != "<none>").map(Seen::new);
    Some(Vlan { tag: tag.parse().ok()?, parent })
}
