//! What an interface is told, as Linux has to be told it.

use allocd_types::mac::Mac;
use freebsd_host::fake::{Change, Driver, Errno, Inet, Place};

use super::inet6;
use super::ip::{ip, linux_name, namespace};
use super::link::{self, Link};
use super::state::{self, State};

/// Longest name.
const NAME_BYTES_MAX: usize = 15;

pub(super) fn change(place: Place, name: &str, change: &Change) -> Result<(), Errno> {
    state::change(|state| {
        let stack = state.stack(place);
        if let Change::Reclaim(jid) = change {
            return reclaim(state, stack, name, *jid);
        }
        let at = state.find(stack, name).ok_or(Errno::NoDevice)?;
        apply(state, stack, at, name, change)
    })
}

fn apply(state: &mut State, stack: u32, at: usize, name: &str, change: &Change) -> Result<(), Errno> {
    let link = linux_name(name);
    let set = |arguments: &[&str]| ip(stack, &[&["link", "set", link], arguments].concat()).map(drop);
    match change {
        Change::Name(new) => rename(state, stack, at, new),
        Change::Description(text) => set(&["alias", text]),
        Change::Mac(mac) => set(&["address", &mac.to_string()]),
        Change::Mtu(mtu) => set(&["mtu", &mtu.to_string()]),
        Change::Up(true) => inet6::bring_up(state, at),
        Change::Up(false) => set(&["down"]),
        Change::Options(bits, true) => {
            state.nics[at].options |= bits;
            Ok(())
        }
        Change::Options(bits, false) => {
            state.nics[at].options &= !bits;
            Ok(())
        }
        Change::AddInet(inet) => add_inet(state, stack, at, inet),
        Change::RemoveInet(address) => {
            let inet = link::link(stack, name).map(|link| link.inet()).unwrap_or_default();
            let held = inet.iter().find(|inet| inet.address == *address).ok_or(Errno::NoAddress)?;
            ip(stack, &["address", "delete", &format!("{address}/{}", held.length), "dev", link]).map(drop)
        }
        Change::AddInet6 { address, length, has_dad } => inet6::add(state, at, *address, *length, *has_dad),
        Change::RemoveInet6(address) => inet6::remove(state, at, *address),
        Change::Inet6Disabled(true) => inet6::disable(state, at),
        Change::Inet6Disabled(false) => inet6::enable(state, at),
        Change::AutoLinkLocal(has) => {
            state.nics[at].has_auto_linklocal = *has;
            inet6::make_linklocal(state, at)
        }
        Change::JoinGroup(group) if state.nics[at].groups.contains(group) => Err(Errno::Exists),
        Change::JoinGroup(group) => {
            state.nics[at].groups.push(group.clone());
            Ok(())
        }
        Change::LeaveGroup(group) => {
            state.nics[at].groups.retain(|is| is != group);
            Ok(())
        }
        Change::AddMember(member) => add_member(state, stack, at, member),
        Change::RemoveMember(member) => {
            let bridge = link::link(stack, name).ok_or(Errno::NoEntry)?;
            link::link(stack, member).filter(|link| link.is_member_of(&bridge)).ok_or(Errno::NoEntry)?;
            ip(stack, &["link", "set", member, "nomaster"]).map(drop)
        }
        Change::MoveIn(jid) => {
            let jail = state.jails.iter().find(|jail| jail.jid == *jid).ok_or(Errno::NoDevice)?;
            let target = if jail.is_vnet { jail.jid } else { 0 };
            put(state, at, target)
        }
        Change::Reclaim(_) => unreachable!("it is looked up in the jail"),
    }
}

fn rename(state: &mut State, stack: u32, at: usize, new: &str) -> Result<(), Errno> {
    if new.is_empty() || new.len() > NAME_BYTES_MAX {
        return Err(Errno::Invalid);
    }
    match state.find(stack, new) {
        Some(other) if other == at => return Ok(()),
        Some(_) => return Err(Errno::Exists),
        None => {}
    }
    let old = state.nics[at].name.clone();
    ip(stack, &["link", "set", linux_name(&old), "name", new])?;
    state.nics[at].name = new.to_owned();
    state.messages.push(format!("{old}: changing name to '{new}'"));
    Ok(())
}

/// An address brings its interface up.
fn add_inet(state: &mut State, stack: u32, at: usize, inet: &Inet) -> Result<(), Errno> {
    let nic = state.nics[at].clone();
    let text = format!("{}/{}", inet.address, inet.length);
    let is_loopback = nic.driver() == Driver::Loopback;
    let name = linux_name(&nic.name);
    let all = link::links(stack);
    let has = |link: &&Link| link.inet().iter().any(|held| held.address == inet.address);
    match all.iter().find(has) {
        Some(other) if other.name() != nic.name => return Err(Errno::Exists),
        Some(_) => {}
        None => {
            let broadcast: &[&str] = if is_loopback { &[] } else { &["broadcast", "+"] };
            ip(stack, &[&["address", "add", &text], broadcast, &["dev", name]].concat())?;
        }
    }
    inet6::bring_up(state, at)?;
    match all.iter().find(|link| link.name() == nic.name).and_then(Link::mac) {
        Some(mac) if !is_loopback => announce(stack, name, mac),
        Some(_) | None => Ok(()),
    }
}

/// FreeBSD's kernel announces an address when an interface gets it (arp_ifinit in sys/netinet/if_ether.c). Linux's, with arp_notify,
/// announces all that an interface has when it is told its MAC, be it the same.
fn announce(stack: u32, name: &str, mac: Mac) -> Result<(), Errno> {
    ip(stack, &["link", "set", name, "address", &mac.to_string()]).map(drop)
}

fn add_member(state: &mut State, stack: u32, at: usize, member: &str) -> Result<(), Errno> {
    let bridge = state.nics[at].clone();
    if bridge.driver() != Driver::Bridge {
        return Err(Errno::Invalid);
    }
    let other = state.find(stack, member).ok_or(Errno::NoEntry)?;
    let driver = state.nics[other].driver();
    if !driver.is_ethernet() || driver == Driver::Bridge {
        return Err(Errno::Invalid);
    }
    let links = link::links(stack);
    let of = |name: &str| links.iter().find(|link| link.name() == name).ok_or(Errno::NoEntry);
    let (link, own) = (of(member)?, of(&bridge.name)?);
    if link.is_member() {
        return Err(if link.is_member_of(own) { Errno::Exists } else { Errno::Busy });
    }
    let has_members = links.iter().any(|link| link.is_member_of(own));
    if has_members && link.mtu != own.mtu {
        if state.release().major < 13 {
            state
                .messages
                .push(format!("{}: invalid MTU: {}({member}) != {}", bridge.name, link.mtu, own.mtu));
            return Err(Errno::Invalid);
        }
        ip(stack, &["link", "set", member, "mtu", &own.mtu.to_string()])?;
    }
    ip(stack, &["link", "set", member, "master", &bridge.name])?;
    state.messages.push(format!("{member}: promiscuous mode enabled"));
    Ok(())
}

fn reclaim(state: &mut State, stack: u32, name: &str, jid: u32) -> Result<(), Errno> {
    let source = state.stack(Place::Jail(jid));
    let at = state.find(source, name).ok_or(Errno::NoDevice)?;
    put(state, at, stack)
}

/// Puts an interface into another stack, where it is down, without addresses and in no bridge: Linux sees to that.
pub(super) fn put(state: &mut State, at: usize, target: u32) -> Result<(), Errno> {
    let nic = state.nics[at].clone();
    if nic.place == target || state.find(target, &nic.name).is_some() {
        return Err(Errno::Exists);
    }
    // From within a jail's namespace the host's is reached by the process that began it.
    let there = if target == 0 { "1".to_owned() } else { namespace(target) };
    ip(nic.place, &["link", "set", &nic.name, "netns", &there])?;
    let index = state.free_index(target);
    let nic = &mut state.nics[at];
    nic.place = target;
    nic.index = index;
    nic.disabled = None;
    nic.has_auto_linklocal = nic.driver() != Driver::Bridge;
    nic.groups = vec![nic.driver.clone()];
    Ok(())
}
