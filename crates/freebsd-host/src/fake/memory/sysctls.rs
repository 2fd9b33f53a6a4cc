//! Variables of sysctl(8): what a release has, and what somebody set.

use std::collections::BTreeMap;

use super::machine::Machine;
use crate::fake::errno::Errno;
use crate::fake::kernel::Place;
use crate::fake::release::Release;
use crate::fake::stock_mac::Identity;

/// Variables that every network stack has of its own.
pub const PER_VNET: &[&str] =
    &["net.inet6.ip6.dad_count", "net.inet6.ip6.auto_linklocal", "net.inet.ip.forwarding"];
/// Variables that can be set; those of no other kind.
pub const WRITABLE: &[&str] = &[
    "net.inet6.ip6.dad_count",
    "net.inet6.ip6.auto_linklocal",
    "net.inet.ip.forwarding",
    "net.link.tap.user_open",
    "net.link.tap.up_on_open",
    "net.link.epair.ether_gen_addr",
    "net.link.bridge.member_ifaddrs",
    "net.link.bridge.inherit_mac",
    "net.link.bridge.pfil_onlyip",
    "net.link.bridge.pfil_member",
    "net.link.bridge.pfil_bridge",
];
/// From this release on if_epair(4) has a choice of MACs.
const FIRST_WITH_CHOICE: Release = Release::new(14, 4);

impl Machine {
    /// All variables as a place sees them.
    pub(super) fn sysctls_of(&self, place: Place) -> BTreeMap<String, String> {
        let vnet = self.vnet(place);
        let mut all =
            stock_sysctls(self.release, self.stock.identity(), |module| self.modules.contains(module));
        if self.has_vimage {
            all.insert("security.jail.vnet".to_owned(), u8::from(vnet != Place::Host).to_string());
        } else {
            all.remove("kern.features.vimage");
        }
        let is_jailed = u8::from(place != Place::Host);
        all.insert("security.jail.jailed".to_owned(), is_jailed.to_string());
        let is_seen = |at: Place, name: &str| {
            if PER_VNET.contains(&name) { at == vnet } else { at == Place::Host }
        };
        for ((at, name), value) in &self.sysctls {
            if is_seen(*at, name) {
                all.insert(name.clone(), value.clone());
            }
        }
        all
    }

    pub(super) fn set_sysctl(&mut self, place: Place, name: &str, value: &str) -> Result<(), Errno> {
        if !self.sysctls_of(place).contains_key(name) {
            return Err(Errno::NoEntry);
        }
        let at = if PER_VNET.contains(&name) { self.vnet(place) } else { Place::Host };
        if !WRITABLE.contains(&name) || (at == Place::Host && place != Place::Host) {
            return Err(Errno::NotPermitted);
        }
        self.sysctls.insert((at, name.to_owned()), value.to_owned());
        Ok(())
    }

    /// Sets a variable as a machine was booted with, whether it can be set later or not.
    pub(in crate::fake) fn boot_sysctl(&mut self, name: &str, value: &str) {
        self.sysctls.insert((Place::Host, name.to_owned()), value.to_owned());
    }

    pub(super) fn dad_count(&self, place: Place) -> u64 {
        let value =
            self.sysctls_of(place).get("net.inet6.ip6.dad_count").and_then(|value| value.parse().ok());
        value.unwrap_or(1)
    }
}

/// The variables of a release whose settings nobody changed.
#[must_use]
pub fn stock_sysctls(
    release: Release,
    identity: &Identity,
    is_loaded: impl Fn(&str) -> bool,
) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = [
        ("kern.ostype", "FreeBSD".to_owned()),
        ("kern.osrelease", release.name()),
        ("kern.osreldate", release.reldate().to_string()),
        ("kern.boottime", "{ sec = 1416988860, usec = 0 } Wed Nov 26 08:01:00 2014".to_owned()),
        ("kern.hostuuid", identity.hostuuid.clone()),
        ("kern.hostid", identity.hostid.to_string()),
        ("kern.securelevel", "-1".to_owned()),
        ("kern.vm_guest", "none".to_owned()),
        // GENERIC has it from 12.0 on; the machines here have built it in before.
        ("kern.features.vimage", "1".to_owned()),
        ("net.inet.ip.forwarding", "0".to_owned()),
        ("net.inet6.ip6.dad_count", "1".to_owned()),
        ("net.inet6.ip6.auto_linklocal", "1".to_owned()),
        ("net.link.tap.user_open", "0".to_owned()),
        ("net.link.tap.up_on_open", "0".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    if is_loaded("if_bridge") {
        for (name, value) in
            [("inherit_mac", "0"), ("pfil_bridge", "1"), ("pfil_member", "1"), ("pfil_onlyip", "1")]
        {
            all.insert(format!("net.link.bridge.{name}"), value.to_owned());
        }
        if release.major >= 15 {
            all.insert("net.link.bridge.member_ifaddrs".to_owned(), "0".to_owned());
        }
    }
    if is_loaded("if_epair") && release >= FIRST_WITH_CHOICE {
        let is_generated = u8::from(release.major >= 15);
        all.insert("net.link.epair.ether_gen_addr".to_owned(), is_generated.to_string());
    }
    all
}
