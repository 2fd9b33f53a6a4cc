//! ip(8): the Linux kernel told and asked, in a network stack of the host.
//!
//! FreeBSD's lo0 is lo here; no other name is translated.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Command;

use allocd_types::mac::Mac;
use freebsd_host::fake::{Errno, Inet, Inet6, Inet6State};
use serde::Deserialize;

const IP: &str = "/usr/sbin/ip";

/// An interface as Linux tells of it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Link {
    pub(super) ifname: String,
    flags: Vec<String>,
    pub(super) mtu: u32,
    pub(super) master: Option<String>,
    address: Option<String>,
    ifalias: Option<String>,
    #[serde(default)]
    addr_info: Vec<Address>,
}

#[derive(Debug, Clone, Deserialize)]
struct Address {
    local: Option<IpAddr>,
    prefixlen: u8,
    #[serde(default)]
    tentative: bool,
    #[serde(default)]
    dadfailed: bool,
}

/// The name of a jail's network namespace on its host.
pub(super) fn namespace(stack: u32) -> String {
    format!("j{stack}")
}

/// What Linux calls an interface.
pub(super) fn linux_name(name: &str) -> &str {
    if name == "lo0" { "lo" } else { name }
}

/// Has ip(8) do something in a stack; what it prints.
pub(super) fn ip(stack: u32, arguments: &[&str]) -> Result<String, Errno> {
    let mut command = Command::new(IP);
    if stack != 0 {
        command.args(["-n", &namespace(stack)]);
    }
    let output = command.args(arguments).output().expect("start ip(8)");
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(errno(&String::from_utf8_lossy(&output.stderr)))
}

/// Linux's message as FreeBSD's number.
fn errno(text: &str) -> Errno {
    let known = [
        ("File exists", Errno::Exists),
        ("already assigned", Errno::Exists),
        ("Cannot assign requested address", Errno::NoAddress),
        ("Network is unreachable", Errno::NoNetwork),
        ("No route to host", Errno::NoNetwork),
        ("invalid gateway", Errno::NoNetwork),
        ("No such process", Errno::NoProcess),
        ("busy", Errno::Busy),
        ("Cannot find device", Errno::NoDevice),
        ("No such device", Errno::NoDevice),
        ("Operation not permitted", Errno::NotPermitted),
    ];
    known.into_iter().find(|(part, _)| text.contains(part)).map_or(Errno::Invalid, |(_, errno)| errno)
}

/// All interfaces of a stack.
pub(super) fn links(stack: u32) -> Vec<Link> {
    show(stack, &[])
}

/// One interface of a stack, by FreeBSD's name for it; a host has hundreds.
pub(super) fn link(stack: u32, name: &str) -> Option<Link> {
    show(stack, &["dev", linux_name(name)]).pop()
}

fn show(stack: u32, which: &[&str]) -> Vec<Link> {
    let show = ["-json", "-details", "address", "show"];
    let text = ip(stack, &[&show, which].concat()).unwrap_or_default();
    // It prints nothing where there is nothing.
    if text.trim().is_empty() { Vec::new() } else { serde_json::from_str(&text).expect("ip(8) prints JSON") }
}

impl Link {
    /// What FreeBSD calls it.
    pub(super) fn name(&self) -> &str {
        if self.ifname == "lo" { "lo0" } else { &self.ifname }
    }

    /// Its MAC, if it has one.
    pub(super) fn mac(&self) -> Option<Mac> {
        self.address.as_ref()?.parse().ok()
    }

    pub(super) fn is_up(&self) -> bool {
        self.has("UP")
    }

    pub(super) fn has_carrier(&self) -> bool {
        !self.has("NO-CARRIER")
    }

    pub(super) fn description(&self) -> String {
        self.ifalias.clone().unwrap_or_default()
    }

    pub(super) fn inet(&self) -> Vec<Inet> {
        let v4 = |address: &Address| match address.local? {
            IpAddr::V4(v4) => Some(Inet { address: v4, length: address.prefixlen }),
            IpAddr::V6(_) => None,
        };
        // What an interface of the name lo has by itself, FreeBSD's has not.
        let is_own = |inet: &Inet| inet.address != Ipv4Addr::LOCALHOST || self.is_up();
        self.addr_info.iter().filter_map(v4).filter(is_own).collect()
    }

    pub(super) fn inet6(&self) -> Vec<Inet6> {
        let v6 = |address: &Address| match address.local? {
            IpAddr::V6(v6) => Some(Inet6 { address: v6, length: address.prefixlen, state: address.state() }),
            IpAddr::V4(_) => None,
        };
        let mut all: Vec<Inet6> = self.addr_info.iter().filter_map(v6).collect();
        // Linux gives its loopback no link-local address.
        if self.ifname == "lo" && self.is_up() {
            let address = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);
            all.push(Inet6 { address, length: 64, state: Inet6State::Ready });
        }
        all
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|is| is == flag)
    }
}

impl Address {
    const fn state(&self) -> Inet6State {
        if self.dadfailed {
            Inet6State::Duplicated
        } else if self.tentative {
            Inet6State::Tentative
        } else {
            Inet6State::Ready
        }
    }
}
