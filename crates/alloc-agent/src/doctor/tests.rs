//! Whole examinations of machines in memory, with what is on stdout and stderr and the exit code.

use std::fs;
use std::path::Path;

use allocd_types::id::LeaseId;
use allocd_types::index::UnitIndex;
use allocd_types::lease::Lease;
use allocd_types::name::{HostName, InterfaceName};
use freebsd_host::fake::{FakeHost, FakeNetwork, Fault, MachineOptions, Release};
use freebsd_host::{Invocation, Output, Program, Runner as _};
use tempfile::TempDir;

use super::example::lease;
use super::finding::{Finding, Verdict};
use super::{conclude, examine, report};
use crate::cache::Store;
use crate::files::Files;

/// A machine with its files.
struct Machine {
    host: FakeHost,
    root: TempDir,
}

impl Machine {
    fn boot(release: Release, modules: &[&str], sysctls: &[(&str, &str)]) -> Self {
        let mut options = MachineOptions::new("h1.example", release);
        options.modules = modules.iter().map(|module| (*module).to_owned()).collect();
        options.sysctls =
            sysctls.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { host: FakeNetwork::new().boot(&options), root: tempfile::tempdir().unwrap() }
    }

    fn run(&self, program: Program, arguments: &str) {
        let output = self.host.run(&Invocation::new(program, arguments.split_ascii_whitespace())).unwrap();
        assert!(output.exit.is_success(), "{arguments}: {}", output.stderr);
    }

    fn ifconfig(&self, lines: &[&str]) {
        lines.iter().for_each(|line| self.run(Program::IFCONFIG, line));
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.root.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn configure(&self, rc_conf: &str) {
        self.write("/etc/rc.conf", rc_conf);
        fs::create_dir_all(self.root.path().join("etc/jail.conf.d")).unwrap();
        let config = "host = \"h1.example\"\nendpoints = [\"127.0.0.1:7421\"]\n";
        self.write("/usr/local/etc/allocd/alloc-agent.toml", config);
    }

    /// The agent has been told these leases.
    fn tell(&self, leases: &[Lease]) {
        let (files, host) = (Files::below(self.root.path()), HostName::new("h1.example").unwrap());
        let (mut store, _) = Store::open(files, "/var/db/alloc-agent", &host).unwrap();
        store
            .change(|cache| cache.leases = leases.iter().map(|lease| (lease.id, lease.clone())).collect())
            .unwrap();
    }

    fn examine(&self) -> Vec<Finding> {
        let config = self.root.path().join("usr/local/etc/allocd/alloc-agent.toml");
        examine::examine(&self.host, &Files::below(self.root.path()), &config)
    }

    /// What is told of an examination, with the host's paths.
    fn told(&self) -> String {
        let findings = self.examine();
        let code = conclude(&findings).map_or_else(|failure| failure.exit_code(), |()| 0);
        let (stdout, stderr) = (report::lines(&findings), report::summary(&findings));
        let text = format!("exit code: {code}\n----- stdout\n{stdout}----- stderr\n{stderr}\n");
        text.replace(&self.root.path().display().to_string(), "")
    }
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/doctor"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// A machine as `alloc-agent setup` wants it, with the jail of a lease running.
fn healthy(release: Release) -> Machine {
    let machine =
        Machine::boot(release, &["if_bridge", "if_epair"], &[("net.link.bridge.log_mac_flap", "1")]);
    for name in ["pfil_onlyip", "pfil_member", "pfil_bridge"] {
        machine.run(Program::SYSCTL, &format!("net.link.bridge.{name}=0"));
    }
    machine.ifconfig(&[
        "em0 up",
        "bridge0 create",
        "bridge0 name vswitch0",
        "vswitch0 addm em0 up",
        "vswitch0 inet 192.168.0.2/24",
        "epair7 create",
        "epair7a description allocd:leases/17",
        "epair7a ether 12:34:56:00:00:0a",
        "epair7b ether 12:34:56:00:00:0b",
        "epair7a up",
        "vswitch0 addm epair7a",
    ]);
    machine.run(Program::JAIL, "-c name=web01 path=/usr/jails/web01 host.hostname=web01 vnet=new persist");
    machine.ifconfig(&["epair7b vnet web01"]);
    machine.configure("jail_enable=\"YES\"\njail_list=\"web01\"\nntpd_enable=\"YES\"\n");
    machine.tell(&[lease()]);
    machine
}

#[test]
fn a_host_as_it_should_be_is_ok_in_every_check_on_every_release() {
    for (major, minor) in [(10, 4), (11, 4), (12, 4), (13, 2), (14, 1), (15, 0)] {
        let findings = healthy(Release::new(major, minor)).examine();
        let bad: Vec<&Finding> = findings.iter().filter(|finding| finding.verdict != Verdict::Ok).collect();
        assert!(bad.is_empty(), "{major}.{minor}: {bad:#?}");
        assert!(findings.len() > 25, "{major}.{minor}: {}", findings.len());
    }
}

#[test]
fn a_healthy_host_of_release_14() {
    snapshot("14", &healthy(Release::new(14, 1)).told());
}

#[test]
fn the_articles_host_of_release_10() {
    let machine = Machine::boot(Release::new(10, 4), &["if_bridge", "if_epair", "pf"], &[]);
    machine.ifconfig(&[
        "em0 inet 192.168.0.10/24 up",
        "bridge0 create",
        "bridge0 name vswitch0",
        "vswitch0 addm em0",
        "epair1 create",
        "epair1a up",
        "vswitch0 addm epair1a up",
        // Somebody switched them on again.
        "em0 tso lro txcsum",
    ]);
    machine.run(Program::JAIL, "-c name=test01 path=/usr/jails/test01 host.hostname=test01 vnet=new persist");
    machine.ifconfig(&["epair1b vnet test01"]);
    machine.configure("ezjail_enable=\"YES\"\njail_parameters=\"vnet=new\"\n");
    machine.write(
        "/etc/sysctl.conf",
        "security.jail.param.allow.raw_sockets=1\nsecurity.jail.allow_raw_sockets=1\n",
    );
    machine
        .write("/etc/jail.conf", "exec.clean;\npath = \"/usr/jails/$name\";\n.include \"/etc/more.conf\";\n");
    snapshot("10", &machine.told());
}

#[test]
fn a_fresh_host_of_release_12_in_a_virtual_machine() {
    let machine = Machine::boot(
        Release::new(12, 4),
        &[],
        &[
            ("kern.vm_guest", "vmware"),
            ("kern.securelevel", "1"),
            ("net.inet6.ip6.dad_count", "0"),
            ("kern.hostuuid", "00000000-0000-0000-0000-000000000000"),
            ("security.jail.jailed", "1"),
        ],
    );
    machine.write("/etc/rc.conf", "if [ -f /etc/rc.more ]; then . /etc/rc.more; fi\n");
    machine.write(
        "/usr/local/etc/allocd/alloc-agent.toml",
        "host = \"h1.example\"\nendpoints = [\"127.0.0.1:7421\"]\n[jails]\ndevfs_ruleset = 5\n",
    );
    snapshot("12", &machine.told());
}

#[test]
fn a_host_of_release_15_that_others_use_too() {
    let machine = healthy(Release::new(15, 0));
    machine.run(Program::SYSCTL, "net.link.bridge.member_ifaddrs=1");
    machine.ifconfig(&["em0 inet 192.0.2.7/24"]);
    machine.run(Program::SYSCTL, "net.link.bridge.member_ifaddrs=0");
    machine.ifconfig(&[
        "epair8 create",
        "epair8a up",
        "vswitch0 addm epair8a",
        "tap0 create",
        "tap0 up",
        "vswitch0 addm tap0",
        "epair7a txcsum",
        // What root in the jail may do.
        "-j web01 epair7b ether 58:9c:fc:10:ff:80",
    ]);
    machine.host.hold_jail("old");
    machine.run(Program::JAIL, "-c name=old path=/usr/jails/old host.hostname=old vnet=new persist");
    machine.run(Program::JAIL, "-R old");
    let old = Lease {
        id: LeaseId::new(18),
        holder: "h1.example/old".parse().unwrap(),
        index: UnitIndex::new(18).ok(),
        ifname_a: InterfaceName::new("epair18a").ok(),
        ifname_b: InterfaceName::new("epair18b").ok(),
        ..lease()
    };
    machine.tell(&[lease(), old]);
    snapshot("15", &machine.told());
}

#[test]
fn every_check_is_in_the_manual() {
    let manual = include_str!("../../../../docs/agent.md");
    for (major, minor) in [(9, 3), (14, 1), (15, 0)] {
        let machine = healthy(Release::new(major, minor));
        let config = "[jails]\ntarget = \"ezjail\"\n[jail.web02]\ntarget = \"jail.conf\"\n";
        let path = "/usr/local/etc/allocd/alloc-agent.toml";
        machine.write(path, &format!("host = \"h1.example\"\nendpoints = [\"127.0.0.1:7421\"]\n{config}"));
        let other = Lease { id: LeaseId::new(18), holder: "h1.example/web02".parse().unwrap(), ..lease() };
        machine.tell(&[lease(), other]);
        for finding in machine.examine() {
            assert!(manual.contains(&format!("`{}`", finding.check)), "{}", finding.check);
        }
    }
}

#[test]
fn no_command_is_run_twice() {
    let machine = healthy(Release::new(14, 1));
    let before = machine.host.command_count();
    machine.examine();
    let records = machine.host.records();
    let mut commands: Vec<String> =
        records[before..].iter().map(|record| record.invocation.to_string()).collect();
    let count = commands.len();
    commands.sort();
    commands.dedup();
    assert_eq!(commands.len(), count);
}

#[test]
fn a_command_that_fails_makes_its_checks_skipped_and_none_ok() {
    let machine = healthy(Release::new(14, 1));
    let before = machine.host.command_count();
    let healthy = machine.examine();
    let count = machine.host.command_count() - before;
    for at in 0..count {
        let machine = Machine { host: machine.host.fork(), root: tempfile::tempdir().unwrap() };
        machine.configure("jail_enable=\"YES\"\njail_list=\"web01\"\nntpd_enable=\"YES\"\n");
        machine.tell(&[lease()]);
        let next = machine.host.command_count();
        machine.host.fault_at(next + at, Fault::Fail(Output::failure(70, "it broke\n")));
        let findings = machine.examine();
        let command = machine.host.records()[next + at].invocation.to_string();
        let looked = |finding: &&Finding| finding.command.split("; ").any(|one| one == command);
        let checks: Vec<&str> = healthy.iter().filter(looked).map(|finding| finding.check).collect();
        // What goes on inside a jail is part of checks that begin on the host.
        assert!(!checks.is_empty() || command.contains("-j web01"), "{command}");
        for check in checks {
            let verdicts: Vec<Verdict> = findings
                .iter()
                .filter(|finding| finding.check == check)
                .map(|finding| finding.verdict)
                .collect();
            assert_eq!(verdicts, [Verdict::Skipped], "{command}: {check}");
        }
        assert!(
            findings.iter().any(|finding| finding.meaning.contains("it broke")),
            "{command}: {findings:#?}"
        );
    }
}

#[test]
fn a_machine_that_is_no_freebsd_is_not_well() {
    let machine = Machine::boot(Release::new(14, 1), &[], &[]);
    machine.configure("");
    machine.host.fault_at(0, Fault::Fail(Output::failure(1, "sysctl: unknown oid 'kern.osreldate'\n")));
    snapshot("stranger", &machine.told());
}
