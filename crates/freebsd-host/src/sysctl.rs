//! The values of sysctl(8) that are asked for.

/// A value's name, such as `kern.osreldate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sysctl(&'static str);

impl Sysctl {
    /// Whether bridges of the host take members that have addresses (if_bridge(4), from 15 on).
    pub const BRIDGE_MEMBER_ADDRESSES: Self = Self("net.link.bridge.member_ifaddrs");
    /// How often duplicate address detection asks; it is off if never.
    pub const DAD_COUNT: Self = Self("net.inet6.ip6.dad_count");
    /// Whether epair(4) makes its MACs of a hash of 16 bits; not on every release.
    pub const EPAIR_HASH: Self = Self("net.link.epair.ether_gen_addr");
    /// When the machine booted, by its date.
    pub const BOOT_TIME: Self = Self("kern.boottime");
    /// The machine's number, made of its UUID.
    pub const HOST_ID: Self = Self("kern.hostid");
    /// The machine's UUID.
    pub const HOST_UUID: Self = Self("kern.hostuuid");
    /// Whether whoever asks is in a jail.
    pub const JAILED: Self = Self("security.jail.jailed");
    /// The release as a name, such as `14.1-RELEASE-p3`.
    pub const RELEASE: Self = Self("kern.osrelease");
    /// The release as a number, such as 1401000.
    pub const RELEASE_DATE: Self = Self("kern.osreldate");
    /// What root may not do any more.
    pub const SECURITY_LEVEL: Self = Self("kern.securelevel");
    /// Whether a tap(4) may be opened without being root.
    pub const TAP_USER_OPEN: Self = Self("net.link.tap.user_open");
    /// Whether a tap(4) comes up when it is opened.
    pub const TAP_UP_ON_OPEN: Self = Self("net.link.tap.up_on_open");
    /// Whether the kernel has network stacks for jails; not there if it has not.
    pub const VIMAGE: Self = Self("kern.features.vimage");
    /// The hypervisor that the host runs in, or `none`.
    pub const VIRTUAL_MACHINE: Self = Self("kern.vm_guest");

    /// Makes one of its name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}
