//! One machine in memory, as whoever runs commands on it sees it, and as a test does.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use allocd_types::mac::Mac;

use super::faults::{Fault, kill};
use super::interface::{Driver, Interface};
use super::jail::{Jail, JailDefinition};
use super::kernel::{Kernel, Place};
use super::machine::FakeMachine;
use super::memory::{MemoryKernel, World};
use super::network::{FakeNetwork, MachineOptions};
use super::release::Release;
use super::userland::Userland;
use crate::invocation::Invocation;
use crate::output::Output;
use crate::runner::{RunError, Runner};

/// How long a command takes, by the machine's clock: ten looks at an interface see duplicate address detection end.
const COMMAND_MS: u64 = 100;

/// Reads a jail.conf(5) by its path.
type ReadJailConf = Arc<dyn Fn(&str) -> Result<Option<Vec<JailDefinition>>, String> + Send + Sync>;
/// A program that a test brings along: it is given its arguments and where it runs.
type ExtraProgram = Arc<dyn Fn(Place, &[String]) -> Output + Send + Sync>;

/// A machine in memory. A clone is the same machine; [`fork`](Self::fork) makes another one.
#[derive(Debug, Clone)]
pub struct FakeHost {
    network: FakeNetwork,
    at: usize,
}

/// A command that was run, or was to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The command.
    pub invocation: Invocation,
    /// How it ended; none if its caller was killed at it.
    pub output: Option<Output>,
}

/// What is known of a machine besides its kernel.
#[derive(Clone, Default)]
pub(super) struct Usage {
    records: Vec<Record>,
    faults: BTreeMap<usize, Fault>,
    /// Faults by a part of the command line.
    faults_on: Vec<(String, Fault)>,
    pub(super) read_jail_conf: Option<ReadJailConf>,
    pub(super) programs: BTreeMap<String, ExtraProgram>,
    pub(super) programs_on_host: BTreeMap<String, ExtraProgram>,
    /// Files by their path on the host.
    pub(super) files: BTreeMap<String, String>,
    /// What the network looked like in a jail when its services started, by the jail's name.
    pub(super) services: Vec<(String, Vec<Interface>)>,
}

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Usage")
            .field("records", &self.records)
            .field("faults", &self.faults)
            .field("programs", &self.programs.keys())
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl Usage {
    /// The fault that is due at a command, once.
    fn take_fault(&mut self, count: usize, invocation: &Invocation) -> Option<Fault> {
        if let Some(fault) = self.faults.remove(&count) {
            return Some(fault);
        }
        let line = invocation.to_string();
        let at = self.faults_on.iter().position(|(text, _)| line.contains(text.as_str()))?;
        Some(self.faults_on.remove(at).1)
    }
}

impl FakeHost {
    pub(super) const fn new(network: FakeNetwork, at: usize) -> Self {
        Self { network, at }
    }

    /// A machine on a network of its own.
    #[must_use]
    pub fn alone(release: Release) -> Self {
        FakeNetwork::new().boot(&MachineOptions::new("host", release))
    }

    /// The network that it is on.
    #[must_use]
    pub const fn network(&self) -> &FakeNetwork {
        &self.network
    }

    /// The same machine in a copy of its whole network.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { network: self.network.fork(), at: self.at }
    }

    /// Switches the machine off and on: its files stay, and all that its kernel knew is gone, jails and interfaces too.
    pub fn reboot(&self) {
        self.network.reboot(self.at);
    }

    /// Lets time pass on all machines of the network.
    pub fn advance(&self, time: Duration) {
        self.network.advance(time);
    }

    /// Has jail(8) read its files by this; none if there is no such file.
    pub fn read_jail_conf_by(
        &self,
        read: impl Fn(&str) -> Result<Option<Vec<JailDefinition>>, String> + Send + Sync + 'static,
    ) {
        self.usage(|usage| usage.read_jail_conf = Some(Arc::new(read)));
    }

    /// Puts a program where a path says; it is run in whatever place asks for it. It must not use the machine: that waits for it.
    pub fn add_program(&self, path: &str, run: impl Fn(Place, &[String]) -> Output + Send + Sync + 'static) {
        self.usage(|usage| usage.programs.insert(path.to_owned(), Arc::new(run)));
    }

    /// The same on the host only, instead of what is there; jails keep what they have.
    pub fn add_program_on_host(&self, path: &str, run: impl Fn(&[String]) -> Output + Send + Sync + 'static) {
        let run = move |_: Place, arguments: &[String]| run(arguments);
        self.usage(|usage| usage.programs_on_host.insert(path.to_owned(), Arc::new(run)));
    }

    /// Puts a file where a path says.
    pub fn write_file(&self, path: &str, text: &str) {
        self.usage(|usage| usage.files.insert(path.to_owned(), text.to_owned()));
    }

    /// A file's text.
    #[must_use]
    pub fn read_file(&self, path: &str) -> Option<String> {
        self.usage(|usage| usage.files.get(path).cloned())
    }

    /// Adds an interface that no cloner makes, such as one of netgraph(4).
    pub fn add_interface(&self, driver: Driver, name: &str, mac: Option<Mac>) {
        let mut shared = self.network.lock();
        shared.world.machines[self.at].attach(Place::Host, driver, name, None, mac);
    }

    /// Defines the rules of a devfs set.
    pub fn set_devfs_rules(&self, set: u16, rules: &[&str]) {
        let mut shared = self.network.lock();
        let rules = rules.iter().map(|rule| (*rule).to_owned()).collect();
        shared.world.machines[self.at].devfs.insert(set, rules);
    }

    /// Lets something hold a jail of this name when it is removed, so that it goes on dying.
    pub fn hold_jail(&self, name: &str) {
        self.network.lock().world.machines[self.at].held.insert(name.to_owned());
    }

    /// Lets go what holds jails of this name.
    pub fn let_jail_go(&self, name: &str) {
        self.network.lock().world.machines[self.at].let_go(name);
    }

    /// Takes a card's cable away, or puts it on a wire.
    pub fn connect(&self, card: &str, segment: Option<u32>) {
        let mut shared = self.network.lock();
        let machine = &mut shared.world.machines[self.at];
        if let Some(id) = machine.find(Place::Host, card) {
            machine.connect(id, segment);
        }
    }

    /// Sets a variable as the kernel does by itself, such as when the date changes.
    pub fn boot_sysctl(&self, name: &str, value: &str) {
        self.network.lock().world.machines[self.at].boot_sysctl(name, value);
    }

    /// Has the command fail, or its caller killed, that is run after so many others.
    pub fn fault_at(&self, count: usize, fault: Fault) {
        self.usage(|usage| usage.faults.insert(count, fault));
    }

    /// Has the next command fail, or its caller killed, in whose line this text stands.
    pub fn fault_on(&self, text: &str, fault: Fault) {
        self.usage(|usage| usage.faults_on.push((text.to_owned(), fault)));
    }

    /// Writes a line into the kernel's message buffer, such as one that nothing here causes.
    pub fn log(&self, line: &str) {
        self.network.lock().world.machines[self.at].messages.push(line.to_owned());
    }

    /// How many commands have been run, or were to be.
    #[must_use]
    pub fn command_count(&self) -> usize {
        self.usage(|usage| usage.records.len())
    }

    /// All commands that were run, or were to be.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.usage(|usage| usage.records.clone())
    }

    /// The interfaces on the host, or in a jail by its name; none if there is no such jail.
    #[must_use]
    pub fn interfaces(&self, jail: Option<&str>) -> Vec<Interface> {
        self.kernel(|kernel| match jail {
            None => kernel.interfaces(Place::Host),
            Some(name) => {
                let jail = kernel.jail(name);
                jail.map(|jail| kernel.interfaces(Place::Jail(jail.jid))).unwrap_or_default()
            }
        })
    }

    /// All jails, those that are dying too.
    #[must_use]
    pub fn jails(&self) -> Vec<Jail> {
        self.kernel(|kernel| kernel.jails())
    }

    /// The kernel's messages.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.kernel(|kernel| kernel.messages())
    }

    /// True if an echo request from the host, or from a jail by its name, is answered.
    #[must_use]
    pub fn pings(&self, jail: Option<&str>, to: IpAddr) -> bool {
        self.kernel(|kernel| {
            let place = match jail.map(|name| kernel.jail(name)) {
                None => Place::Host,
                Some(Some(jail)) => Place::Jail(jail.jid),
                Some(None) => return false,
            };
            kernel.is_answered(place, to, None)
        })
    }

    /// What the network looked like in each jail when its /etc/rc was run, in that order.
    #[must_use]
    pub fn services(&self) -> Vec<(String, Vec<Interface>)> {
        self.usage(|usage| usage.services.clone())
    }

    fn usage<T>(&self, with: impl FnOnce(&mut Usage) -> T) -> T {
        with(&mut self.network.lock().usage[self.at])
    }

    fn kernel<T>(&self, with: impl FnOnce(&mut dyn Kernel) -> T) -> T {
        let world: &mut World = &mut self.network.lock().world;
        with(&mut MemoryKernel { world, at: self.at })
    }
}

impl Runner for FakeHost {
    /// Runs a command on the host. A thread at a time; the clock goes on by a tenth of a second.
    fn run(&self, invocation: &Invocation) -> Result<Output, RunError> {
        let mut shared = self.network.lock();
        let count = shared.usage[self.at].records.len();
        shared.usage[self.at].records.push(Record { invocation: invocation.clone(), output: None });
        let fault = shared.usage[self.at].take_fault(count, invocation);
        match fault {
            Some(Fault::KillBefore) => {
                drop(shared);
                kill(count);
            }
            Some(Fault::Fail(output)) => {
                shared.usage[self.at].records[count].output = Some(output.clone());
                return Ok(output);
            }
            Some(Fault::KillAfter | Fault::FailAfterwards(_)) | None => {}
        }
        let program = invocation.program.path();
        let mut machine = FakeMachine::new(&mut shared, self.at);
        let Some(output) = machine.execute(Place::Host, program, &invocation.arguments) else {
            return Err(RunError::NotFound { program: invocation.program.clone() });
        };
        shared.world.advance(COMMAND_MS);
        let output = match fault {
            Some(Fault::KillAfter) => {
                drop(shared);
                kill(count);
            }
            Some(Fault::FailAfterwards(output)) => output,
            Some(Fault::KillBefore | Fault::Fail(_)) | None => output,
        };
        shared.usage[self.at].records[count].output = Some(output.clone());
        Ok(output)
    }
}
