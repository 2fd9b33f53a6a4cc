//! What FreeBSD's kernel knows and Linux does not, in a file of the host: units, homes, stock MACs, jails, settings.
//!
//! Every call takes the file's lock, reads, changes and replaces it in one step. The lock is never held while another program
//! runs that takes it too: hooks run between calls, not within them. The file lies on the host's own /run, so that a reboot
//! forgets it as a kernel would.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use allocd_types::mac::Mac;
use freebsd_host::fake::{
    Driver, Identity, Inet6, Inet6State, Jail, Place, Release, StockMacs, stock_sysctls,
};
use serde::{Deserialize, Serialize};

/// Where a host keeps what is its own while it runs.
pub(super) const DIRECTORY: &str = "/run/lab";

/// A kernel's knowledge.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) release: String,
    pub(super) hostuuid: String,
    /// What if_epair(4) to 11 finds on the stack; the machine's own if it is not said.
    pub(super) uninitialised: Option<[u8; 2]>,
    pub(super) next_epair_index: u32,
    pub(super) nics: Vec<Nic>,
    pub(super) jails: Vec<KnownJail>,
    pub(super) next_jid: u32,
    pub(super) modules: BTreeSet<String>,
    /// What was set, by name.
    pub(super) sysctls: BTreeMap<String, String>,
    pub(super) messages: Vec<String>,
    pub(super) mounts: Vec<String>,
}

/// An interface, found by where it is and what it is called there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Nic {
    /// The jail it is in; 0 for the host.
    pub(super) place: u32,
    /// Where it belongs.
    pub(super) home: u32,
    pub(super) name: String,
    pub(super) driver: String,
    pub(super) unit: Option<u32>,
    pub(super) index: u32,
    pub(super) stock_mac: Option<[u8; 6]>,
    pub(super) groups: Vec<String>,
    pub(super) has_auto_linklocal: bool,
    /// The addresses that wait for IPv6 to be switched on again; none while it is on.
    pub(super) disabled: Option<Vec<Waiting>>,
    pub(super) options: u32,
}

/// An IPv6 address of an interface whose IPv6 is switched off.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) address: std::net::Ipv6Addr,
    pub(super) length: u8,
    pub(super) is_duplicated: bool,
}

/// A jail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KnownJail {
    pub(super) jid: u32,
    pub(super) name: String,
    pub(super) path: String,
    pub(super) hostname: String,
    pub(super) is_vnet: bool,
    pub(super) devfs_ruleset: u16,
}

/// When a machine booted that does so now, as sysctl(8) shows it.
fn boot_time() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{{ sec = {}, usec = {} }} now", now.as_secs(), now.subsec_micros())
}

impl State {
    /// What a machine knows that has just booted.
    pub(super) fn boot(release: &str, hostuuid: &str, uninitialised: Option<[u8; 2]>) -> Self {
        let mut state = Self {
            release: release.to_owned(),
            hostuuid: hostuuid.to_owned(),
            uninitialised,
            next_jid: 1,
            modules: ["kernel".to_owned()].into(),
            sysctls: [("kern.boottime".to_owned(), boot_time())].into(),
            ..Self::default()
        };
        for (name, driver) in [("em0", Driver::Card), ("lo0", Driver::Loopback)] {
            state.add(Place::Host, name, driver, (driver == Driver::Loopback).then_some(0), None);
        }
        state
    }

    pub(super) fn release(&self) -> Release {
        self.release.parse().expect("a scene boots a release")
    }

    pub(super) fn identity(&self) -> Identity {
        let identity = Identity::new(&self.hostuuid, self.release());
        Identity { uninitialised: self.uninitialised.unwrap_or(identity.uninitialised), ..identity }
    }

    /// The generator of MACs as far as it has come.
    pub(super) fn stock_macs(&self) -> StockMacs {
        StockMacs::resume(self.identity(), self.next_epair_index)
    }

    /// The network stack of a place, as the file counts them.
    pub(super) fn stack(&self, place: Place) -> u32 {
        match place {
            Place::Host => 0,
            Place::Jail(jid) => {
                self.jails.iter().find(|jail| jail.jid == jid && jail.is_vnet).map_or(0, |jail| jail.jid)
            }
        }
    }

    pub(super) fn find(&self, stack: u32, name: &str) -> Option<usize> {
        self.nics.iter().position(|nic| nic.place == stack && nic.name == name)
    }

    /// The lowest index that is free in a stack, as the kernel gives it.
    pub(super) fn free_index(&self, stack: u32) -> u32 {
        let used: BTreeSet<u32> =
            self.nics.iter().filter(|nic| nic.place == stack).map(|nic| nic.index).collect();
        (1..).find(|index| !used.contains(index)).expect("there are more indices than interfaces")
    }

    /// Notes an interface that is there.
    pub(super) fn add(
        &mut self,
        place: Place,
        name: &str,
        driver: Driver,
        unit: Option<u32>,
        stock_mac: Option<Mac>,
    ) {
        let stack = self.stack(place);
        let nic = Nic {
            place: stack,
            home: stack,
            name: name.to_owned(),
            driver: driver.as_str().to_owned(),
            unit,
            index: self.free_index(stack),
            stock_mac: stock_mac.map(Mac::octets),
            groups: if driver == Driver::Card { Vec::new() } else { vec![driver.as_str().to_owned()] },
            has_auto_linklocal: driver != Driver::Bridge,
            disabled: None,
            options: if driver == Driver::Epair && self.release().major < 15 { 0x8 } else { 0 },
        };
        self.nics.push(nic);
        if let Some(mac) = stock_mac {
            self.messages.push(format!("{name}: Ethernet address: {mac}"));
        }
    }

    /// The variables: the release's, with what was set over them.
    pub(super) fn sysctls_seen(&self) -> BTreeMap<String, String> {
        let is_loaded = |module: &str| self.modules.contains(module);
        let mut all = stock_sysctls(self.release(), &self.identity(), is_loaded);
        all.extend(self.sysctls.clone());
        all
    }

    fn read() -> Self {
        let text = fs::read(path()).expect("a host has its state");
        serde_json::from_slice(&text).expect("the state is of this program")
    }

    fn write(&self) {
        let next = format!("{DIRECTORY}/state.next");
        fs::write(&next, serde_json::to_vec(self).expect("the state is plain")).expect("write the state");
        fs::rename(&next, path()).expect("replace the state");
    }
}

impl Nic {
    pub(super) fn driver(&self) -> Driver {
        let all = [
            Driver::Loopback,
            Driver::Card,
            Driver::Epair,
            Driver::Bridge,
            Driver::Tap,
            Driver::Tun,
            Driver::Ngeth,
        ];
        let is_it = |driver: &Driver| driver.as_str() == self.driver;
        all.into_iter().find(is_it).expect("the state is of this program")
    }
}

impl Waiting {
    pub(super) fn of(inet6: &Inet6) -> Self {
        let is_duplicated = inet6.state == Inet6State::Duplicated;
        Self { address: inet6.address, length: inet6.length, is_duplicated }
    }
}

impl KnownJail {
    pub(super) fn jail(&self) -> Jail {
        Jail {
            jid: self.jid,
            name: self.name.clone(),
            path: self.path.clone(),
            hostname: self.hostname.clone(),
            is_vnet: self.is_vnet,
            devfs_ruleset: self.devfs_ruleset,
            is_dying: false,
        }
    }
}

fn path() -> &'static Path {
    Path::new("/run/lab/state.json")
}

/// Reads the state.
pub(super) fn look() -> State {
    let _lock = lock();
    State::read()
}

/// Changes the state.
pub(super) fn change<T>(with: impl FnOnce(&mut State) -> T) -> T {
    let _lock = lock();
    let mut state = State::read();
    let done = with(&mut state);
    state.write();
    done
}

/// The lock, which goes with its file.
fn lock() -> File {
    let file = File::create(format!("{DIRECTORY}/lock")).expect("open the lock");
    file.lock().expect("take the lock");
    file
}

/// Begins with a state, as after a boot.
pub(super) fn begin(state: &State) {
    let _lock = lock();
    state.write();
}
