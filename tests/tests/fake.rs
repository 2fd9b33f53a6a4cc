//! Rendered files on machines in memory: the whole of freebsd-config's text, run by the whole of freebsd-host's fake.
//!
//! What the lab shows with real frames is shown here for every release, and with every hook failing in turn.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use allocd_tests::jail_conf::definitions;
use allocd_tests::leases::{lease, rendered};
use freebsd_host::fake::{FakeHost, FakeNetwork, Inet6State, JailDefinition, MachineOptions};
use freebsd_host::{Exit, Invocation, Output, Program, Runner as _};

const RELEASES: [&str; 7] = ["9.3", "10.4", "11.4", "12.4", "13.2", "14.1", "15.0"];
/// The hooks of a start, in the order of their kinds.
const HOOKS: [&str; 2] = ["exec.prestart", "exec.start"];

/// A machine with its bridge on the wire, and the files it starts jails from.
struct Server {
    host: FakeHost,
    files: Arc<Mutex<BTreeMap<String, Vec<JailDefinition>>>>,
}

impl Server {
    fn boot(network: &FakeNetwork, name: &str, release: &str) -> Self {
        let host = network.boot(&MachineOptions::new(name, release.parse().unwrap()));
        let files = Arc::<Mutex<BTreeMap<String, Vec<JailDefinition>>>>::default();
        let read = Arc::clone(&files);
        host.read_jail_conf_by(move |path| Ok(read.lock().unwrap().get(path).cloned()));
        let server = Self { host, files };
        for line in ["bridge0 create", "em0 up", "bridge0 addm em0 up"] {
            assert!(server.run(&Program::IFCONFIG, line).exit.is_success());
        }
        server
    }

    fn install(&self, path: &str, jails: Vec<JailDefinition>) {
        self.files.lock().unwrap().insert(path.to_owned(), jails);
    }

    fn run(&self, program: &Program, line: &str) -> Output {
        self.host.run(&Invocation::new(program.clone(), line.split_whitespace())).unwrap()
    }

    fn start(&self, path: &str, jail: &str) -> Output {
        self.run(&Program::JAIL, &format!("-f {path} -c {jail}"))
    }

    fn names(&self) -> Vec<String> {
        self.host.interfaces(None).into_iter().map(|interface| interface.name).collect()
    }
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn rendered_jails_reach_each_other_on_every_release() {
    for release in RELEASES {
        let network = FakeNetwork::new();
        let servers = ["h0", "h1"].map(|name| Server::boot(&network, name, release));
        let mut paths = Vec::new();
        for (server, number) in servers.iter().zip([11, 12]) {
            let jail = format!("web{number}");
            let (path, text) = rendered(lease(&format!("h.example/{jail}"), number), release);
            server.install(&path, definitions(&text).unwrap());
            let started = server.start(&path, &jail);
            assert_eq!(started.exit, Exit::Code(0), "{release}: {started:?}");
            paths.push(path);
        }
        let [one, two] = &servers;
        for (server, jail, others) in
            [(one, "web11", ["192.168.0.12", "fd00::12"]), (two, "web12", ["192.168.0.11", "fd00::11"])]
        {
            for other in others {
                assert!(server.host.pings(Some(jail), address(other)), "{release}: {jail} to {other}");
            }
        }
        // Services found every address usable.
        let (_, seen) = one.host.services().remove(0);
        let cable = seen.iter().find(|interface| interface.name == "epair11b").unwrap();
        assert_eq!(cable.inet.len(), 1, "{release}");
        assert_eq!(cable.inet6.len(), 2, "{release}");
        assert!(cable.inet6.iter().all(|held| held.state == Inet6State::Ready), "{release}: {cable:?}");

        let stopped = one.run(&Program::JAIL, &format!("-f {} -r web11", paths[0]));
        assert_eq!(stopped.exit, Exit::Code(0), "{release}: {stopped:?}");
        assert_eq!(one.names(), ["em0", "lo0", "bridge0"], "{release}");
        assert!(one.host.jails().is_empty() && !two.host.pings(Some("web12"), address("192.168.0.11")));
    }
}

#[test]
fn a_start_succeeds_over_what_a_failed_one_has_marked() {
    for release in RELEASES {
        let (path, text) = rendered(lease("h.example/web11", 11), release);
        let right = definitions(&text).unwrap();
        let parameters = &right[0].parameters;
        let places: Vec<(usize, usize)> = parameters
            .iter()
            .enumerate()
            .filter(|(_, (name, _))| HOOKS.contains(&name.as_str()))
            .flat_map(|(at, (_, values))| (0..values.len()).map(move |hook| (at, hook)))
            .collect();
        assert!(places.len() > 10, "the file has its hooks");
        for (at, hook) in places {
            let server = Server::boot(&FakeNetwork::new(), "h0", release);
            let mut broken = right.clone();
            broken[0].parameters[at].1[hook] = "/usr/bin/false".to_owned();
            server.install(&path, broken);
            let failed = server.start(&path, "web11");
            assert!(failed.stderr.ends_with("jail: web11: /usr/bin/false: failed\n"), "{failed:?}");
            assert!(server.host.jails().is_empty());

            server.install(&path, right.clone());
            let started = server.start(&path, "web11");
            let broken = &parameters[at].1[hook];
            assert_eq!(started.exit, Exit::Code(0), "{release}: after {broken}: {started:?}");
            assert_eq!(server.names(), ["em0", "lo0", "bridge0", "epair11a"]);
        }
    }
}
