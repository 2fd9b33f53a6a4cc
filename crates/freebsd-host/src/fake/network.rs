//! Machines in memory that hear each other, with one clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use allocd_types::mac::Mac;

use super::host::{FakeHost, Usage};
use super::interface::Driver;
use super::kernel::Place;
use super::memory::{Machine, World};
use super::release::Release;
use super::stock_mac::{Identity, StockMacs};

/// Machines on common wires. A clone is the same network; [`fork`](Self::fork) makes another one.
#[derive(Debug, Clone, Default)]
pub struct FakeNetwork {
    shared: Arc<Mutex<Shared>>,
}

/// All that the machines of a network have in common.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared {
    pub(super) world: World,
    /// What each machine is when it has booted.
    boots: Vec<MachineOptions>,
    /// What is known of each machine besides its kernel.
    pub(super) usage: Vec<Usage>,
}

/// What a machine is like when it has booted.
#[derive(Debug, Clone)]
pub struct MachineOptions {
    /// What it runs.
    pub release: Release,
    /// True if its kernel has network stacks for jails: built by hand to 11, GENERIC from 12 on.
    pub has_vimage: bool,
    /// What its MACs are made of.
    pub identity: Identity,
    /// Its cards: name, MAC, and the number of the wire they are on.
    pub cards: Vec<(String, Mac, u32)>,
    /// Modules besides the kernel that are loaded.
    pub modules: Vec<String>,
    /// Variables that are not as the release has them.
    pub sysctls: Vec<(String, String)>,
}

/// Rules of devfs.rules(5) that every release has.
const RULES: &[(u16, &[&str])] = &[
    (1, &["100 hide"]),
    (
        2,
        &[
            "100 path null unhide",
            "200 path zero unhide",
            "300 path random unhide",
            "400 path urandom unhide",
        ],
    ),
    (3, &["100 path 'ptyp*' unhide", "200 path pts unhide", "300 path fd unhide", "400 path stdin unhide"]),
    (4, &["100 include 1", "200 include 2", "300 include 3", "400 path zfs unhide"]),
];
/// The first release with a ruleset for jails with a network stack.
const FIRST_WITH_VNET_RULES: Release = Release::new(13, 0);
/// The rules of that set.
const VNET_RULES: (u16, &[&str]) = (5, &["100 include 4", "200 path pf unhide"]);

impl MachineOptions {
    /// A machine of a release with one card, `em0`, on wire 0; its hostuuid and the card's MAC follow from its name.
    #[must_use]
    pub fn new(name: &str, release: Release) -> Self {
        let [a, b, c, d, e, f, ..] = super::stock_mac::Digest::of(name).bytes();
        let hostuuid =
            format!("{a:02x}{b:02x}{c:02x}{d:02x}-{e:02x}{f:02x}-11ee-8000-0025{c:02x}{d:02x}{e:02x}{f:02x}");
        Self {
            release,
            has_vimage: true,
            identity: Identity::new(&hostuuid, release),
            cards: vec![("em0".to_owned(), Mac::new([0x00, 0x25, 0x90, d, e, f]), 0)],
            modules: Vec::new(),
            sysctls: Vec::new(),
        }
    }
}

impl FakeNetwork {
    /// A network without machines.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Boots a machine.
    #[must_use]
    pub fn boot(&self, options: &MachineOptions) -> FakeHost {
        let mut shared = self.lock();
        let at = shared.world.machines.len();
        shared.world.machines.push(boot(options));
        shared.boots.push(options.clone());
        shared.usage.push(Usage::default());
        FakeHost::new(self.clone(), at)
    }

    /// Boots a machine again: its files stay, and all that its kernel knew is gone.
    pub(super) fn reboot(&self, at: usize) {
        let mut shared = self.lock();
        shared.world.machines[at] = boot(&shared.boots[at]);
    }

    /// Lets time pass on all machines.
    pub fn advance(&self, time: Duration) {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.lock().world.advance(ms);
    }

    /// Another network with the same machines in the same state, from which nothing reaches this one.
    #[must_use]
    pub fn fork(&self) -> Self {
        let copy = self.lock().clone();
        Self { shared: Arc::new(Mutex::new(copy)) }
    }

    /// The network's state. Who was killed while using it left it whole: nobody is killed in the middle of a command.
    pub(super) fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn boot(options: &MachineOptions) -> Machine {
    let mut machine = Machine::new(options.release, StockMacs::new(options.identity.clone()));
    machine.has_vimage = options.has_vimage;
    for (name, mac, segment) in &options.cards {
        let id = machine.attach(Place::Host, Driver::Card, name, None, Some(*mac));
        machine.connect(id, Some(*segment));
    }
    machine.attach(Place::Host, Driver::Loopback, "lo0", Some(0), None);
    let kernel = ["kernel".to_owned()].into_iter();
    machine.set_modules(kernel.chain(options.modules.iter().cloned()).collect::<BTreeSet<_>>());
    machine.devfs = stock_devfs_rules(options.release);
    for (name, value) in &options.sysctls {
        machine.boot_sysctl(name, value);
    }
    machine
}

/// The rules of devfs(8) of a release that nobody added to.
#[must_use]
pub fn stock_devfs_rules(release: Release) -> BTreeMap<u16, Vec<String>> {
    let vnet = (release >= FIRST_WITH_VNET_RULES).then_some(VNET_RULES);
    let owned = |rules: &[&str]| rules.iter().map(|rule| (*rule).to_owned()).collect();
    RULES.iter().copied().chain(vnet).map(|(set, rules)| (set, owned(rules))).collect()
}
