//! An interface as ifconfig(8) shows it, by release: what stands where has changed in 11, 13 and 14.

use std::net::Ipv4Addr;

use allocd_types::mac::Mac;

use super::capability;
use super::format::Format;
use crate::fake::interface::{Driver, Inet, Inet6, Inet6State, Interface};
use crate::fake::release::Release;

/// The bits of `flags=` with their names (sys/net/if.h).
const FLAGS: &[(u32, &str)] = &[
    (0x1, "UP"),
    (0x2, "BROADCAST"),
    (0x8, "LOOPBACK"),
    (0x10, "POINTOPOINT"),
    (0x40, "RUNNING"),
    (0x100, "PROMISC"),
    (0x800, "SIMPLEX"),
    (0x8000, "MULTICAST"),
    (0x100_0000, "LOWER_UP"),
];
/// The bits of `nd6 options=` with their names (sys/netinet6/nd6.h).
const ND6: &[(u32, &str)] = &[(0x1, "PERFORMNUD"), (0x8, "IFDISABLED"), (0x20, "AUTO_LINKLOCAL")];

/// Shows an interface, or of its addresses only those of a family.
pub(super) fn interface(
    interface: &Interface,
    release: Release,
    format: &Format,
    family: Option<&String>,
) -> String {
    let shows = |wanted: &str| family.is_none_or(|family| family == wanted);
    let shows_link = shows("ether") || shows("link") || shows("lladdr");
    let mut text = head(interface, release);
    if shows_link {
        text.push_str(&ether(interface, release, format));
    }
    if shows("inet") {
        text.extend(interface.inet.iter().map(|inet| inet_line(inet, interface, release, format)));
    }
    if shows("inet6") {
        text.extend(interface.inet6.iter().map(|inet6| inet6_line(inet6, interface, release, format)));
    }
    let nd6 = if shows("inet6") { nd6_line(interface) } else { String::new() };
    let groups = groups_line(interface, release);
    let rest = if family.is_some() {
        nd6
    } else if release.major >= 13 {
        format!("{}{groups}{}{nd6}", bridge(interface), media(interface))
    } else {
        format!("{nd6}{}{}{groups}", media(interface), bridge(interface))
    };
    text.push_str(&rest);
    text
}

fn head(interface: &Interface, release: Release) -> String {
    let flags = flags(interface, release);
    let names = names(flags, FLAGS);
    let mut text = format!("{}: flags={flags:x}<{names}> metric 0 mtu {}\n", interface.name, interface.mtu);
    if !interface.description.is_empty() {
        text.push_str(&format!("\tdescription: {}\n", interface.description));
    }
    let options = capability::names(interface.options);
    if interface.options != 0 {
        text.push_str(&format!("\toptions={:x}<{options}>\n", interface.options));
    } else if release.major >= 14 {
        text.push_str("\toptions=0\n");
    }
    text
}

fn flags(interface: &Interface, release: Release) -> u32 {
    let kind = match interface.driver {
        Driver::Loopback => 0x8 | 0x8000,
        Driver::Tun => 0x10 | 0x8000,
        Driver::Card | Driver::Epair | Driver::Bridge | Driver::Tap | Driver::Ngeth => 0x2 | 0x800 | 0x8000,
    };
    // Some drivers run from the beginning, others once they are up; a tap(4) or tun(4) when it is opened.
    let is_running = match interface.driver {
        Driver::Epair => true,
        Driver::Tap | Driver::Tun => false,
        Driver::Loopback | Driver::Card | Driver::Bridge | Driver::Ngeth => interface.is_up,
    };
    let has_lower = release.major >= 14 && interface.is_up && interface.has_carrier;
    let bit = |is_set: bool, bit: u32| if is_set { bit } else { 0 };
    kind | bit(interface.is_up, 0x1)
        | bit(is_running, 0x40)
        | bit(interface.is_promiscuous, 0x100)
        | bit(has_lower, 0x100_0000)
}

fn names(bits: u32, table: &[(u32, &str)]) -> String {
    let set = table.iter().filter(|(bit, _)| bits & bit != 0);
    set.map(|(_, name)| *name).collect::<Vec<_>>().join(",")
}

fn ether(interface: &Interface, release: Release, format: &Format) -> String {
    let shown = |mac: Mac| {
        let text = mac.to_string();
        if format.is_ether_dashed { text.replace(':', "-") } else { text }
    };
    let Some(mac) = interface.mac else { return String::new() };
    let mut text = format!("\tether {}\n", shown(mac));
    // The driver's own address is told beside it from 11 on.
    if let Some(stock) = interface.stock_mac.filter(|stock| release.major >= 11 && *stock != mac) {
        text.push_str(&format!("\thwaddr {}\n", shown(stock)));
    }
    text
}

fn inet_line(inet: &Inet, interface: &Interface, release: Release, format: &Format) -> String {
    let mask = u32::MAX.checked_shl(32 - u32::from(inet.length)).unwrap_or(0);
    let mut text = if format.is_inet_cidr {
        format!("\tinet {}/{}", inet.address, inet.length)
    } else {
        format!("\tinet {} netmask {mask:#010x}", inet.address)
    };
    match interface.driver {
        Driver::Loopback | Driver::Tun => {}
        Driver::Card | Driver::Epair | Driver::Bridge | Driver::Tap | Driver::Ngeth => {
            let broadcast = Ipv4Addr::from_bits(inet.address.to_bits() | !mask);
            text.push_str(&format!(" broadcast {broadcast}"));
        }
    }
    text.push_str(line_end(release));
    text
}

fn inet6_line(inet6: &Inet6, interface: &Interface, release: Release, format: &Format) -> String {
    let Inet6 { address, length, state } = inet6;
    let is_scoped = address.is_unicast_link_local();
    let scope = if is_scoped { format!("%{}", interface.name) } else { String::new() };
    let length = if format.is_inet6_cidr { format!("/{length}") } else { format!(" prefixlen {length}") };
    let state = match state {
        Inet6State::Ready => "",
        Inet6State::Tentative => " tentative",
        Inet6State::Duplicated => " duplicated",
    };
    let scope_id = if is_scoped { format!(" scopeid {:#x}", interface.index) } else { String::new() };
    format!("\tinet6 {address}{scope}{length}{state}{scope_id}{}", line_end(release))
}

/// There is a blank at the end of an address' line up to 11.
const fn line_end(release: Release) -> &'static str {
    if release.major < 12 { " \n" } else { "\n" }
}

fn nd6_line(interface: &Interface) -> String {
    let bit = |is_set: bool, bit: u32| if is_set { bit } else { 0 };
    let bits = 0x1 | bit(interface.is_inet6_disabled, 0x8) | bit(interface.has_auto_linklocal, 0x20);
    format!("\tnd6 options={bits:x}<{}>\n", names(bits, ND6))
}

fn groups_line(interface: &Interface, release: Release) -> String {
    if interface.groups.is_empty() || release.major < 11 {
        return String::new();
    }
    // There is a blank at the end of the line up to 12.
    let end = if release.major < 13 { " " } else { "" };
    format!("\tgroups: {}{end}\n", interface.groups.join(" "))
}

fn media(interface: &Interface) -> String {
    let medium = match interface.driver {
        Driver::Epair => "Ethernet 10Gbase-T (10Gbase-T <full-duplex>)",
        Driver::Card => "Ethernet autoselect (1000baseT <full-duplex>)",
        Driver::Tap | Driver::Ngeth => "Ethernet 1000baseT <full-duplex>",
        Driver::Loopback | Driver::Bridge | Driver::Tun => return String::new(),
    };
    let status = if interface.has_carrier { "active" } else { "no carrier" };
    format!("\tmedia: {medium}\n\tstatus: {status}\n")
}

fn bridge(interface: &Interface) -> String {
    if interface.driver != Driver::Bridge {
        return String::new();
    }
    let mut text = "\tid 00:00:00:00:00:00 priority 32768 hellotime 2 fwddelay 15\n\tmaxage 20 holdcnt 6 proto rstp maxaddr 2000 timeout 1200\n\troot id 00:00:00:00:00:00 priority 32768 ifcost 0 port 0\n".to_owned();
    for member in &interface.members {
        text.push_str(&format!(
            "\tmember: {} flags=143<LEARNING,DISCOVER,AUTOEDGE,AUTOPTP>\n\t        ifmaxaddr 0 port {} priority 128 path cost 2000\n",
            member.name, member.port
        ));
    }
    text
}
