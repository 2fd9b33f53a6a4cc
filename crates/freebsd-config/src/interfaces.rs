//! The leases of one jail, checked to be of one jail and whole: what every target renders from.

use allocd_types::address::Family;
use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::{Lease, LeasedAddress};
use allocd_types::mac::{Mac, MacError, Macs};
use allocd_types::name::{HostName, InterfaceName, JailName, NetworkName};

use crate::profile::TapPlace;
use crate::release::Release;

/// What rc.d/jail calls all jails together.
pub(crate) const EVERY_JAIL: &str = "_ALL";

/// Why leases cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// There is none.
    #[error("no lease was given to render")]
    NoLease,
    /// The jail has the name by which rc.d/jail means every jail of the host.
    #[error(
        "a jail named {jail} would start and stop all others with it: rc.d/jail takes that name for every jail"
    )]
    EveryJail {
        /// The jail.
        jail: JailName,
    },
    /// One of them is another jail's.
    #[error("{} is for {found}, and the others are for {expected}", .lease.resource_name())]
    OtherJail {
        /// The lease.
        lease: LeaseId,
        /// Whose it is.
        found: Box<Holder>,
        /// Whose the first one is.
        expected: Box<Holder>,
    },
    /// It ends by itself, and the file would not.
    #[error(
        "{} of {holder} ends by itself, and a file that starts by itself is for permanent leases only",
        .lease.resource_name()
    )]
    Temporary {
        /// The lease.
        lease: LeaseId,
        /// Whose it is.
        holder: Box<Holder>,
    },
    /// Its kind needs a value that it has not.
    #[error("{} is for {kind} and has no {what}", .lease.resource_name())]
    Incomplete {
        /// The lease.
        lease: LeaseId,
        /// Its kind.
        kind: InterfaceKind,
        /// What is missing.
        what: &'static str,
    },
    /// No interface may use one of its MACs.
    #[error("{} has a MAC address that cannot be set", .lease.resource_name())]
    Mac {
        /// The lease.
        lease: LeaseId,
        /// Why not.
        source: MacError,
    },
    /// Two leases are for an interface of the same name.
    #[error("two leases are for the interface {name}")]
    InterfaceTwice {
        /// The name.
        name: InterfaceName,
    },
    /// A lease of addresses only, in a jail with interfaces of its own, but none on that network.
    #[error("{} has addresses of network {network}, and the jail has no interface there", .lease.resource_name())]
    NoInterface {
        /// The lease.
        lease: LeaseId,
        /// Its network.
        network: NetworkName,
    },
    /// The target came with a later release.
    #[error("{target} cannot be rendered for FreeBSD {release}: it takes {oldest} or later")]
    ReleaseTooOld {
        /// What was to be rendered.
        target: &'static str,
        /// The release that was asked for.
        release: Release,
        /// The first one that can.
        oldest: Release,
    },
}

/// All leases of one jail, in the order of its interfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JailInterfaces {
    pub(crate) host: HostName,
    pub(crate) jail: JailName,
    /// Every lease, for what a file says of its origin.
    pub(crate) leases: Vec<Lease>,
    /// The interfaces that the jail has for itself.
    pub(crate) interfaces: Vec<Interface>,
    /// The addresses on the host's bridges that a jail without interfaces of its own shares.
    pub(crate) shared: Vec<SharedAddress>,
}

/// One interface of the jail, with every address it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interface {
    pub(crate) lease: LeaseId,
    pub(crate) network: NetworkName,
    pub(crate) bridge: InterfaceName,
    pub(crate) mtu: Option<u16>,
    pub(crate) link: Link,
    pub(crate) addresses: Vec<LeasedAddress>,
}

/// What an interface is made of; each kind with exactly what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// epair(4): end `a` on the host's bridge, end `b` in the jail.
    Cable { unit: UnitIndex, a: InterfaceName, b: InterfaceName, mac_a: Mac, mac_b: Mac },
    /// tap(4): in the jail, or on the host's bridge for a virtual machine; with the lease's MAC and, where the lease holds it,
    /// the one beside.
    Tap { unit: UnitIndex, name: InterfaceName, mac: Mac, beside: Option<Mac>, place: TapPlace },
    /// tun(4).
    Tun { unit: UnitIndex, name: InterfaceName },
    /// ng_eiface(4): netgraph numbers and makes it, not ifconfig(8), so it has to be there.
    Ngeth { name: InterfaceName, mac: Mac },
}

/// An address of a jail that shares the host's network stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedAddress {
    pub(crate) bridge: InterfaceName,
    pub(crate) address: LeasedAddress,
}

impl JailInterfaces {
    /// Puts the leases of one jail together, in the order of their interface labels.
    ///
    /// # Errors
    /// [`RenderError`] if there is none, they are not of one jail, or one is not whole.
    pub fn new(mut leases: Vec<Lease>) -> Result<Self, RenderError> {
        leases.sort_by(|one, other| one.holder.interface.cmp(&other.holder.interface));
        let first = leases.first().ok_or(RenderError::NoLease)?.holder.clone();
        if let Some(other) =
            leases.iter().find(|lease| (&lease.holder.host, &lease.holder.jail) != (&first.host, &first.jail))
        {
            let (lease, found) = (other.id, Box::new(other.holder.clone()));
            return Err(RenderError::OtherJail { lease, found, expected: Box::new(first) });
        }
        if first.jail.as_str() == EVERY_JAIL {
            return Err(RenderError::EveryJail { jail: first.jail });
        }
        let mut interfaces = Vec::new();
        for lease in &leases {
            interfaces.extend(interface(lease)?);
        }
        let mut new = Self { host: first.host, jail: first.jail, leases, interfaces, shared: Vec::new() };
        new.check_names()?;
        new.place_addresses()?;
        Ok(new)
    }

    /// The jail server.
    #[must_use]
    pub fn host(&self) -> &HostName {
        &self.host
    }

    /// The jail.
    #[must_use]
    pub fn jail(&self) -> &JailName {
        &self.jail
    }

    /// The leases, in the order of their interface labels.
    #[must_use]
    pub fn leases(&self) -> &[Lease] {
        &self.leases
    }

    /// The same with the taps where a profile has them.
    pub(crate) fn with_taps(&self, tap: TapPlace) -> Self {
        let mut placed = self.clone();
        for interface in &mut placed.interfaces {
            match &mut interface.link {
                Link::Tap { place, .. } => *place = tap,
                Link::Cable { .. } | Link::Tun { .. } | Link::Ngeth { .. } => {}
            }
        }
        placed
    }

    /// Refuses leases that end by themselves: a file would start the jail with values that are someone else's by then.
    pub(crate) fn check_permanent(&self) -> Result<(), RenderError> {
        match self.leases.iter().find(|lease| lease.remaining.is_some()) {
            Some(lease) => {
                Err(RenderError::Temporary { lease: lease.id, holder: Box::new(lease.holder.clone()) })
            }
            None => Ok(()),
        }
    }

    /// The shared addresses of one family, each as jail(8) takes it: the interface, and the address with its length.
    pub(crate) fn shared_addresses(&self, family: Family) -> impl Iterator<Item = String> {
        self.shared.iter().filter(move |shared| Family::of(shared.address.address) == family).map(|shared| {
            let SharedAddress { bridge, address } = shared;
            format!("{bridge}|{}/{}", address.address, address.subnet.length())
        })
    }

    fn check_names(&self) -> Result<(), RenderError> {
        let mut names: Vec<&InterfaceName> = self.interfaces.iter().map(Interface::inner_name).collect();
        names.sort();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(RenderError::InterfaceTwice { name: pair[0].clone() }),
            None => Ok(()),
        }
    }

    /// Leases of addresses only: further addresses of an interface on their network, or shared ones of a jail without interfaces.
    fn place_addresses(&mut self) -> Result<(), RenderError> {
        for lease in self.leases.iter().filter(|lease| lease.kind == InterfaceKind::Address) {
            if self.interfaces.is_empty() {
                let shared = |address: &LeasedAddress| SharedAddress {
                    bridge: lease.bridge.clone(),
                    address: address.clone(),
                };
                self.shared.extend(lease.addresses.iter().map(shared));
                continue;
            }
            // A tunnel's addresses are for others to set, so one comes last.
            let on_network =
                self.interfaces.iter_mut().filter(|interface| interface.network == lease.network);
            let target = on_network.min_by_key(|interface| interface.is_tunnel());
            let missing = || RenderError::NoInterface { lease: lease.id, network: lease.network.clone() };
            target.ok_or_else(missing)?.addresses.extend(lease.addresses.iter().cloned());
        }
        Ok(())
    }
}

impl Interface {
    /// The name of a cable's end in the jail, or of the only interface.
    pub(crate) fn inner_name(&self) -> &InterfaceName {
        match &self.link {
            Link::Cable { b, .. } => b,
            Link::Tap { name, .. } | Link::Tun { name, .. } | Link::Ngeth { name, .. } => name,
        }
    }

    /// True if it is in the jail while the jail runs.
    pub(crate) fn is_in_jail(&self) -> bool {
        match self.link {
            Link::Cable { .. } | Link::Tun { .. } | Link::Ngeth { .. } => true,
            Link::Tap { place, .. } => place == TapPlace::Jail,
        }
    }

    /// True if the jail's hooks bring it up and set its addresses: those of a tun(4) are set by the program that opens it, those
    /// of a tap(4) on the host by the guest behind it.
    pub(crate) fn is_configured_in_jail(&self) -> bool {
        match self.link {
            Link::Cable { .. } | Link::Ngeth { .. } => true,
            Link::Tap { place, .. } => place == TapPlace::Jail,
            Link::Tun { .. } => false,
        }
    }

    /// The addresses of one family that the jail's hooks set.
    pub(crate) fn addresses_of(&self, family: Family) -> impl Iterator<Item = &LeasedAddress> {
        let is_ours = self.is_configured_in_jail();
        self.addresses.iter().filter(move |leased| is_ours && Family::of(leased.address) == family)
    }

    /// True if some program takes the place of the wire.
    fn is_tunnel(&self) -> bool {
        match self.link {
            Link::Cable { .. } | Link::Ngeth { .. } => false,
            Link::Tap { .. } | Link::Tun { .. } => true,
        }
    }
}

/// The interface of a lease; none for a lease of addresses only.
fn interface(lease: &Lease) -> Result<Option<Interface>, RenderError> {
    let missing = |what| RenderError::Incomplete { lease: lease.id, kind: lease.kind, what };
    if let Some(source) = lease.held_macs().find_map(|mac| mac.check_usable().err()) {
        return Err(RenderError::Mac { lease: lease.id, source });
    }
    let unit = || lease.index.ok_or_else(|| missing("index"));
    let name = || lease.ifname_a.clone().ok_or_else(|| missing("interface name"));
    let mac = || match lease.macs {
        Macs::Single(mac) => Ok(mac),
        Macs::None | Macs::Pair { .. } => Err(missing("single MAC address")),
    };
    let link = match lease.kind {
        InterfaceKind::Epair => {
            let b = lease.ifname_b.clone().ok_or_else(|| missing("name for the jail's end"))?;
            let Macs::Pair { a: mac_a, b: mac_b } = lease.macs else {
                return Err(missing("pair of MAC addresses"));
            };
            Link::Cable { unit: unit()?, a: name()?, b, mac_a, mac_b }
        }
        InterfaceKind::Tap => Link::Tap {
            unit: unit()?,
            name: name()?,
            mac: mac()?,
            beside: lease.mac_beside,
            place: TapPlace::Host,
        },
        InterfaceKind::Tun => Link::Tun { unit: unit()?, name: name()? },
        InterfaceKind::Ngeth => Link::Ngeth { name: name()?, mac: mac()? },
        InterfaceKind::Address if lease.addresses.is_empty() => return Err(missing("address")),
        InterfaceKind::Address => return Ok(None),
    };
    Ok(Some(Interface {
        lease: lease.id,
        network: lease.network.clone(),
        bridge: lease.bridge.clone(),
        mtu: lease.mtu,
        link,
        addresses: lease.addresses.clone(),
    }))
}
