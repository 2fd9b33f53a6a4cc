//! IPv4 has no detection of duplicates, so an address is asked for before its first use (RFC 5227 §2.1).
//!
//! The base system has no program that sends an ARP probe. What there is is ping(8) from an address of the host's own on the
//! lease's bridge, in the address's subnet, for which ARP asks the wire; so a host without such an address probes nothing, and
//! relies on what the kernel says when the address is in use. Whoever does not answer ARP at that moment is not found either.
//!
//! What the cluster leaves with the lease is used all the same: answers can be forged, and must not keep jails from starting.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use allocd_types::decline::{Evidence, EvidenceSource, LeasePart};
use allocd_types::lease::Lease;
use allocd_types::mac::Mac;
use allocd_types::name::InterfaceName;
use freebsd_host::arp::ArpEntry;
use freebsd_host::{CommandError, Runner};

use super::listening::now_ms;
use super::{Agent, Report};
use crate::cluster::Cluster;
use crate::conflict::{Matter, is_in_use};
use crate::observe::{ObservedHost, Sight};
use crate::want::{Build, DesiredHost};

/// The addresses of a lease that it has not had so far.
#[derive(Debug)]
pub(super) struct NewAddresses {
    lease: Lease,
    addresses: Vec<Ipv4Addr>,
    /// True if the lease has been in use without them.
    is_known: bool,
}

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// The addresses that are new since the kernel's messages were heard last.
    pub(super) fn new_addresses(&self) -> Vec<NewAddresses> {
        let in_use = self.store.cache().leases.values().filter(|lease| is_in_use(lease));
        let new = in_use.map(|lease| {
            let had = self.memory.conflicts.watched_addresses(lease.id);
            let leased = lease.addresses.iter().map(|leased| leased.address);
            let addresses = leased.filter_map(|address| match address {
                IpAddr::V4(v4) if !had.is_some_and(|had| had.contains(&address)) => Some(v4),
                IpAddr::V4(_) | IpAddr::V6(_) => None,
            });
            NewAddresses { addresses: addresses.collect(), is_known: had.is_some(), lease: lease.clone() }
        });
        new.filter(|new| !new.addresses.is_empty()).collect()
    }

    /// Asks for addresses that are new, and leaves the jails of those that somebody has to the next pass.
    pub(super) fn probe(
        &mut self,
        mut new: Vec<NewAddresses>,
        want: &mut DesiredHost,
        seen: &ObservedHost,
        report: &mut Report,
    ) {
        for new in &mut new {
            new.leave_what_can_be_asked(seen);
        }
        new.retain(|new| !new.addresses.is_empty());
        if new.is_empty() || !self.config.policy.probes {
            return;
        }
        match self.answers(&new) {
            Ok(answers) => {
                for (lease, address, mac) in answers {
                    let text =
                        format!("{mac} answered for {address} on {} before its first use", lease.bridge);
                    let evidence = Evidence::new(EvidenceSource::Probe, &text, Some(mac));
                    let matter = Matter::Taken(LeasePart::Address(address.into()));
                    self.memory.conflicts.note((lease.id, matter), lease.generation, evidence, now_ms());
                    self.tell(lease.id, matter, report);
                    if let Some(desired) = want.jails.get_mut(&lease.holder.jail) {
                        desired.build = Build::Later;
                        report.is_unfinished = true;
                    }
                }
            }
            Err(error) => report.unseen.push(format!("whether somebody has an address: {error}")),
        }
    }

    /// Who has answered for an address, of those that are not the lease's own.
    fn answers<'n>(&self, new: &'n [NewAddresses]) -> Result<Vec<(&'n Lease, Ipv4Addr, Mac)>, CommandError> {
        let stack = self.host.stack();
        let before = stack.neighbours()?;
        let mut answered = BTreeSet::new();
        for address in new.iter().flat_map(|new| &new.addresses) {
            if stack.answers(*address)? {
                answered.insert(*address);
            }
        }
        let after = stack.neighbours()?;
        let asked = new.iter().flat_map(|new| new.addresses.iter().map(|address| (&new.lease, *address)));
        let others = asked.filter_map(|(lease, address)| {
            let mac = mac_of(&after, address, &lease.bridge)?;
            // What was known before and does not answer now is not there any more.
            let is_there = answered.contains(&address) || mac_of(&before, address, &lease.bridge).is_none();
            let is_own = lease.macs.iter().any(|own| own == mac);
            (is_there && !is_own).then_some((lease, address, mac))
        });
        Ok(others.collect())
    }
}

impl NewAddresses {
    /// Leaves the addresses to which the host's own on the bridge reaches. Of a lease of which something is there already nobody
    /// knows whether its jail is who would answer.
    fn leave_what_can_be_asked(&mut self, seen: &ObservedHost) {
        let is_there = !matches!(seen.marked(self.lease.id), Sight::None)
            || seen.alive(&self.lease.holder.jail).is_some();
        let bridge = match seen.on_host(&self.lease.bridge) {
            Sight::One(bridge) if bridge.is_up() && (self.is_known || !is_there) => Some(bridge),
            Sight::One(_) | Sight::None | Sight::Several => None,
        };
        let own = bridge.map(|bridge| bridge.addresses.as_slice()).unwrap_or_default();
        self.addresses.retain(|address| own.iter().any(|own| own.address.contains(IpAddr::V4(*address))));
    }
}

/// Who has an address by the host's table, if it is not the host itself.
fn mac_of(neighbours: &[ArpEntry], address: Ipv4Addr, bridge: &InterfaceName) -> Option<Mac> {
    let is_it =
        |entry: &&ArpEntry| entry.address == address && entry.interface == *bridge && !entry.is_permanent;
    neighbours.iter().find(is_it)?.mac
}
