//! A jail server for this crate's tests: a machine in memory, its files in a directory, a cluster in memory, and leases.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use allocd_client::deadline::HolderTime;
use allocd_types::id::{Generation, LeaseId, Revision};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::{Lease, LeaseState, LeasedAddress};
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::{InterfaceName, NetworkName, VrfName};
use allocd_types::time::WallTime;
use freebsd_config::jail_conf;
use freebsd_host::fake::{FakeHost, JailDefinition, Release};
use freebsd_host::{Host, Invocation, Output, Program, Runner as _};
use tempfile::TempDir;

use crate::cache::Store;
use crate::clock::Clock;
use crate::cluster::fake::FakeCluster;
use crate::config::Config;
use crate::files::Files;
use crate::pass::{Agent, Asked, Extent, Report, release_of};
use crate::plan::Finding;

/// A release of each family, and those where something changed.
pub(crate) const RELEASES: [(u8, u8); 5] = [(10, 4), (12, 4), (13, 2), (14, 1), (15, 0)];

/// A granted lease of a jail on h1: epair with this unit, which its values follow from.
pub(crate) fn lease(id: u64, jail: &str, unit: u16) -> Lease {
    let [_, low] = unit.to_be_bytes();
    let index = UnitIndex::new(unit.into()).unwrap();
    let name = |end: &str| InterfaceName::new(&format!("epair{unit}{end}")).ok();
    Lease {
        id: LeaseId::new(id),
        holder: format!("h1/{jail}").parse().unwrap(),
        network: NetworkName::new("lan").unwrap(),
        kind: InterfaceKind::Epair,
        index: Some(index),
        ifname_a: name("a"),
        ifname_b: name("b"),
        macs: Macs::pair(
            Mac::new([0x12, 0x34, 0x56, 0, low, 0x0a]),
            Mac::new([0x12, 0x34, 0x56, 0, low, 0x0b]),
        )
        .unwrap(),
        mac_beside: None,
        addresses: vec![
            address(&format!("10.0.0.{low}"), "10.0.0.0/24", Some("10.0.0.254")),
            address(&format!("fd00::{low}"), "fd00::/64", Some("fe80::1")),
        ],
        bridge: InterfaceName::new("vswitch0").unwrap(),
        vlan: None,
        mtu: None,
        resolvers: Vec::new(),
        state: LeaseState::Granted,
        is_delivered: false,
        migration: None,
        suspicion: None,
        is_unconfirmed: false,
        generation: Generation { timeline: 1, revision: Revision::new(42) },
        remaining: None,
        granted_at: WallTime::default(),
        labels: Labels::default(),
    }
}

/// A jail with all kinds of interfaces: a renamed cable with large frames, a tap and a tun of its own.
pub(crate) fn full() -> Vec<Lease> {
    let name = |text: &str| InterfaceName::new(text).ok();
    let cable = Lease {
        ifname_a: name("jail7a"),
        ifname_b: name("jail7b"),
        mtu: Some(9000),
        ..lease(17, "web01", 7)
    };
    let single = |id: u64, label: &str, kind: InterfaceKind, macs: Macs| Lease {
        holder: format!("h1/web01/{label}").parse().unwrap(),
        kind,
        macs,
        mac_beside: macs.a().map(Mac::beside),
        ifname_a: name(&format!("{kind}3")),
        ifname_b: None,
        addresses: Vec::new(),
        ..lease(id, "web01", 3)
    };
    let mac = Macs::Single(Mac::new([0x12, 0x34, 0x56, 0, 0, 0x0c]));
    vec![
        cable,
        single(18, "net1", InterfaceKind::Tap, mac),
        single(19, "vpn0", InterfaceKind::Tun, Macs::None),
    ]
}

/// An address with its subnet and gateway.
pub(crate) fn address(text: &str, subnet: &str, gateway: Option<&str>) -> LeasedAddress {
    LeasedAddress {
        address: text.parse().unwrap(),
        subnet: subnet.parse().unwrap(),
        gateway: gateway.map(|gateway| gateway.parse().unwrap()),
        vrf: VrfName::unsaid(),
    }
}

/// The jail server.
pub(crate) struct Rig {
    pub(crate) fake: FakeHost,
    pub(crate) directory: TempDir,
    pub(crate) files: Files,
    pub(crate) config: Config,
    pub(crate) cluster: FakeCluster,
    pub(crate) clock: FakeClock,
}

/// A clock that stands still until somebody sets it.
#[derive(Debug, Default)]
pub(crate) struct FakeClock(Cell<HolderTime>);

impl FakeClock {
    /// Lets so much time go by.
    pub(crate) fn pass(&self, time: Duration) {
        self.0.set(HolderTime(self.0.get().0 + time));
    }
}

impl Clock for FakeClock {
    fn now(&self) -> HolderTime {
        self.0.get()
    }
}

impl Rig {
    /// A host of this release with a bridge, the roots of its jails, and this in its configuration.
    pub(crate) fn new((major, minor): (u8, u8), jails: &str, leases: Vec<Lease>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let fake = FakeHost::alone(Release::new(major, minor));
        share_start_marks(&fake, directory.path());
        let root = directory.path().to_owned();
        fake.read_jail_conf_by(move |path| Ok(definitions(&root, path)));
        for command in ["bridge0 create", "bridge0 name vswitch0", "vswitch0 addm em0 up", "em0 up"] {
            let run = fake.run(&Invocation::new(Program::IFCONFIG, command.split(' '))).unwrap();
            assert!(run.exit.is_success(), "{command}: {}", run.stderr);
        }
        for lease in &leases {
            let bin = directory.path().join(format!("usr/jails/{}/bin", lease.holder.jail));
            std::fs::create_dir_all(bin).unwrap();
        }
        let text =
            format!("host = \"h1\"\nendpoints = [\"h9:7421\"]\nstate_dir = \"/var/db/agent\"\n{jails}");
        let config = Config::parse(Path::new("alloc-agent.toml"), &text).unwrap();
        let files = Files::below(directory.path());
        Self {
            fake,
            directory,
            files,
            config,
            cluster: FakeCluster::with(leases),
            clock: FakeClock::default(),
        }
    }

    /// What an agent that starts now does with the host.
    pub(crate) fn with_agent<T>(&self, run: impl FnOnce(&mut Agent<'_, &FakeHost, FakeCluster>) -> T) -> T {
        // An agent that cannot even look is started again.
        let host = Host::look(&self.fake).or_else(|_| Host::look(&self.fake)).unwrap();
        let release = release_of(&host).unwrap();
        let (store, _) = Store::open(self.files.clone(), "/var/db/agent", &self.config.host).unwrap();
        let clock: &dyn Clock = &self.clock;
        let cluster = (self.cluster.clone(), clock);
        let mut agent = Agent::new((&host, release), &self.files, &self.config, store, cluster);
        run(&mut agent)
    }

    /// Passes of one agent until one has nothing to do, and what they came to; ten at most.
    pub(crate) fn settle(&self) -> Vec<Report> {
        self.with_agent(|agent| {
            let mut reports = Vec::new();
            for _ in 0..10 {
                let Ok(report) = agent.pass(self.asked()) else { continue };
                reports.push(report);
                let last = reports.last().unwrap();
                let waits = last.findings.iter().any(|(_, finding)| *finding == Finding::Starting);
                if last.done() == 0 && !last.is_unfinished && !waits {
                    return reports;
                }
            }
            panic!("ten passes and no end: {reports:#?}");
        })
    }

    pub(crate) fn asked(&self) -> Asked {
        Asked { destructive_max: self.config.policy.destructive_max, extent: Extent::Whole }
    }

    /// Runs ifconfig(8) as an operator would.
    pub(crate) fn ifconfig(&self, arguments: &str) {
        let run = self.fake.run(&Invocation::new(Program::IFCONFIG, arguments.split(' '))).unwrap();
        assert!(run.exit.is_success(), "{arguments}: {}", run.stderr);
    }

    /// Everything of the host that an agent may leave behind, as text.
    pub(crate) fn shown(&self) -> String {
        let mut lines = Vec::new();
        let mut show = |place: &str, interface: &freebsd_host::fake::Interface| {
            let mac = interface.mac.map(|mac| mac.to_string()).unwrap_or_default();
            let inet = interface.inet.iter().map(|inet| format!(" {}/{}", inet.address, inet.length));
            let inet6 = interface.inet6.iter().filter(|inet| !inet.address.is_unicast_link_local());
            let inet6 = inet6.map(|inet| format!(" {}/{}", inet.address, inet.length));
            let addresses: String = inet.chain(inet6).collect();
            let members: String =
                interface.members.iter().map(|member| format!(" member {}", member.name)).collect();
            let is_up = if interface.is_up { "up" } else { "down" };
            let description = &interface.description;
            lines
                .push(format!("{place}: {} {mac} {is_up}{addresses}{members} {description}", interface.name));
        };
        for interface in self.fake.interfaces(None) {
            show("host", &interface);
        }
        let mut jails = self.fake.jails();
        jails.sort_by(|one, other| one.name.cmp(&other.name));
        for jail in &jails {
            let dying = if jail.is_dying { " dying" } else { "" };
            for interface in self.fake.interfaces(Some(&jail.name)) {
                show(&format!("jail {}{dying}", jail.name), &interface);
            }
        }
        for directory in ["/etc", "/etc/jail.conf.d", "/usr/local/etc/ezjail", "/var/run"] {
            for name in self.files.names(directory).unwrap() {
                let is_file = self.directory.path().join(format!(".{directory}/{name}")).is_file();
                // rc.conf stays, with an empty list.
                if is_file && name != "rc.conf" {
                    lines.push(format!("file {directory}/{name}"));
                }
            }
        }
        lines.sort();
        lines.join("\n")
    }
}

/// Has the hooks that tell of a start do it where the agent looks; no other hook of the host uses their programs.
fn share_start_marks(fake: &FakeHost, root: &Path) {
    std::fs::create_dir_all(root.join("var/run")).unwrap();
    let program = |path: &str, act: fn(&Path)| {
        let root = root.to_owned();
        fake.add_program_on_host(path, move |arguments| {
            let path = arguments.last().and_then(|path| path.strip_prefix('/')).unwrap();
            act(&root.join(path));
            Output::success("")
        });
    };
    program("/usr/bin/touch", |path| std::fs::write(path, "").unwrap());
    program("/bin/rm", |path| std::fs::remove_file(path).unwrap_or_default());
}

/// A file of jails, as jail(8) of the host in memory reads it; what rc.d/jail makes of an ezjail's configuration too.
fn definitions(root: &Path, path: &str) -> Option<Vec<JailDefinition>> {
    let read = |path: &str| std::fs::read_to_string(root.join(path.trim_start_matches('/'))).ok();
    if let Some(jail) = path.strip_prefix("/var/run/jail.").and_then(|rest| rest.strip_suffix(".conf")) {
        return Some(vec![ezjail(jail, &read(&format!("/usr/local/etc/ezjail/{jail}"))?)]);
    }
    let conf = jail_conf::parse(&read(path)?).unwrap();
    let jails = conf.jails.into_iter().map(|jail| JailDefinition {
        name: jail.name,
        parameters: jail.parameters.into_iter().map(|parameter| (parameter.name, parameter.values)).collect(),
    });
    Some(jails.collect())
}

/// rc.d/jail's translation of `jail_NAME_` variables.
fn ezjail(jail: &str, text: &str) -> JailDefinition {
    let mut parameters: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |name: &str, value: &str| parameters.push((name.to_owned(), vec![value.to_owned()]));
    for line in text.lines() {
        let Some(rest) = line.strip_prefix(&format!("export jail_{jail}_")) else { continue };
        let (key, value) = rest.split_once("=\"").unwrap();
        let value = value.strip_suffix('"').unwrap();
        match key.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "hostname" => add("host.hostname", value),
            "rootdir" => add("path", value),
            "vnet_interface" => {
                add("vnet", "new");
                add("vnet.interface", value);
            }
            "devfs_enable" if value == "YES" => add("mount.devfs", "true"),
            "devfs_ruleset" => add("devfs_ruleset", value),
            "exec_prestart" => add("exec.prestart", value),
            "exec_start" | "exec_afterstart" => add("exec.start", value),
            "exec_poststart" => add("exec.poststart", value),
            "exec_stop" => add("exec.stop", value),
            "exec_poststop" => add("exec.poststop", value),
            "devfs_enable" | "parameters" => {}
            other => panic!("rc.d/jail has no translation for {other}"),
        }
    }
    JailDefinition { name: jail.to_owned(), parameters }
}
