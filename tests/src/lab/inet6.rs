//! IPv6 as FreeBSD has it, made of what Linux has.
//!
//! The link-local address is made by us when an interface comes up for the first time: Linux would make it when there is a
//! carrier, of whatever MAC there is by then. An address that Linux's detection finds taken stays and says so; if it is the one
//! made of the MAC, IPv6 is switched off, as FreeBSD does. Linux deletes the addresses of an interface whose IPv6 is switched
//! off, so they wait in the state until it is on again.

use std::fs;
use std::net::Ipv6Addr;
use std::process::Command;

use allocd_types::mac::Mac;
use freebsd_host::fake::{Driver, Errno, Inet6, Inet6State, Release};

use super::ip::{ip, linux_name, namespace};
use super::link::{self, Link};
use super::state::{self, State, Waiting};

/// How an address is shown that waits.
pub(super) const fn shown(waiting: &Waiting) -> Inet6 {
    let state = if waiting.is_duplicated { Inet6State::Duplicated } else { Inet6State::Tentative };
    Inet6 { address: waiting.address, length: waiting.length, state }
}

/// Brings an interface up, and makes its link-local address if it has none.
pub(super) fn bring_up(state: &mut State, at: usize) -> Result<(), Errno> {
    let nic = &state.nics[at];
    ip(nic.place, &["link", "set", linux_name(&nic.name), "up"])?;
    make_linklocal(state, at)
}

/// Makes the link-local address of an interface that is up, is to have one and has none.
pub(super) fn make_linklocal(state: &mut State, at: usize) -> Result<(), Errno> {
    let nic = &state.nics[at];
    if nic.driver() == Driver::Loopback || !nic.has_auto_linklocal || nic.disabled.is_some() {
        return Ok(());
    }
    let Some(link) = link(state, at) else { return Ok(()) };
    let has_one = link.inet6().iter().any(|held| held.address.is_unicast_link_local());
    let Some(mac) = link.mac() else { return Ok(()) };
    if has_one || !link.is_up() {
        return Ok(());
    }
    add_to_link(state, at, mac.link_local(), 64, true)
}

/// Gives an interface an address, and brings it up.
pub(super) fn add(
    state: &mut State,
    at: usize,
    address: Ipv6Addr,
    length: u8,
    has_dad: bool,
) -> Result<(), Errno> {
    bring_up(state, at)?;
    if let Some(waiting) = &mut state.nics[at].disabled {
        waiting.retain(|held| held.address != address);
        waiting.push(Waiting { address, length, is_duplicated: false });
        return Ok(());
    }
    let held = link(state, at).map(|link| link.inet6()).unwrap_or_default();
    if held.iter().any(|held| held.address == address) {
        return Ok(());
    }
    add_to_link(state, at, address, length, has_dad)
}

fn add_to_link(state: &State, at: usize, address: Ipv6Addr, length: u8, has_dad: bool) -> Result<(), Errno> {
    let nic = &state.nics[at];
    let text = format!("{address}/{length}");
    let no_dad: &[&str] = if has_dad { &[] } else { &["nodad"] };
    let add = ["address", "add", &text, "dev", linux_name(&nic.name)];
    ip(nic.place, &[&add[..], no_dad].concat()).map(drop)
}

pub(super) fn remove(state: &mut State, at: usize, address: Ipv6Addr) -> Result<(), Errno> {
    if let Some(waiting) = &mut state.nics[at].disabled {
        let before = waiting.len();
        waiting.retain(|held| held.address != address);
        return if waiting.len() == before { Err(Errno::NoAddress) } else { Ok(()) };
    }
    let held = link(state, at).map(|link| link.inet6()).unwrap_or_default();
    let held = held.iter().find(|held| held.address == address).ok_or(Errno::NoAddress)?;
    let nic = &state.nics[at];
    let text = format!("{address}/{}", held.length);
    ip(nic.place, &["address", "delete", &text, "dev", linux_name(&nic.name)]).map(drop)
}

/// Switches IPv6 off; the addresses wait.
pub(super) fn disable(state: &mut State, at: usize) -> Result<(), Errno> {
    if state.nics[at].disabled.is_none() {
        let held = link(state, at).map(|link| link.inet6()).unwrap_or_default();
        write_disabled(state, at, true)?;
        state.nics[at].disabled = Some(held.iter().map(Waiting::of).collect());
    }
    Ok(())
}

/// Switches IPv6 on, unless the link-local address is somebody else's; what waited is tried again.
pub(super) fn enable(state: &mut State, at: usize) -> Result<(), Errno> {
    let Some(waiting) = state.nics[at].disabled.clone() else { return Ok(()) };
    if waiting.iter().any(|held| held.is_duplicated && held.address.is_unicast_link_local()) {
        let line = "Cannot enable an interface with a link-local address marked duplicate.";
        state.messages.push(line.to_owned());
        return Ok(());
    }
    write_disabled(state, at, false)?;
    state.nics[at].disabled = None;
    for held in waiting {
        add_to_link(state, at, held.address, held.length, true)?;
    }
    make_linklocal(state, at)
}

/// The state once it has noticed what Linux's detection has found on these interfaces since somebody looked last.
pub(super) fn settled(state: State, stack: u32, links: &[Link]) -> State {
    let is_news = |link: &Link| link.inet6().iter().any(|held| held.state == Inet6State::Duplicated);
    // It is rare, and the state of a full host is not written for every look at it.
    if !links.iter().any(is_news) {
        return state;
    }
    state::change(|state| {
        for link in links {
            settle_link(state, stack, link);
        }
        state.clone()
    })
}

fn settle_link(state: &mut State, stack: u32, link: &Link) {
    let Some(at) = state.find(stack, link.name()) else { return };
    let own = link.mac().map(Mac::link_local);
    let inet6 = link.inet6();
    let taken: Vec<Ipv6Addr> =
        inet6.iter().filter(|held| held.state == Inet6State::Duplicated).map(|held| held.address).collect();
    for address in &taken {
        tell(state, at, *address, own);
    }
    if own.is_some_and(|own| taken.contains(&own)) {
        disable(state, at).expect("IPv6 can be switched off");
    }
}

/// The kernel's messages about an address that is taken, told once. How many answers there were, Linux does not say.
fn tell(state: &mut State, at: usize, address: Ipv6Addr, own: Option<Ipv6Addr>) {
    let nic = &state.nics[at];
    let mut groups = address.segments();
    if address.is_unicast_link_local() {
        groups[1] = u16::try_from(nic.index).unwrap_or_default();
    }
    let (name, shown) = (nic.name.clone(), Ipv6Addr::from(groups));
    let counts = if state.release() < Release::new(10, 4) {
        "NS in/out=0/1, NA in=1"
    } else {
        "NS in/out/loopback=0/1/0, NA in=1"
    };
    let line = format!("{name}: DAD detected duplicate IPv6 address {shown}: {counts}");
    if state.messages.contains(&line) {
        return;
    }
    state.messages.push(line);
    state.messages.push(format!("{name}: DAD complete for {shown} - duplicate found"));
    state.messages.push(format!("{name}: manual intervention required"));
    if Some(address) == own {
        let line = format!("{name}: possible hardware address duplication detected, disable IPv6");
        state.messages.push(line);
    }
}

fn link(state: &State, at: usize) -> Option<Link> {
    let nic = &state.nics[at];
    link::link(nic.place, &nic.name)
}

/// `disable_ipv6` is a file of the network namespace that one is in.
fn write_disabled(state: &State, at: usize, is_disabled: bool) -> Result<(), Errno> {
    let nic = &state.nics[at];
    let path = format!("/proc/sys/net/ipv6/conf/{}/disable_ipv6", linux_name(&nic.name));
    write_in(nic.place, &[(&path, if is_disabled { "1" } else { "0" })])
}

/// Writes files of /proc in a network stack.
pub(super) fn write_in(stack: u32, settings: &[(&str, &str)]) -> Result<(), Errno> {
    if stack == 0 {
        return settings
            .iter()
            .try_for_each(|(path, value)| fs::write(path, value))
            .map_err(|_| Errno::Invalid);
    }
    let net = format!("--net=/run/netns/{}", namespace(stack));
    let write: String =
        settings.iter().map(|(path, value)| format!("echo {value} > {path} || exit 1\n")).collect();
    let done = Command::new("/usr/bin/nsenter").args([&net, "/bin/sh", "-c", &write]).status();
    if done.is_ok_and(|status| status.success()) { Ok(()) } else { Err(Errno::Invalid) }
}
