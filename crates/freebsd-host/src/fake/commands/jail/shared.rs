//! Addresses of a jail in the host's network stack: jail(8) puts them on an interface and takes them away.

use std::net::IpAddr;

use crate::fake::jail::JailDefinition;

/// The ifconfig(8) commands that add a jail's addresses, or take them away.
pub(super) fn commands(definition: &JailDefinition, verb: &str) -> Vec<String> {
    let addresses = ["ip4.addr", "ip6.addr"].map(|name| definition.values(name)).concat();
    let command = |text: &str| {
        let (interface, address) = match text.split_once('|') {
            Some((interface, address)) => (interface, address),
            None => (definition.value("interface")?, text),
        };
        let bare = address.split(['/', ' ']).next().unwrap_or(address);
        let family = if bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()) { "inet6" } else { "inet" };
        let has_length = address.contains(['/', ' ']);
        let full = match (has_length, family) {
            (true, _) => address.to_owned(),
            (false, "inet") => format!("{address}/32"),
            (false, _) => format!("{address}/128"),
        };
        let shown = if verb == "alias" { full } else { bare.to_owned() };
        Some(format!("/sbin/ifconfig {interface} {family} {shown} {verb}"))
    };
    addresses.into_iter().filter_map(command).collect()
}
