//! The jail's side of IPv4: loopback, addresses, default route.

use std::net::IpAddr;

use allocd_types::address::{Family, Prefix};

use super::JailStep;
use crate::interfaces::{Interface, JailInterfaces};

/// Longest IPv4 prefix: what a further address of a subnet gets, for the first one has the subnet's route.
const IPV4_LENGTH_MAX: u8 = 32;

/// Brings the loopback up: in a new network stack it has no address and is down.
pub(super) fn loopback(interfaces: &JailInterfaces) -> Option<JailStep> {
    (!interfaces.interfaces.is_empty()).then_some(JailStep::Loopback)
}

/// Gives an interface its IPv4 addresses and brings it up.
pub(super) fn addresses(interface: &Interface) -> Vec<JailStep> {
    let name = interface.inner_name();
    let mut subnets: Vec<Prefix> = Vec::new();
    let mut steps = Vec::new();
    for leased in interface.addresses_of(Family::V4) {
        let is_further = subnets.contains(&leased.subnet);
        let length = if is_further { IPV4_LENGTH_MAX } else { leased.subnet.length() };
        let (name, address, is_first) = (name.clone(), leased.address, subnets.is_empty());
        steps.push(JailStep::AddAddress { name, address, length, is_first });
        subnets.push(leased.subnet);
    }
    if steps.is_empty() && interface.is_configured_in_jail() {
        steps.push(JailStep::BringUp { name: name.clone() });
    }
    steps
}

/// Sets the default route of a family: a jail has one, by the first gateway of its interfaces.
pub(super) fn default_route(interfaces: &JailInterfaces, family: Family) -> Option<JailStep> {
    let (gateway, interface) = gateway(interfaces, family)?;
    Some(JailStep::AddRoute { gateway, interface: interface.inner_name().clone() })
}

/// The first gateway of a family, and the interface it is reached by.
pub(super) fn gateway(interfaces: &JailInterfaces, family: Family) -> Option<(IpAddr, &Interface)> {
    interfaces.interfaces.iter().find_map(|interface| {
        let gateway = interface.addresses_of(family).find_map(|leased| leased.gateway)?;
        Some((gateway, interface))
    })
}
