//! What a world, a machine and a network interface consist of.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;

use allocd_types::mac::Mac;

use crate::fake::interface::Interface;
use crate::fake::jail::Jail;
use crate::fake::kernel::Place;
use crate::fake::release::Release;
use crate::fake::route::{ArpEntry, Route};
use crate::fake::stock_mac::StockMacs;

/// All machines, and the time on all their clocks.
#[derive(Debug, Clone, Default)]
pub(in crate::fake) struct World {
    /// Milliseconds since the beginning.
    pub(in crate::fake) now_ms: u64,
    pub(in crate::fake) machines: Vec<Machine>,
}

/// An interface of a machine; it stays the same whatever the interface is called and wherever it is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::fake) struct NicId(pub(super) u32);

/// One machine.
#[derive(Debug, Clone)]
pub(in crate::fake) struct Machine {
    pub(in crate::fake) release: Release,
    /// True if the kernel has network stacks for jails.
    pub(in crate::fake) has_vimage: bool,
    pub(super) stock: StockMacs,
    pub(in crate::fake) nics: BTreeMap<NicId, Nic>,
    pub(super) next_nic: u32,
    pub(super) jails: BTreeMap<u32, Jail>,
    pub(super) next_jid: u32,
    /// Names of jails that something will hold after their removal.
    pub(in crate::fake) held: BTreeSet<String>,
    /// What somebody set, over what the release has.
    pub(super) sysctls: BTreeMap<(Place, String), String>,
    pub(super) modules: BTreeSet<String>,
    pub(in crate::fake) devfs: BTreeMap<u16, Vec<String>>,
    /// Where devfs is mounted for jails, in that order; twice in a place if nobody unmounted it.
    pub(super) mounts: Vec<String>,
    pub(super) routes: BTreeMap<Place, Vec<Route>>,
    pub(super) arp: BTreeMap<Place, Vec<ArpEntry>>,
    /// By which member a bridge has last heard a MAC.
    pub(super) learnt: BTreeMap<(NicId, Mac), NicId>,
    pub(in crate::fake) messages: Vec<String>,
}

/// One interface.
#[derive(Debug, Clone)]
pub(in crate::fake) struct Nic {
    /// The network stack that has it.
    pub(in crate::fake) place: Place,
    /// The network stack that it goes back to.
    pub(super) home: Place,
    /// What everybody sees of it. Its members and whether there is a carrier are filled in when somebody looks.
    pub(in crate::fake) view: Interface,
    /// Its number among those of its driver, however it is called.
    pub(super) unit: Option<u32>,
    /// The other end of an epair.
    pub(super) peer: Option<NicId>,
    /// Of a bridge, its members: the newest first.
    pub(super) members: Vec<NicId>,
    /// Of a card, the wire that it is connected to.
    pub(super) segment: Option<u32>,
    /// When detection of duplicates ends, for each tentative address for which it runs.
    pub(super) dad_ends_ms: BTreeMap<Ipv6Addr, u64>,
}

impl Machine {
    /// A machine that has just booted, without interfaces.
    pub(in crate::fake) const fn new(release: Release, stock: StockMacs) -> Self {
        Self {
            release,
            has_vimage: true,
            stock,
            nics: BTreeMap::new(),
            next_nic: 1,
            jails: BTreeMap::new(),
            next_jid: 1,
            held: BTreeSet::new(),
            sysctls: BTreeMap::new(),
            modules: BTreeSet::new(),
            devfs: BTreeMap::new(),
            mounts: Vec::new(),
            routes: BTreeMap::new(),
            arp: BTreeMap::new(),
            learnt: BTreeMap::new(),
            messages: Vec::new(),
        }
    }

    /// Puts a card on a wire, or takes it off.
    pub(in crate::fake) fn connect(&mut self, id: NicId, segment: Option<u32>) {
        self.nic_mut(id).segment = segment;
    }

    pub(in crate::fake) fn set_modules(&mut self, modules: BTreeSet<String>) {
        self.modules = modules;
    }

    /// The network stack of a place: a jail without one has the host's.
    pub(super) fn vnet(&self, place: Place) -> Place {
        match place {
            Place::Jail(jid) if self.jails.get(&jid).is_some_and(|jail| jail.is_vnet) => place,
            Place::Jail(_) | Place::Host => Place::Host,
        }
    }

    /// The interface of this name in a network stack.
    pub(in crate::fake) fn find(&self, place: Place, name: &str) -> Option<NicId> {
        let place = self.vnet(place);
        let found = self.nics.iter().find(|(_, nic)| nic.place == place && nic.view.name == name);
        found.map(|(id, _)| *id)
    }

    /// An interface that is known to exist.
    pub(super) fn nic(&self, id: NicId) -> &Nic {
        self.nics.get(&id).expect("ids of interfaces are dropped with them")
    }

    /// An interface that is known to exist.
    pub(super) fn nic_mut(&mut self, id: NicId) -> &mut Nic {
        self.nics.get_mut(&id).expect("ids of interfaces are dropped with them")
    }

    /// The lowest index that no interface of a network stack has: the kernel uses them again.
    pub(super) fn free_index(&self, place: Place) -> u32 {
        let used: BTreeSet<u32> =
            self.nics.values().filter(|nic| nic.place == place).map(|nic| nic.view.index).collect();
        (1..).find(|index| !used.contains(index)).expect("there are more indices than interfaces")
    }

    /// The bridge that an interface is a member of.
    pub(super) fn bridge_of(&self, id: NicId) -> Option<NicId> {
        self.nics.iter().find(|(_, nic)| nic.members.contains(&id)).map(|(id, _)| *id)
    }

    pub(super) fn log(&mut self, line: String) {
        self.messages.push(line);
    }
}

impl World {
    /// Lets time pass, and all that falls into it happen.
    pub(in crate::fake) fn advance(&mut self, ms: u64) {
        let end = self.now_ms.saturating_add(ms);
        while let Some(next) = self.next_dad_end().filter(|next| *next <= end) {
            self.now_ms = self.now_ms.max(next);
            self.end_dad();
        }
        self.now_ms = end;
    }
}
