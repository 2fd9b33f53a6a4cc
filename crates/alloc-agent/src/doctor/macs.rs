//! MAC addresses on this host, in its jails and on the wire: usable, each once, as leased, and none made up by somebody else.
//!
//! A card's own address is its maker's or hypervisor's business, and a bridge's is seen by nobody but the host's own neighbours;
//! both are left out, and so are interfaces that share the address of what they are on: vlan(4) and lagg(4).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;
use allocd_types::mac::{Generator, Mac};
use freebsd_host::interface::Interface;

use super::fact::Fact;
use super::finding::{Finding, Outcome, list};
use super::situation::Situation;

/// An interface of a jail or for one, with its MAC.
struct Station<'a> {
    /// The jail that it is in; none on the host.
    jail: Option<String>,
    interface: &'a Interface,
    mac: Mac,
}

pub(super) fn findings(situation: &Situation) -> Vec<Finding> {
    vec![usable(situation), unique(situation), leased(situation), generated(situation)]
}

fn usable(situation: &Situation) -> Finding {
    looked_at(situation).judge("macs.usable", |()| {
        let unusable: Vec<String> = stations(situation)
            .iter()
            .filter(|station| station.mac.check_usable().is_err())
            .map(ToString::to_string)
            .collect();
        let outcome = if unusable.is_empty() {
            Outcome::ok("every interface of a jail has an address that others answer")
        } else {
            Outcome::fail(
                format!("others ignore frames from a group's address, or from none: {}", list(&unusable)),
                "give the interface a lease, or another address with ifconfig NAME ether",
            )
        };
        outcome.unless_unseen(&unseen(situation))
    })
}

fn unique(situation: &Situation) -> Finding {
    looked_at(situation).judge("macs.unique", |()| {
        let mut having: BTreeMap<Mac, Vec<String>> = BTreeMap::new();
        for station in stations(situation) {
            having.entry(station.mac).or_default().push(station.to_string());
        }
        for card in cards(situation) {
            if let Some((having, mac)) = card.ether.and_then(|mac| Some((having.get_mut(&mac)?, mac))) {
                having.push(format!("{} ({mac})", card.name));
            }
        }
        let twice: Vec<String> =
            having.into_values().filter(|names| names.len() > 1).map(|names| names.join(" and ")).collect();
        let outcome = if twice.is_empty() {
            Outcome::ok("no two interfaces here have one address")
        } else {
            Outcome::fail(
                format!("two interfaces have one address: {}", list(&twice)),
                "`alloc-agent plan` shows what becomes of those with leases; give the others leases",
            )
        };
        outcome.unless_unseen(&unseen(situation))
    })
}

fn leased(situation: &Situation) -> Finding {
    looked_at(situation).judge("macs.leased", |()| {
        let leases = match &situation.leases {
            Ok(leases) => leases,
            Err(reason) => return Outcome::skipped(format!("leases are not known: {reason}")),
        };
        let stations = stations(situation);
        let mut wrong = Vec::new();
        for lease in leases {
            let jail = lease.holder.jail.as_str();
            let is_guests = is_guests_tap(lease, situation);
            let outer = if is_guests { lease.mac_beside } else { lease.macs.a() };
            let ends = [(None, &lease.ifname_a, outer), (Some(jail), &lease.ifname_b, lease.macs.b())];
            for (place, name, mac) in ends {
                let Some(name) = name else { continue };
                let is_it =
                    |station: &&Station<'_>| station.jail.as_deref() == place && station.interface.name == *name;
                let Some(station) = stations.iter().find(is_it) else { continue };
                match mac {
                    Some(mac) if station.mac != mac => wrong.push(format!("{station} instead of {mac}")),
                    None if is_guests && Some(station.mac) == lease.macs.a() => {
                        wrong.push(format!("{station}, which is its guest's, until it is made anew"));
                    }
                    Some(_) | None => {}
                }
            }
        }
        let outcome = if wrong.is_empty() {
            Outcome::ok("no interface of a lease has another address than the lease")
        } else {
            Outcome::warn(
                format!("another address than the lease: {}", list(&wrong)),
                "root in a jail can change it; `alloc-agent plan` shows whether it is repaired, and why if not",
            )
        };
        outcome.unless_unseen(&unseen(situation))
    })
}

/// True of a tap(4) on its bridge: the lease's MAC is for the guest behind it.
fn is_guests_tap(lease: &Lease, situation: &Situation) -> bool {
    lease.kind == InterfaceKind::Tap
        && situation
            .members(&lease.bridge)
            .any(|member| lease.ifname_a.as_ref().is_some_and(|name| member.name == *name))
}

fn generated(situation: &Situation) -> Finding {
    looked_at(situation).and(&situation.host.neighbours).judge("macs.generated", |((), neighbours)| {
        let leased: BTreeSet<Mac> = situation.leases().iter().flat_map(Lease::held_macs).collect();
        let cards: Vec<Mac> = cards(situation).filter_map(|card| card.ether).collect();
        let stations = stations(situation);
        let here = stations.iter().map(|station| (station.mac, station.to_string()));
        let there = neighbours.iter().filter(|entry| !entry.is_permanent).filter_map(|entry| {
            let mac = entry.mac?;
            let is_here = stations.iter().any(|station| station.mac == mac);
            (!is_here).then(|| (mac, format!("{} ({mac})", entry.address)))
        });
        let made_up: Vec<String> = here
            .chain(there)
            .filter(|(mac, _)| !leased.contains(mac))
            .filter_map(|(mac, who)| Some(format!("{who} by {}", maker(mac, &cards)?)))
            .collect();
        let outcome = if made_up.is_empty() {
            Outcome::ok("no address here or among the neighbours looks made up by somebody else")
        } else {
            Outcome::warn(
                format!("addresses that look made up, which may come twice: {}", list(&made_up)),
                "give those jails leases; hypervisors' guests are no harm as long as one hypervisor names them all",
            )
        };
        outcome.unless_unseen(&unseen(situation))
    })
}

/// Who made an address up, most likely. The address of VRRP and CARP is meant to be on several hosts.
fn maker(mac: Mac, cards: &[Mac]) -> Option<Generator> {
    Generator::of(mac, cards).into_iter().next().filter(|generator| *generator != Generator::Vrrp)
}

/// What every check of addresses looks at.
fn looked_at(situation: &Situation) -> Fact<()> {
    situation.host.interfaces.and(&situation.host.jails).read(|_| Ok(()))
}

/// The interfaces of jails and for them.
fn stations(situation: &Situation) -> Vec<Station<'_>> {
    let outside = situation.interfaces().iter().filter(|interface| situation.is_made_for_guests(interface));
    let outside = outside.map(|interface| (None, interface));
    let inside = situation.host.inside.iter().flat_map(|(jail, interfaces)| {
        let interfaces =
            interfaces.get().into_iter().flatten().filter(|interface| has_own_address(interface));
        interfaces.map(move |interface| (Some(jail.to_string()), interface))
    });
    let all = outside.chain(inside);
    all.filter_map(|(jail, interface)| Some(Station { jail, interface, mac: interface.ether? })).collect()
}

/// The host's own network cards.
fn cards(situation: &Situation) -> impl Iterator<Item = &Interface> {
    let bridges = situation.host.bridges.get().map(Vec::as_slice).unwrap_or_default();
    let is_card = move |interface: &&Interface| {
        !situation.is_made_for_guests(interface)
            && has_own_address(interface)
            && !bridges.contains(&interface.name)
    };
    situation.interfaces().iter().filter(is_card)
}

fn has_own_address(interface: &Interface) -> bool {
    interface.vlan.is_none() && interface.lagg_ports.is_empty() && interface.members.is_empty()
}

/// The jails whose interfaces could not be listed, with why.
fn unseen(situation: &Situation) -> Vec<String> {
    let failed =
        situation.host.inside.iter().filter_map(|(jail, interfaces)| Some((jail, interfaces.reason()?)));
    failed.map(|(jail, reason)| format!("{jail}: {reason}")).collect()
}

impl fmt::Display for Station<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.jail {
            Some(jail) => write!(f, "{} in {jail} ({})", self.interface.name, self.mac),
            None => write!(f, "{} ({})", self.interface.name, self.mac),
        }
    }
}

#[cfg(test)]
mod tests;
