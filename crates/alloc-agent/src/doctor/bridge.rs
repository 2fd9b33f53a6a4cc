//! Bridges: there, up, joined to the wire, of one MTU, without addresses on members, and what filters see of their frames.

use std::net::IpAddr;

use allocd_types::name::InterfaceName;
use freebsd_config::Release;
use freebsd_host::Sysctl;
use freebsd_host::interface::Interface;

use super::facts::{LOG_MAC_FLAP, PFIL_BRIDGE, PFIL_MEMBER, PFIL_ONLY_IP};
use super::finding::{Finding, Outcome, list};
use super::situation::{Situation, WantedBridge};

pub(super) fn findings(situation: &Situation) -> Vec<Finding> {
    let bridges = situation.bridges();
    let mut findings = Vec::new();
    if bridges.is_empty() {
        findings.push(none(situation));
    }
    for bridge in &bridges {
        findings.push(state(situation, &bridge.name));
        if !situation.is_missing(&bridge.name) {
            findings.push(mtu(situation, bridge));
            findings.push(addresses(situation, &bridge.name));
        }
    }
    findings.push(filter(situation));
    findings.extend(flaps(situation));
    findings
}

/// No lease names a bridge, and the host has none.
fn none(situation: &Situation) -> Finding {
    situation.host.bridges.judge("bridge.state", |_| {
        Outcome::fail(
            "the host has no bridge: there is nothing to plug a jail into",
            "`alloc-agent setup --bridge NAME --uplink CARD` shows what to put into /etc/rc.conf",
        )
    })
}

fn state(situation: &Situation, name: &InterfaceName) -> Finding {
    let facts = situation.host.interfaces.and(&situation.host.bridges);
    facts.judge("bridge.state", |(interfaces, bridges)| {
        let Some(bridge) = interfaces.iter().find(|interface| interface.name == *name) else {
            return Outcome::fail(
                format!("{name} is not there, and leases are for it"),
                format!(
                    "`alloc-agent setup --bridge {name} --uplink CARD` shows what to put into /etc/rc.conf"
                ),
            );
        };
        if !bridges.iter().any(|seen| seen == name) {
            return Outcome::fail(
                format!("{name} is no bridge"),
                "rename it, or give the network's bridge another name on this host",
            );
        }
        if !bridge.is_up() {
            return Outcome::fail(
                format!("{name} is down: it passes nothing"),
                format!("ifconfig {name} up, and `up` in ifconfig_{name} of /etc/rc.conf"),
            );
        }
        Outcome::ok(format!("{name} is there and up"))
    })
}

fn mtu(situation: &Situation, wanted: &WantedBridge) -> Finding {
    let name = &wanted.name;
    situation.host.interfaces.judge("bridge.mtu", |interfaces| {
        let bridge = interfaces.iter().find(|interface| interface.name == *name);
        let Some(mtu) = bridge.and_then(|bridge| bridge.mtu) else {
            return Outcome::skipped(format!("the MTU of {name} is not told"));
        };
        let others: Vec<String> = situation
            .members(name)
            .filter(|member| member.mtu != Some(mtu))
            .map(|member| format!("{} ({})", member.name, member.mtu.map_or("?".to_owned(), |mtu| mtu.to_string())))
            .collect();
        if !others.is_empty() {
            return Outcome::fail(
                format!("{name} has an MTU of {mtu}, and a member has another: {}", list(&others)),
                "give all of them one MTU in /etc/rc.conf: before FreeBSD 13 the bridge takes no other, and later it changes them",
            );
        }
        match wanted.mtu {
            Some(wanted) if u32::from(wanted) != mtu => Outcome::fail(
                format!("{name} has an MTU of {mtu}, and its network one of {wanted}"),
                format!("`alloc-agent setup --bridge {name} --mtu {wanted}` shows what to put into /etc/rc.conf"),
            ),
            Some(_) | None => Outcome::ok(format!("{name} and its members have an MTU of {mtu}")),
        }
    })
}

/// Link-local addresses do not count: the kernel gives them by itself, and takes them away where they disturb.
fn addresses(situation: &Situation, name: &InterfaceName) -> Finding {
    let host = &situation.host;
    let facts = host.interfaces.and(&host.release);
    facts.and(host.sysctl(Sysctl::BRIDGE_MEMBER_ADDRESSES)).judge("bridge.addresses", |((_, release), allowed)| {
        let having: Vec<String> = situation
            .members(name)
            .filter(|member| has_address(member))
            .map(|member| member.name.to_string())
            .collect();
        if having.is_empty() {
            return Outcome::ok(format!("no member of {name} has an address of its own"));
        }
        let members = format!("a member of {name} has an address of its own: {}", list(&having));
        let remedy =
            format!("move it to {name}: ifconfig_{name}_alias0 in /etc/rc.conf instead of the member's line");
        let refuses = **release >= Release::FIRST_WITHOUT_MEMBER_ADDRESSES;
        match (refuses, allowed.as_deref()) {
            (false, _) => Outcome::warn(
                format!("{members}; that works badly (if_bridge(4)), and from FreeBSD 15 on a bridge refuses it"),
                remedy,
            ),
            (true, Some("1")) => Outcome::warn(
                format!("{members}; the bridge takes it only by net.link.bridge.member_ifaddrs, which FreeBSD 16 has no more"),
                remedy,
            ),
            (true, Some(_) | None) => {
                Outcome::fail(format!("{members}; from FreeBSD 15 on a bridge refuses it"), remedy)
            }
        }
    })
}

fn has_address(interface: &Interface) -> bool {
    let is_link_local = |address: IpAddr| match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    interface.addresses.iter().any(|has| !is_link_local(has.address.ip()))
}

fn filter(situation: &Situation) -> Finding {
    let host = &situation.host;
    let [member, bridge, only_ip] = [PFIL_MEMBER, PFIL_BRIDGE, PFIL_ONLY_IP].map(|name| host.sysctl(name));
    member.and(bridge).and(only_ip).judge("bridge.filter", |((member, bridge), only_ip)| {
        let values = [(PFIL_MEMBER, member), (PFIL_BRIDGE, bridge), (PFIL_ONLY_IP, only_ip)];
        if values.iter().any(|(_, value)| value.is_none()) {
            return Outcome::skipped("this kernel has no if_bridge(4), or not yet");
        }
        let on: Vec<&str> = values
            .iter()
            .filter(|(_, value)| value.as_deref() != Some("0"))
            .map(|(name, _)| Sysctl::as_str(*name))
            .collect();
        if on.is_empty() {
            return Outcome::ok("no packet filter of the host sees the frames of jails");
        }
        Outcome::warn(
            format!("a packet filter of the host, if there is one, sees the frames of jails, some of them twice, and may drop them: {}", on.join(", ")),
            "set them to 0 in /etc/sysctl.conf, as `alloc-agent setup` shows, unless jails are filtered there on purpose",
        )
    })
}

/// Only where the kernel can tell.
fn flaps(situation: &Situation) -> Option<Finding> {
    if situation.is_before(Release::FIRST_WITH_FLAP_LOG) {
        return None;
    }
    let finding = situation.host.sysctl(LOG_MAC_FLAP).judge_value("bridge.flaps", |value| match value {
        "0" => Outcome::warn(
            "bridges do not tell of MAC addresses that move, which shows duplicates and loops",
            "net.link.bridge.log_mac_flap=1 in /etc/sysctl.conf",
        ),
        _ => Outcome::ok("bridges tell of MAC addresses that move"),
    });
    Some(finding)
}

#[cfg(test)]
mod tests;
