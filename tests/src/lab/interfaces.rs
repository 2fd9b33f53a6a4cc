//! Interfaces come, go and are looked at.

use std::collections::BTreeSet;

use allocd_types::mac::Mac;
use freebsd_host::fake::{
    CHOICE_OF_MACS, Driver, EpairRule, Errno, Interface, Member, Moment, Place, names_of, parse_cloner,
    take_unit,
};

use super::inet6;
use super::ip::{ip, linux_name};
use super::link::{self, Link};
use super::state::{self, Nic, State};

/// What FreeBSD shows of the interfaces of a place.
pub(super) fn interfaces(place: Place) -> Vec<Interface> {
    let state = state::look();
    let stack = state.stack(place);
    let links = link::links(stack);
    let state = inet6::settled(state, stack, &links);
    let mut all: Vec<Interface> = links
        .iter()
        .filter_map(|link| {
            let nic = &state.nics[state.find(stack, link.name())?];
            Some(view(nic, link, &links, &state))
        })
        .collect();
    all.sort_by_key(|interface| interface.index);
    all
}

/// What FreeBSD shows of one of them.
pub(super) fn interface(place: Place, name: &str) -> Option<Interface> {
    let state = state::look();
    let stack = state.stack(place);
    let is_bridge = state.nics[state.find(stack, name)?].driver() == Driver::Bridge;
    // Of a bridge the others are looked at too, for they say whose members they are.
    let links = if is_bridge { link::links(stack) } else { vec![link::link(stack, name)?] };
    let state = inet6::settled(state, stack, &links);
    let nic = &state.nics[state.find(stack, name)?];
    let link = links.iter().find(|link| link.name() == name)?;
    Some(view(nic, link, &links, &state))
}

fn view(nic: &Nic, link: &Link, links: &[Link], state: &State) -> Interface {
    let driver = nic.driver();
    let mac = link.mac().filter(|_| driver.is_ethernet());
    let is_member = |other: &&Link| other.is_member_of(link);
    let member = |other: &Link| {
        let known = state.find(nic.place, other.name())?;
        Some(Member { name: other.name().to_owned(), port: state.nics[known].index })
    };
    let mut members: Vec<Member> = links.iter().filter(is_member).filter_map(member).collect();
    // FreeBSD lists the newest first.
    members.sort_by_key(|member| std::cmp::Reverse(member.port));
    let inet6 = match &nic.disabled {
        Some(waiting) => waiting.iter().map(inet6::shown).collect(),
        None => link.inet6(),
    };
    Interface {
        name: nic.name.clone(),
        index: nic.index,
        driver,
        mac,
        stock_mac: nic.stock_mac.map(Mac::new).or(mac),
        description: link.description(),
        mtu: link.mtu,
        is_up: link.is_up(),
        is_promiscuous: link.is_member(),
        has_carrier: link.has_carrier(),
        options: nic.options,
        inet: link.inet(),
        inet6,
        is_inet6_disabled: nic.disabled.is_some(),
        has_auto_linklocal: nic.has_auto_linklocal,
        groups: nic.groups.clone(),
        members,
    }
}

/// Creates what a name asks for.
pub(super) fn create(place: Place, name: &str) -> Result<String, Errno> {
    state::change(|state| {
        let stack = state.stack(place);
        let (driver, asked) = parse_cloner(name, |module| state.modules.contains(module))?;
        let used: BTreeSet<u32> = state
            .nics
            .iter()
            .filter(|nic| nic.home == stack && nic.driver() == driver)
            .filter_map(|nic| nic.unit)
            .collect();
        let unit = take_unit(asked, |unit| {
            let is_named = |name: &String| state.find(stack, name).is_some();
            !used.contains(&unit) && !names_of(driver, unit).iter().any(is_named)
        })?;
        let names = names_of(driver, unit);
        let macs = stock_macs(state, place, driver, unit);
        make(stack, driver, &names, &macs)?;
        for (at, name) in names.iter().enumerate() {
            state.add(place, name, driver, Some(unit), macs.get(at).copied());
        }
        Ok(names[0].clone())
    })
}

/// The MACs that FreeBSD's kernel would give, by the rule of its release.
fn stock_macs(state: &mut State, place: Place, driver: Driver, unit: u32) -> Vec<Mac> {
    let jail = match place {
        Place::Host => "0".to_owned(),
        Place::Jail(jid) => {
            state.jails.iter().find(|jail| jail.jid == jid).map_or_else(String::new, |jail| jail.name.clone())
        }
    };
    let stack = state.stack(place);
    let release = state.release();
    let choice = state.sysctls_seen().remove(CHOICE_OF_MACS);
    let mut stock = state.stock_macs();
    if driver == Driver::Epair {
        let first = state.free_index(stack);
        // The second end gets the next free index after the first has taken its own.
        let used: BTreeSet<u32> =
            state.nics.iter().filter(|nic| nic.place == stack).map(|nic| nic.index).chain([first]).collect();
        let second = (1..).find(|index| !used.contains(index)).unwrap_or(first + 1);
        let macs = stock.epair(EpairRule::chosen(release, choice.as_deref()), [first, second], unit, &jail);
        state.next_epair_index = stock.next_index();
        return macs.into();
    }
    let taken = state.nics.iter().filter_map(|nic| nic.stock_mac.map(Mac::new)).collect();
    stock.single(release, driver, unit, &jail, Moment { ticks: unit, taken: &taken }).into_iter().collect()
}

/// Makes it on Linux.
fn make(stack: u32, driver: Driver, names: &[String], macs: &[Mac]) -> Result<(), Errno> {
    let mac = |at: usize| macs.get(at).map(Mac::to_string).unwrap_or_default();
    match (driver, names) {
        (Driver::Epair, [a, b]) => {
            let (mac_a, mac_b) = (mac(0), mac(1));
            ip(
                stack,
                &["link", "add", a, "address", &mac_a, "type", "veth", "peer", "name", b, "address", &mac_b],
            )?;
        }
        (Driver::Bridge, [name]) => {
            // What FreeBSD's bridge forwards at once, Linux's would hold back.
            let bridge = ["type", "bridge", "forward_delay", "0", "mcast_snooping", "0"];
            ip(stack, &[&["link", "add", name, "address", &mac(0)], &bridge[..]].concat())?;
        }
        (Driver::Tap, [name]) => {
            ip(stack, &["tuntap", "add", name, "mode", "tap"])?;
            ip(stack, &["link", "set", name, "address", &mac(0)])?;
        }
        (Driver::Tun, [name]) => {
            ip(stack, &["tuntap", "add", name, "mode", "tun"])?;
        }
        (Driver::Loopback | Driver::Card | Driver::Ngeth | Driver::Epair | Driver::Bridge, _)
        | (Driver::Tap | Driver::Tun, _) => return Err(Errno::Invalid),
    }
    Ok(())
}

/// Destroys a created interface, of an epair both ends.
pub(super) fn destroy(place: Place, name: &str) -> Result<(), Errno> {
    state::change(|state| {
        let stack = state.stack(place);
        let at = state.find(stack, name).ok_or(Errno::NoDevice)?;
        let nic = state.nics[at].clone();
        match nic.driver() {
            Driver::Card | Driver::Ngeth | Driver::Loopback => return Err(Errno::Invalid),
            Driver::Epair | Driver::Bridge | Driver::Tap | Driver::Tun => {}
        }
        ip(stack, &["link", "delete", linux_name(name)])?;
        // Linux takes the other end along.
        let is_gone =
            |other: &Nic| other.driver == nic.driver && other.unit == nic.unit && other.home == nic.home;
        state.nics.retain(|other| !is_gone(other));
        Ok(())
    })
}
