//! Cables on the host: whose they are, whether a lease's unit is free for it, and how the kernel makes up their addresses.

use std::collections::BTreeMap;

use allocd_types::id::LeaseId;
use allocd_types::kind::InterfaceKind;
use freebsd_config::{MARK_PREFIX, Release};
use freebsd_host::Sysctl;
use freebsd_host::interface::Interface;

use super::finding::{Finding, Outcome, list};
use super::situation::{Situation, epair_unit};

/// Whose a cable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// A lease's that the host has, or that is not known to be gone.
    Lease,
    /// A lease's that the host has no more.
    GoneLease,
    /// Somebody else's.
    Other,
    /// Somebody else's, with the unit of a lease.
    Usurper,
}

pub(super) fn findings(situation: &Situation) -> Vec<Finding> {
    let always = [names(situation), owners(situation), hash(situation)];
    always.into_iter().chain(checksums(situation)).collect()
}

/// The kernel checks no names when it takes interfaces back from a jail that is gone (vnet_if_return in sys/net/if.c).
fn names(situation: &Situation) -> Finding {
    situation.host.interfaces.judge("epairs.names", |interfaces| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for interface in interfaces {
            *counts.entry(interface.name.to_string()).or_default() += 1;
        }
        let twice: Vec<String> =
            counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect();
        if twice.is_empty() {
            return Outcome::ok("no two interfaces of the host have one name");
        }
        Outcome::fail(
            format!("several interfaces have one name, so no command says which it means: {}", list(&twice)),
            "ifconfig NAME name OTHER renames the first of them; look at both before either is destroyed",
        )
    })
}

fn owners(situation: &Situation) -> Finding {
    let host = &situation.host;
    host.epairs.and(&host.interfaces).judge("epairs.owners", |(group, interfaces)| {
        let cables = || interfaces.iter().filter(|interface| group.contains(&interface.name));
        let owned: Vec<(Owner, String)> = cables()
            .filter(|cable| !is_inner_end(cable, interfaces))
            .map(|cable| (owner(situation, cable), cable.name.to_string()))
            .collect();
        let of = |owner: Owner| -> Vec<&str> {
            let named = owned.iter().filter(|(other, _)| *other == owner);
            named.map(|(_, name)| name.as_str()).collect()
        };
        let (usurpers, others, gone) = (of(Owner::Usurper), of(Owner::Other), of(Owner::GoneLease));
        if !usurpers.is_empty() {
            return Outcome::fail(
                format!("{} has the unit of a lease and not its mark: the lease's jail cannot start", list(&usurpers)),
                "stop what uses it and `ifconfig NAME destroy`, or `alloc-agent adopt` it; exclude units that others use",
            );
        }
        if !others.is_empty() {
            return Outcome::warn(
                format!("made by somebody else, with addresses that nobody keeps unique: {}", list(&others)),
                "take their jails over with `allocctl import` and `alloc-agent adopt`, or exclude their units",
            );
        }
        if !gone.is_empty() {
            return Outcome::warn(
                format!("left over from leases that the host has no more: {}", list(&gone)),
                "`alloc-agent plan` shows whether they are removed, and why if not",
            );
        }
        let outcome = Outcome::ok("every cable on the host is a lease's");
        match &situation.leases {
            Err(reason) if !owned.is_empty() => outcome.unless_unseen(&[format!("leases: {reason}")]),
            Err(_) | Ok(_) => outcome,
        }
    })
}

/// The jail's end of a cable whose other end is here as well: it is not marked, and belongs to whom that one does.
fn is_inner_end(cable: &Interface, interfaces: &[Interface]) -> bool {
    let name = cable.name.as_str();
    epair_unit(name).is_some_and(|(_, is_outer)| !is_outer)
        && interfaces.iter().any(|other| {
            let outer = other.name.as_str().strip_suffix('a');
            outer.is_some() && outer == name.strip_suffix('b')
        })
}

fn owner(situation: &Situation, cable: &Interface) -> Owner {
    let mark = cable.description.as_deref().and_then(|text| text.strip_prefix(MARK_PREFIX));
    let marked = mark.and_then(|name| LeaseId::from_resource_name(name).ok());
    let is_known = situation.leases.is_ok();
    let by_unit = epair_unit(cable.name.as_str())
        .and_then(|(unit, _)| situation.lease_of(InterfaceKind::Epair, unit))
        .map(|lease| lease.id);
    match (marked, by_unit) {
        (Some(marked), Some(lease)) if marked != lease => Owner::Usurper,
        (Some(marked), _) if is_known && !situation.leases().iter().any(|lease| lease.id == marked) => {
            Owner::GoneLease
        }
        (Some(_), _) => Owner::Lease,
        (None, Some(_)) => Owner::Usurper,
        (None, None) => Owner::Other,
    }
}

fn hash(situation: &Situation) -> Finding {
    let host = &situation.host;
    host.sysctl(Sysctl::EPAIR_HASH).and(&host.epairs).and(&host.interfaces).judge(
        "epairs.hash",
        |((value, group), interfaces)| {
            if value.as_deref() != Some("1") {
                return Outcome::ok("the kernel's own addresses of cables are not hashes of 16 bits");
            }
            let stock = |cable: &&Interface| group.contains(&cable.name) && owner(situation, cable) == Owner::Other;
            let stock = interfaces.iter().filter(stock).filter(|cable| !is_inner_end(cable, interfaces)).count();
            if stock == 0 {
                return Outcome::ok("the kernel's own addresses of cables are hashes of 16 bits, and no cable here keeps one");
            }
            Outcome::warn(
                format!("the kernel's own addresses of cables are hashes of 16 bits, and cables here keep them ({stock}): among a few hundred two are equal"),
                "give them leases, or net.link.epair.ether_gen_addr=0 in /boot/loader.conf",
            )
        },
    )
}

/// From FreeBSD 15 on a cable passes frames on without checksums, which not every virtual machine bears (epair(4)).
fn checksums(situation: &Situation) -> Option<Finding> {
    if situation.is_before(Release::FIRST_WITH_EPAIR_CHECKSUMS) {
        return None;
    }
    let facts = situation.host.interfaces.and(&situation.host.release);
    let finding = facts.judge("epairs.checksums", |(interfaces, _)| {
        let bridges = interfaces.iter().filter_map(|interface| interface.name.name());
        for bridge in bridges {
            let is_of = |driver: &'static str| move |member: &&Interface| member.groups.iter().any(|group| group == driver);
            let has_tap = situation.members(bridge).any(|member| is_of("tap")(&member));
            let cables = situation.members(bridge).filter(is_of("epair")).filter(|cable| cable.options.has("TXCSUM"));
            let cables: Vec<String> = cables.map(|cable| cable.name.to_string()).collect();
            if has_tap && !cables.is_empty() {
                return Outcome::warn(
                    format!("{} in {bridge} leaves checksums out, and a virtual machine in it may drop such frames", list(&cables)),
                    "if it does: ifconfig NAME -txcsum -txcsum6 on each",
                );
            }
        }
        Outcome::ok("no virtual machine is in one bridge with cables that leave checksums out")
    });
    Some(finding)
}

#[cfg(test)]
mod tests;
