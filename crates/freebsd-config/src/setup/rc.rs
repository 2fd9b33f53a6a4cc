//! The host's rc.conf(5): bridges with their uplinks, jails, and the agent.

use std::net::IpAddr;

use super::devfs_rules::HOST_RULESET;
use super::fragment::Fragment;
use super::options::{BridgeAddress, SetupOptions, Uplink};
use super::wiring::{WiredBridge, WiredUplink, Wiring};
use super::{SetupFile, Syntax};
use crate::release::Release;

/// What a network card must not do for a bridge: large segments and checksums that only the card's own wire would repair.
const OFFLOADS: &str = "-tso -lro -txcsum -rxcsum";
/// The same for IPv6; old ifconfig(8) does not know the names.
const OFFLOADS_IPV6: &str = "-txcsum6 -rxcsum6";

pub(super) fn file(options: &SetupOptions) -> SetupFile {
    let wiring = Wiring::new(options);
    let mut text = Fragment::new(&["The host's part for jails on a bridge."]);
    modules(&mut text, options);
    bridges(&mut text, &wiring);
    uplinks(&mut text, &wiring, options.release);
    devices(&mut text, options);
    jails(&mut text, options);
    SetupFile {
        path: "/etc/rc.conf".to_owned(),
        purpose: "the bridges with their uplinks, and what starts jails at boot",
        contents: text.finish(),
        is_fragment: true,
        syntax: Syntax::Variables,
    }
}

fn modules(text: &mut Fragment, options: &SetupOptions) {
    if options.release < Release::FIRST_WITH_VIMAGE_IN_GENERIC {
        return;
    }
    let mut modules = vec!["if_bridge", "if_epair"];
    if options.with_tap && options.release < Release::FIRST_WITH_TAP_IN_GENERIC {
        // The sysctls of tap(4) are there only once the module is.
        modules.push("if_tap");
    }
    text.part(&["The drivers of bridges and cables, before anything needs them."]);
    text.variable("kld_list", &modules.join(" "));
}

fn bridges(text: &mut Fragment, wiring: &Wiring<'_>) {
    text.part(&[
        "The bridges that jails are plugged into. A bridge and each of its members have to be up, or nothing passes (bridge(4)).",
    ]);
    let laggs = wiring.uplinks.iter().filter_map(|carrier| match carrier.uplink {
        Uplink::Card(_) => None,
        Uplink::Lagg(lagg) => Some(lagg.name.to_string()),
    });
    let cloned: Vec<String> = laggs.chain(wiring.bridges.iter().map(|bridge| bridge.made.clone())).collect();
    text.variable("cloned_interfaces", &cloned.join(" "));
    for WiredBridge { made, bridge, member } in &wiring.bridges {
        let name = &bridge.name;
        if made != name.as_str() {
            text.variable(&format!("ifconfig_{made}_name"), name.as_str());
        }
        let member = member.as_ref().map(|member| format!("addm {member} "));
        text.variable(&format!("ifconfig_{name}"), &format!("{}up", member.unwrap_or_default()));
    }
    text.part(&[
        "The host's own addresses: on the bridge and never on a member. Before FreeBSD 15 an address on a member works badly,",
        "from 15 on the bridge refuses such a member.",
    ]);
    if wiring.bridges.iter().all(|bridge| bridge.bridge.addresses.is_empty()) {
        text.comment(&[
            "None was given; it would be a line such as ifconfig_vswitch0_alias0=\"inet 192.0.2.2/24\".",
        ]);
    }
    wiring.bridges.iter().for_each(|bridge| addresses(text, bridge));
}

/// The host's addresses on one bridge: IPv4 as aliases, and the first of IPv6 in the variable that enables IPv6 there.
fn addresses(text: &mut Fragment, WiredBridge { bridge, .. }: &WiredBridge<'_>) {
    let name = &bridge.name;
    let mut aliases = 0;
    let mut has_ipv6 = false;
    for BridgeAddress { address, subnet } in &bridge.addresses {
        let length = subnet.length();
        let value = match address {
            IpAddr::V4(v4) => format!("inet {v4}/{length}"),
            IpAddr::V6(v6) => format!("inet6 {v6} prefixlen {length}"),
        };
        if address.is_ipv6() && !has_ipv6 {
            has_ipv6 = true;
            text.variable(&format!("ifconfig_{name}_ipv6"), &value);
        } else {
            text.variable(&format!("ifconfig_{name}_alias{aliases}"), &value);
            aliases += 1;
        }
    }
}

fn uplinks(text: &mut Fragment, wiring: &Wiring<'_>, release: Release) {
    if wiring.uplinks.is_empty() {
        return;
    }
    text.part(&[
        "The uplinks. A bridge takes offloads away that one of its members has not, and the card's link goes down and up for it when",
        "the first jail starts: without them from the start it stays up, and no segment is too large for the wire.",
    ]);
    let has_lagg = wiring.uplinks.iter().any(|carrier| matches!(carrier.uplink, Uplink::Lagg(_)));
    if has_lagg && release < Release::FIRST_WITH_LAGG_OFFLOADS {
        text.comment(&[
            "Before FreeBSD 12 a lagg cannot take them away itself (\"error setting interface capabilities on lagg0\"), and frames",
            "are lost or damaged unless each port does.",
        ]);
    }
    for carrier in &wiring.uplinks {
        uplink(text, carrier, release);
    }
}

fn uplink(text: &mut Fragment, carrier: &WiredUplink<'_>, release: Release) {
    let mtu = |mtu: Option<u16>| mtu.map(|mtu| format!(" mtu {mtu}")).unwrap_or_default();
    let ipv6 = if release < Release::FIRST_WITH_VIMAGE_IN_GENERIC {
        String::new()
    } else {
        format!(" {OFFLOADS_IPV6}")
    };
    for card in carrier.uplink.cards() {
        let value = format!("up{} {OFFLOADS}{ipv6}", mtu(carrier.mtu()));
        text.variable(&format!("ifconfig_{card}"), &value);
    }
    match carrier.uplink {
        Uplink::Card(_) => {}
        Uplink::Lagg(lagg) => {
            let ports: String = lagg.ports.iter().map(|port| format!(" laggport {port}")).collect();
            let value = format!("laggproto {}{ports} up", lagg.protocol.as_str());
            text.variable(&format!("ifconfig_{}", lagg.name), &value);
        }
    }
    if carrier.vlans.is_empty() {
        return;
    }
    let names: Vec<&str> = carrier.vlans.iter().map(|vlan| vlan.name.as_str()).collect();
    text.variable(&format!("vlans_{}", carrier.uplink.name()), &names.join(" "));
    for vlan in &carrier.vlans {
        text.variable(&format!("create_args_{}", vlan.name), &format!("vlan {}", vlan.id));
        text.variable(&format!("ifconfig_{}", vlan.name), &format!("up{}", mtu(carrier.vlan_mtu(vlan))));
    }
}

fn devices(text: &mut Fragment, options: &SetupOptions) {
    text.part(&["/etc/devfs.rules is loaded even if nothing but a jail asks for it."]);
    text.variable("devfs_load_rulesets", "YES");
    if options.with_tap {
        text.variable("devfs_system_ruleset", HOST_RULESET);
    }
}

fn jails(text: &mut Fragment, options: &SetupOptions) {
    text.part(&["Jails start from their files, whether allocd and its agent are there or not."]);
    if options.ezjail.is_some() {
        text.comment(&["No jail_parameters=\"vnet=new\": it would give every jail of the host a network stack. Rendered files say it."]);
        text.variable("ezjail_enable", "YES");
    }
    if options.ezjail.is_none() || !options.jails.is_empty() {
        text.variable("jail_enable", "YES");
    }
    if !options.jails.is_empty() {
        let jails: Vec<&str> = options.jails.iter().map(|jail| jail.as_str()).collect();
        text.variable("jail_list", &jails.join(" "));
        text.comment(&["jail_parallel_start=\"YES\" is safe: no two jails' files make the same interface."]);
    }
    text.variable("alloc_watchdog_enable", "YES");
    text.variable("alloc_agent_enable", "YES");
}
