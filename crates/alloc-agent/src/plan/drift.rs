//! What differs on a jail that runs, interface by interface, and how it is put right without stopping it.

use std::net::IpAddr;

use allocd_types::address::Family;
use allocd_types::mac::Mac;
use allocd_types::name::InterfaceName;
use freebsd_config::{HostStep, JailStep};
use freebsd_host::interface::{AddressState, Interface};

use super::link::{Outer, SeenLink};
use super::start::note;
use super::{Finding, JailPlan, Planned, Why};
use crate::cache::Progress;
use crate::config::Policy;
use crate::step::{Place, Step};
use crate::want::WantedJail;

/// Length of the prefix of a link-local address.
const LINK_LOCAL_LENGTH: u8 = 64;

/// What was found on one jail and what is to be done about it.
#[derive(Default)]
struct Repair {
    findings: Vec<Finding>,
    steps: Vec<Step>,
    /// Families of which an address was missing, and with it perhaps the route.
    families: Vec<Family>,
}

/// What differs on a jail's interfaces.
pub(super) fn differences(links: &[SeenLink<'_>]) -> Vec<Finding> {
    let mut repair = Repair::default();
    links.iter().for_each(|link| repair.link(link));
    repair.findings
}

/// Compares a running jail with its leases.
pub(super) fn repair(
    part: &mut JailPlan,
    wanted: &WantedJail,
    links: &[SeenLink<'_>],
    (policy, progress): (Policy, Option<Progress>),
) {
    let mut repair = Repair::default();
    for link in links {
        repair.link(link);
    }
    let routes = wanted.steps.before_services.iter().chain(&wanted.steps.after_services);
    let routes = routes.filter(|step| match step {
        JailStep::AddRoute { gateway, .. } => repair.families.contains(&Family::of(*gateway)),
        JailStep::Loopback
        | JailStep::AddAddress { .. }
        | JailStep::BringUp { .. }
        | JailStep::EnableIpv6 { .. }
        | JailStep::Run { .. } => false,
    });
    let mut steps = repair.steps;
    steps.extend(routes.cloned().map(Step::Inside));
    let makes = steps.iter().any(|step| matches!(step, Step::Link { step: HostStep::Create { .. }, .. }));
    if policy.repairs && makes {
        part.add(Why::Drift, note(wanted, Progress::Repairing));
    }
    if policy.repairs {
        part.steps.extend(steps.into_iter().map(|step| Planned { step, why: Why::Drift }));
    }
    if policy.repairs && makes && progress == Some(Progress::Built) {
        part.add(Why::Drift, note(wanted, Progress::Built));
    }
    part.findings.extend(repair.findings);
}

impl Repair {
    fn link(&mut self, link: &SeenLink<'_>) {
        let gone = || link.link.moved.clone().or_else(|| Some(link.link.outer()?.name.clone()));
        match link.outer {
            // Obstacles are told before, and nothing is done then.
            Outer::Renamed(_) | Outer::Foreign(_) | Outer::Ambiguous(_) => {}
            Outer::Absent if link.link.outer().is_some() => {
                self.findings.extend(gone().map(|name| Finding::Gone { name }));
                self.remake(link);
            }
            Outer::Outdated(interface) => {
                if let Some(name) = interface.name.name() {
                    self.findings.push(Finding::Outdated { name: name.clone() });
                    self.steps.push(Step::Destroy { name: name.clone(), lease: link.link.lease });
                }
                self.remake(link);
            }
            Outer::Ours(interface) if link.is_lost() => {
                self.findings.extend(gone().map(|name| Finding::Gone { name }));
                if let Some(name) = interface.name.name() {
                    self.steps.push(Step::Destroy { name: name.clone(), lease: link.link.lease });
                }
                self.remake(link);
            }
            Outer::Absent | Outer::Ours(_) | Outer::Unmarked(_) | Outer::Moved => {
                self.outside(link);
                self.inside(link);
            }
        }
    }

    /// Makes a link anew and sets it up in the running jail.
    fn remake(&mut self, link: &SeenLink<'_>) {
        self.steps.extend(link.whole_creation());
        self.steps.extend(link.link.moved.clone().map(|name| Step::MoveIn { name }));
        self.configure(link);
    }

    fn configure(&mut self, link: &SeenLink<'_>) {
        self.steps.extend(link.link.configure.iter().cloned().map(Step::Inside));
        self.families.extend(link.link.addresses.iter().map(|leased| Family::of(leased.address)));
    }

    /// What of its creation does not hold any more.
    fn outside(&mut self, link: &SeenLink<'_>) {
        for step in link.missing() {
            self.steps.push(step.clone());
            let Step::Link { place, step } = step else { continue };
            self.findings.extend(finding(link, place, &step));
            if let (Place::Jail, HostStep::SetMac { name, mac }) = (place, &step)
                && let Some(old) = link.find(name).and_then(|(interface, _)| interface.ether)
            {
                self.renew_link_local(link, name, (old, *mac));
            }
        }
    }

    /// The link-local address is made of the MAC when the interface first comes up, and not again.
    fn renew_link_local(&mut self, link: &SeenLink<'_>, name: &InterfaceName, (old, new): (Mac, Mac)) {
        let old = IpAddr::V6(old.link_local());
        let has_old = link.find(name).is_some_and(|(interface, _)| interface.address(old).is_some());
        if has_old {
            self.steps.push(Step::RemoveAddress { name: name.clone(), address: old });
            let address = IpAddr::V6(new.link_local());
            let (name, length) = (name.clone(), LINK_LOCAL_LENGTH);
            self.steps.push(Step::Inside(JailStep::AddAddress { name, address, length, is_first: false }));
        }
    }

    /// What moves: that it is in the jail, up, and with its addresses.
    fn inside(&mut self, link: &SeenLink<'_>) {
        let Some(name) = link.link.moved.clone() else { return };
        match link.moved() {
            None => {}
            Some((_, Place::Host)) => {
                self.findings.push(Finding::Gone { name: name.clone() });
                self.steps.push(Step::MoveIn { name });
                self.configure(link);
            }
            // Nobody but the program that opens it sets anything on it.
            Some((_, Place::Jail)) if link.link.configure.is_empty() => {}
            Some((interface, Place::Jail)) => {
                if !interface.is_up() {
                    self.findings.push(Finding::Down { name: name.clone(), place: Place::Jail });
                    self.steps.push(Step::Inside(JailStep::BringUp { name: name.clone() }));
                }
                self.addresses(link, &name, interface);
            }
        }
    }

    fn duplicate(&mut self, link: &SeenLink<'_>, name: &InterfaceName, address: IpAddr) {
        let (lease, name) = (link.link.lease, name.clone());
        self.findings.push(Finding::Duplicate { lease, name, address });
    }

    fn addresses(&mut self, link: &SeenLink<'_>, name: &InterfaceName, interface: &Interface) {
        let leased = &link.link.addresses;
        let has_ipv6 = leased.iter().any(|leased| leased.address.is_ipv6());
        let is_duplicated = |address: IpAddr| {
            interface.address(address).is_some_and(|has| has.states.contains(&AddressState::Duplicated))
        };
        if has_ipv6 && interface.is_ipv6_disabled() {
            self.findings.push(Finding::Ipv6Off { name: name.clone() });
            // With the MAC that somebody else has the kernel does not switch it on (SIOCSIFINFO_FLAGS in sys/netinet6/nd6.c).
            let own = link.link.moved_mac.map(|mac| IpAddr::V6(mac.link_local()));
            if !own.is_some_and(is_duplicated) {
                self.steps.push(Step::Inside(JailStep::EnableIpv6 { name: name.clone() }));
            }
        }
        self.strange_addresses(link, name, interface);
        for step in &link.link.configure {
            let JailStep::AddAddress { address, .. } = step else { continue };
            match interface.address(*address) {
                None => {
                    self.findings.push(Finding::NoAddress { name: name.clone(), address: *address });
                    self.steps.push(Step::Inside(step.clone()));
                    self.families.push(Family::of(*address));
                }
                Some(has) if has.states.contains(&AddressState::Duplicated) => {
                    self.duplicate(link, name, *address);
                }
                Some(_) => {}
            }
        }
        let link_local = interface.ether.map(|mac| IpAddr::V6(mac.link_local()));
        let has = link_local.and_then(|address| interface.address(address));
        if let Some(has) = has.filter(|has| has.states.contains(&AddressState::Duplicated)) {
            self.duplicate(link, name, has.address.ip());
        }
    }

    /// What is of a leased subnet and no lease's goes, before its subnet's route is needed for another; whatever else there is, is
    /// the jail's own business.
    fn strange_addresses(&mut self, link: &SeenLink<'_>, name: &InterfaceName, interface: &Interface) {
        let leased = &link.link.addresses;
        for address in interface.addresses.iter().map(|has| has.address.ip()) {
            let is_leased = leased.iter().any(|leased| leased.address == address);
            if !is_leased && leased.iter().any(|leased| leased.subnet.contains(address)) {
                self.findings.push(Finding::StrangeAddress { name: name.clone(), address });
                self.steps.push(Step::RemoveAddress { name: name.clone(), address });
                self.families.push(Family::of(address));
            }
        }
    }
}

/// What it means that a step of a link's creation does not hold.
fn finding(link: &SeenLink<'_>, place: Place, step: &HostStep) -> Option<Finding> {
    Some(match step {
        HostStep::SetMac { name, mac } => {
            let found = link.find(name).and_then(|(interface, _)| interface.ether);
            Finding::Mac { name: name.clone(), place, found, expected: *mac }
        }
        HostStep::SetMtu { name, mtu } => Finding::Mtu { name: name.clone(), expected: *mtu },
        HostStep::BringUp { name } => Finding::Down { name: name.clone(), place },
        HostStep::AddMember { bridge, member } => {
            Finding::NotOnBridge { name: member.clone(), bridge: bridge.clone() }
        }
        HostStep::Create { .. } | HostStep::Mark { .. } | HostStep::Rename { .. } => return None,
    })
}
