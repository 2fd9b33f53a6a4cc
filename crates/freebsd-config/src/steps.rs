//! What is done for a jail's interfaces, in order: the one sequence behind every target.
//!
//! ```text
//! host   create and mark, not up -> rename -> ether a, b -> mtu -> a up -> addm     before the jail exists, start_mark last
//! jail(8)                                       vnet.interface moves the inner end in
//! jail   lo0 -> IPv4 -> route -> rc.conf.local, IPv6, wait for DAD -> /etc/rc      services find the network there
//! host   the start_mark goes                                                       the start has ended
//! host   destroy what carries the mark                                             after the jail is gone
//! ```
//!
//! The MAC comes before `up` because the link-local address is made of it at the first `up` (in6_ifattach), and the outer end is
//! up before `addm` because the jail must not wait for the bridge. jail(8) takes a failed start back without exec.poststop, so
//! the first step removes what such a start left behind. Commands are absolute: exec.clean leaves no useful PATH. A tap for a
//! virtual machine goes the host's way only: it is an outer end whose inner one is in the guest.

mod build;
mod host;
mod ipv6;
mod jail;
mod step;

use allocd_types::address::Family;
use allocd_types::id::LeaseId;
use allocd_types::name::InterfaceName;

use crate::interfaces::JailInterfaces;
use crate::profile::RenderProfile;
use crate::release::ReleaseFamily;

pub use build::{BuildSteps, LinkSteps, Named};
pub(crate) use ipv6::Quotes;
pub use step::{HostStep, JailStep};

/// What starts a jail's services.
pub(crate) const START: &str = "/bin/sh /etc/rc";

/// What stops them: rc.shutdown of 11 and later can be told that it is a jail that stops.
pub(crate) const fn stop(family: ReleaseFamily) -> &'static str {
    match family {
        ReleaseFamily::From9To10 => "/bin/sh /etc/rc.shutdown",
        ReleaseFamily::From11To12 | ReleaseFamily::From13 => "/bin/sh /etc/rc.shutdown jail",
    }
}

/// What an interface's description begins with when it was made for a lease.
pub const MARK_PREFIX: &str = "allocd:";

/// The description of a lease's outer interface; nothing without it is ever destroyed.
#[must_use]
pub fn mark(lease: LeaseId) -> String {
    format!("{MARK_PREFIX}{}", lease.resource_name())
}

/// Steps as commands.
fn texts<S: ToString>(steps: impl IntoIterator<Item = S>) -> Vec<String> {
    steps.into_iter().map(|step| step.to_string()).collect()
}

/// Steps on the host as commands. What makes an interface marks it as well: a start that failed between the two would leave one that
/// nobody may destroy.
fn made_at_once(steps: &[HostStep]) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    for step in steps {
        match (step, commands.last_mut()) {
            (HostStep::Mark { lease, .. }, Some(create)) => {
                *create = format!("{create} description {}", mark(*lease));
            }
            _ => commands.push(step.to_string()),
        }
    }
    commands
}

/// The commands for all interfaces of a jail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Steps {
    /// On the host: removes what a failed start left behind.
    pub(crate) clear: Vec<String>,
    /// On the host, before the jail exists.
    pub(crate) create: Vec<String>,
    /// What jail(8) moves into the jail.
    pub(crate) moved: Vec<InterfaceName>,
    /// In the jail, before /etc/rc.
    configure: Vec<String>,
    /// In the jail: keeps /etc/rc.conf.local in line with the leases.
    persist: String,
    /// In the jail: IPv6.
    ipv6: Vec<String>,
    /// In the jail: the IPv6 default route, for where no rc.conf.local says it.
    ipv6_route: Option<String>,
    /// On the host, after the jail is gone.
    pub(crate) destroy: Vec<String>,
}

impl Steps {
    /// The steps; `quotes` says how the target can write double quotes into the jail's rc.conf.local.
    pub(crate) fn new(interfaces: &JailInterfaces, profile: &RenderProfile, quotes: Quotes) -> Self {
        let interfaces = &interfaces.with_taps(profile.tap);
        let mut steps = Self {
            clear: Vec::new(),
            create: Vec::new(),
            moved: Vec::new(),
            configure: texts(jail::loopback(interfaces)),
            persist: ipv6::persist(interfaces, quotes),
            ipv6: texts(interfaces.interfaces.iter().flat_map(ipv6::configure)),
            ipv6_route: jail::default_route(interfaces, Family::V6).map(|step| step.to_string()),
            destroy: Vec::new(),
        };
        for interface in &interfaces.interfaces {
            steps.clear.extend(host::clear(interface));
            steps.create.extend(made_at_once(&host::create(interface)));
            if interface.is_in_jail() {
                steps.moved.push(interface.inner_name().clone());
            }
            steps.configure.extend(texts(jail::addresses(interface)));
            steps.destroy.extend(host::destroy(interface));
        }
        steps.configure.extend(texts(jail::default_route(interfaces, Family::V4)));
        steps.create.extend(ipv6::wait_for_shared(interfaces));
        steps
    }

    /// True if an interface of the jail has an IPv6 address.
    pub(crate) fn has_ipv6(&self) -> bool {
        !self.ipv6.is_empty()
    }

    /// What is done in the jail before its services start.
    pub(crate) fn before_rc(&self, profile: &RenderProfile) -> Vec<&str> {
        let configure = self.configure.iter().map(String::as_str);
        let ipv6 = [&self.persist].into_iter().chain(&self.ipv6).map(String::as_str);
        if profile.may_write_jail_root { configure.chain(ipv6).collect() } else { configure.collect() }
    }

    /// What is left for after they started.
    pub(crate) fn after_rc(&self, profile: &RenderProfile) -> Vec<&str> {
        if profile.may_write_jail_root { Vec::new() } else { self.ipv6_at_once() }
    }

    /// IPv6 without a word in the jail's rc.conf.local, as it is right in a jail whose /etc/rc has run.
    pub(crate) fn ipv6_at_once(&self) -> Vec<&str> {
        self.ipv6.iter().chain(&self.ipv6_route).map(String::as_str).collect()
    }

    /// The jail's IPv4, in order.
    pub(crate) fn ipv4(&self) -> impl Iterator<Item = &str> {
        self.configure.iter().map(String::as_str)
    }
}
