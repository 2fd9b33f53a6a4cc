//! The jail's side of IPv6, which rc(8) would undo.
//!
//! On the releases up to 12, rc.d/netif in the jail sets `ifdisabled` on every interface without an `ifconfig_IF_ipv6`
//! (network.subr, ifconfig_up): what was set before goes tentative and stays so. With the variable it enables the interface
//! again, sets the same address, and sleeps until DAD is over (rc.d/netif: `sleep dad_count`, `sleep 1`). So the variables are
//! written before /etc/rc, and services find an address that they can bind. Where netif leaves an interface alone that is up,
//! as newer releases do, the wait here is the one that counts; it polls, it is bounded, and it is over before /etc/rc begins.
//!
//! The lines are written from inside the jail: a hook on the host would follow whatever link the jail put in the file's place.

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use allocd_types::address::Family;
use allocd_types::name::InterfaceName;

use super::{JailStep, jail, mark};
use crate::interfaces::{Interface, JailInterfaces};

/// Longest wait for DAD to end, in seconds; it takes one or two.
const DAD_SECONDS: &str = "1 2 3 4 5 6 7 8 9 10";
/// The file of the jail that rc(8) reads after its rc.conf.
const FILE: &str = "/etc/rc.conf.local";
/// Where the file's next contents are put together.
const NEXT: &str = "/etc/rc.conf.local.allocd";
/// What every line of ours ends with, as a regular expression; `.` stands for the slash that sed(1) would end at.
const MARKED_LINE: &str = " # allocd:leases.[0-9]";

/// How a target can write a double quote within a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// As it is; the target escapes it.
    Written,
    /// Not at all: ezjail's values pass through sh(1) and rc.d/jail, and the latter escapes nothing.
    Translated,
}

/// Enables IPv6, sets the addresses and waits for DAD, if the interface has some.
pub(super) fn configure(interface: &Interface) -> Vec<JailStep> {
    let name = interface.inner_name();
    let addresses: Vec<JailStep> = addresses(interface).collect();
    if addresses.is_empty() {
        return Vec::new();
    }
    let script = wait_for_dad(name);
    let wait = JailStep::Run { script, what: "wait until its IPv6 addresses can be bound" };
    let enable = JailStep::EnableIpv6 { name: name.clone() };
    [enable].into_iter().chain(addresses).chain([wait]).collect()
}

/// Makes the lines in the jail's rc.conf.local those of its leases, or removes them if its leases have no IPv6.
///
/// Each part runs only if the one before succeeded, and the file changes in one step: a full disk stops the jail's start and
/// leaves the file as it was. Doing it again changes nothing.
pub(super) fn persist(interfaces: &JailInterfaces, quotes: Quotes) -> String {
    let lines = rc_lines(interfaces);
    let rewrite = format!("/bin/cp -p {FILE} {NEXT} && /usr/bin/sed '/{MARKED_LINE}/d' {FILE} > {NEXT}");
    let put = format!("/bin/mv -f {NEXT} {FILE}");
    if lines.is_empty() {
        let is_marked = format!("/usr/bin/grep -q '{MARKED_LINE}' {FILE} 2>/dev/null");
        return format!("if {is_marked}; then {rewrite} && {put}; fi");
    }
    let mut parts = vec![format!("/usr/bin/touch {FILE}"), rewrite];
    parts.extend(lines.iter().map(|line| match quotes {
        Quotes::Written => format!("echo '{line}' >> {NEXT}"),
        // tr(1) makes a double quote of each @: the ranges are ? to @ and ! to #, so the second of one meets the second of the other.
        Quotes::Translated => {
            format!("echo '{}' | LC_ALL=C /usr/bin/tr '?@' '!-#' >> {NEXT}", line.replace('"', "@"))
        }
    }));
    parts.push(put);
    parts.join(" && ")
}

/// Waits on the host until the addresses that jail(8) put on its bridges can be bound.
pub(super) fn wait_for_shared(interfaces: &JailInterfaces) -> Vec<String> {
    let shared = interfaces.shared.iter().filter(|shared| shared.address.address.is_ipv6());
    let mut bridges: Vec<&InterfaceName> = shared.map(|shared| &shared.bridge).collect();
    bridges.sort();
    bridges.dedup();
    bridges.into_iter().map(wait_for_dad).collect()
}

/// The variables of rc.conf(5), each marked.
fn rc_lines(interfaces: &JailInterfaces) -> Vec<String> {
    let mut lines = Vec::new();
    for interface in &interfaces.interfaces {
        let (name, mark) = (interface.inner_name(), mark(interface.lease));
        for (at, leased) in interface.addresses_of(Family::V6).enumerate() {
            // The first is the interface's own variable, without which rc.d/netif disables IPv6; the others are aliases.
            let variable = match at.checked_sub(1) {
                None => format!("ifconfig_{name}_ipv6"),
                Some(alias) => format!("ifconfig_{name}_alias{alias}"),
            };
            let (address, length) = (leased.address, leased.subnet.length());
            lines.push(format!("{variable}=\"inet6 {address} prefixlen {length}\" # {mark}"));
        }
    }
    if let (Some(router), Some((_, interface))) =
        (default_router(interfaces), jail::gateway(interfaces, Family::V6))
    {
        lines.push(format!("ipv6_defaultrouter=\"{router}\" # {}", mark(interface.lease)));
    }
    lines
}

fn addresses(interface: &Interface) -> impl Iterator<Item = JailStep> {
    interface.addresses_of(Family::V6).enumerate().map(|(at, leased)| JailStep::AddAddress {
        name: interface.inner_name().clone(),
        address: leased.address,
        length: leased.subnet.length(),
        is_first: at == 0,
    })
}

/// The IPv6 default router; a link-local one is reached by an interface, and that is the jail's.
fn default_router(interfaces: &JailInterfaces) -> Option<String> {
    let (gateway, interface) = jail::gateway(interfaces, Family::V6)?;
    Some(match gateway {
        IpAddr::V6(v6) if v6.is_unicast_link_local() => format!("{v6}%{}", interface.inner_name()),
        IpAddr::V4(_) | IpAddr::V6(_) => gateway.to_string(),
    })
}

fn wait_for_dad(name: &InterfaceName) -> String {
    format!(
        "for i in {DAD_SECONDS}; do /sbin/ifconfig {name} inet6 | /usr/bin/grep -q tentative || break; \
         /bin/sleep 1; done"
    )
}
