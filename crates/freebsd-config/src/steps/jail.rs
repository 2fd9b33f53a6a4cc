//! The jail's side of IPv4: loopback, addresses, default route.

use std::net::IpAddr;

use allocd_types::address::{Family, Prefix};

use crate::interfaces::{Interface, JailInterfaces};

/// Longest IPv4 prefix: what a further address of a subnet gets, for the first one has the subnet's route.
const IPV4_LENGTH_MAX: u8 = 32;

/// Brings the loopback up: in a new network stack it has no address and is down.
pub(super) fn loopback(interfaces: &JailInterfaces) -> Vec<String> {
    if interfaces.interfaces.is_empty() {
        return Vec::new();
    }
    vec!["/sbin/ifconfig lo0 inet 127.0.0.1/8 up".to_owned()]
}

/// Gives an interface its IPv4 addresses and brings it up.
pub(super) fn addresses(interface: &Interface) -> Vec<String> {
    let name = interface.inner_name();
    let mut subnets: Vec<Prefix> = Vec::new();
    let mut commands = Vec::new();
    for leased in interface.addresses_of(Family::V4) {
        let is_further = subnets.contains(&leased.subnet);
        let length = if is_further { IPV4_LENGTH_MAX } else { leased.subnet.length() };
        let last = if subnets.is_empty() { "up" } else { "alias" };
        commands.push(format!("/sbin/ifconfig {name} inet {}/{length} {last}", leased.address));
        subnets.push(leased.subnet);
    }
    if commands.is_empty() && interface.is_configured_in_jail() {
        commands.push(format!("/sbin/ifconfig {name} up"));
    }
    commands
}

/// Sets the IPv4 default route: a jail has one, by the first gateway of its interfaces.
pub(super) fn default_route(interfaces: &JailInterfaces) -> Option<String> {
    let (gateway, _) = gateway(interfaces, Family::V4)?;
    Some(format!("/sbin/route -q add -inet default {gateway}"))
}

/// The first gateway of a family, and the interface it is reached by.
pub(super) fn gateway(interfaces: &JailInterfaces, family: Family) -> Option<(IpAddr, &Interface)> {
    interfaces.interfaces.iter().find_map(|interface| {
        let gateway = interface.addresses_of(family).find_map(|leased| leased.gateway)?;
        Some((gateway, interface))
    })
}
