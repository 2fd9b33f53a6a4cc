//! What a host's programs show of it.
//!
//! Nothing here is a judgement: what could not be seen carries the reason, and whoever judges by it says so.

use std::collections::BTreeMap;

use allocd_types::name::{InterfaceName, JailName};
use freebsd_config::Release;
use freebsd_host::arp::ArpEntry;
use freebsd_host::host::Kernel;
use freebsd_host::interface::Interface;
use freebsd_host::jail::Jail;
use freebsd_host::{Seen, Sysctl};

use super::fact::Fact;

/// What a packet filter sees of a bridge's frames (if_bridge(4)).
pub(super) const PFIL_MEMBER: Sysctl = Sysctl::new("net.link.bridge.pfil_member");
/// See [`PFIL_MEMBER`].
pub(super) const PFIL_BRIDGE: Sysctl = Sysctl::new("net.link.bridge.pfil_bridge");
/// Whether a bridge drops what is not IP.
pub(super) const PFIL_ONLY_IP: Sysctl = Sysctl::new("net.link.bridge.pfil_onlyip");
/// Whether a bridge tells of MAC addresses that move.
pub(super) const LOG_MAC_FLAP: Sysctl = Sysctl::new("net.link.bridge.log_mac_flap");
/// There if the kernel has SCTP.
pub(super) const SCTP: Sysctl = Sysctl::new("net.inet.sctp.sendspace");

/// Every value of the kernel that a check looks at.
const SYSCTLS: [Sysctl; 12] = [
    Sysctl::BRIDGE_MEMBER_ADDRESSES,
    Sysctl::DAD_COUNT,
    Sysctl::EPAIR_HASH,
    Sysctl::HOST_UUID,
    Sysctl::JAILED,
    Sysctl::SECURITY_LEVEL,
    Sysctl::VIRTUAL_MACHINE,
    LOG_MAC_FLAP,
    PFIL_BRIDGE,
    PFIL_MEMBER,
    PFIL_ONLY_IP,
    SCTP,
];

/// The values that a release is asked for; all of them if it is not known which release it is.
pub(super) fn sysctls(release: Option<Release>) -> impl Iterator<Item = Sysctl> {
    SYSCTLS.into_iter().filter(move |name| match (*name, release) {
        (LOG_MAC_FLAP, Some(release)) => release >= Release::FIRST_WITH_FLAP_LOG,
        (SCTP, Some(release)) => release < Release::FIRST_WITH_SCTP_BESIDE_VIMAGE,
        (_, Some(_) | None) => true,
    })
}

/// What a host's programs show of it.
#[derive(Debug)]
pub(crate) struct HostFacts {
    /// Its kernel.
    pub(super) kernel: Fact<Kernel>,
    /// Its release, if it is one that files are rendered for.
    pub(super) release: Fact<Release>,
    /// Whether the kernel has network stacks for jails.
    pub(super) has_vimage: Fact<bool>,
    /// What ifconfig(8) can make.
    pub(super) cloners: Fact<Vec<Seen<InterfaceName>>>,
    /// Whether pf(4) is there.
    pub(super) has_pf: Fact<bool>,
    /// Values of the kernel, by name.
    pub(super) sysctls: BTreeMap<&'static str, Fact<Option<String>>>,
    /// The interfaces of the host's own network stack.
    pub(super) interfaces: Fact<Vec<Interface>>,
    /// Those of them that are bridges.
    pub(super) bridges: Fact<Vec<Seen<InterfaceName>>>,
    /// Those of them that are ends of an epair(4).
    pub(super) epairs: Fact<Vec<Seen<InterfaceName>>>,
    /// The jails, dying ones among them.
    pub(super) jails: Fact<Vec<Jail>>,
    /// The interfaces of each jail that lives and has a network stack of its own.
    pub(super) inside: Vec<(Seen<JailName>, Fact<Vec<Interface>>)>,
    /// What ARP knows.
    pub(super) neighbours: Fact<Vec<ArpEntry>>,
    /// The rule sets of devfs(8).
    pub(super) rulesets: Fact<Vec<u16>>,
}

impl HostFacts {
    /// A host whose kernel did not tell its release, so that no other command could be asked in its terms.
    pub(super) fn unknown(command: &str, reason: String) -> Self {
        Self {
            kernel: Fact::new(command, Err(reason)),
            release: unasked(),
            has_vimage: unasked(),
            cloners: unasked(),
            has_pf: unasked(),
            sysctls: sysctls(None).map(|name| (name.as_str(), unasked())).collect(),
            interfaces: unasked(),
            bridges: unasked(),
            epairs: unasked(),
            jails: unasked(),
            inside: Vec::new(),
            neighbours: unasked(),
            rulesets: unasked(),
        }
    }

    /// A value of the kernel.
    pub(super) fn sysctl(&self, name: Sysctl) -> &Fact<Option<String>> {
        self.sysctls.get(name.as_str()).expect("every value that a check looks at is asked for")
    }
}

fn unasked<T>() -> Fact<T> {
    Fact::new("", Err("not looked at, since the kernel's release is not known".to_owned()))
}
