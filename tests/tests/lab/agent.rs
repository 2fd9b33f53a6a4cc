//! From a lease to a ping and back: real members, agents and command lines, over the lab's hosts.

use std::process::{Command, Output};

use allocd_tests::lab::{LabHost, Scene};
use allocd_tests::process::Process;
use allocd_tests::program::{alloc_agent, allocctl, allocd};
use allocd_tests::until::until;

use crate::scenes::hosts;

/// Where the members are on the wire.
const MEMBERS: &str = "10.9.0.1";

/// Two hosts with agents, and members on their wire.
struct Site {
    members: Option<Process>,
    endpoints: String,
    scene: Scene,
}

impl Site {
    /// Nothing, said loudly, where that may not be.
    async fn new(release: &str) -> Option<Self> {
        let scene = hosts(release, 2)?;
        on_wire(&scene, "ip link set lo up");
        on_wire(&scene, &format!("ip address add {MEMBERS}/24 dev wire"));
        let file = scene.directory().join("endpoints");
        let mut command = scene.command(allocd());
        command
            .args(["dev", "--insecure", "--listen", &format!("{MEMBERS}:0"), "--endpoints-file"])
            .arg(&file);
        command.arg("--data").arg(scene.directory().join("members"));
        let members = Process::of(&mut command, &scene.directory().join("members.log"));
        let endpoints = until("the members serve", async || std::fs::read_to_string(&file).ok()).await;
        let site = Self { members: Some(members), endpoints: endpoints.trim_end().to_owned(), scene };
        site.ctl("pools create default --mac 12:34:56:00:00:00/24");
        site.ctl("networks create lan --bridge bridge0 --subnet 192.168.0.0/24 --subnet fd00::/64");
        for (at, host) in site.scene.hosts().iter().enumerate() {
            site.ctl(&format!("hosts create {}", host.name()));
            give_address(host, at);
            host.make_root("/usr/jails/web");
            host.write("/usr/local/etc/allocd/alloc-agent.toml", &site.configuration(host));
        }
        Some(site)
    }

    fn configuration(&self, host: &LabHost) -> String {
        let endpoints: Vec<String> =
            self.endpoints.split(',').map(|endpoint| format!("{endpoint:?}")).collect();
        format!("host = {:?}\nendpoints = [{}]\n", host.name(), endpoints.join(", "))
    }

    /// What an operator says on the wire.
    fn ctl(&self, line: &str) -> String {
        done(
            self.scene
                .command(allocctl())
                .args(["--endpoints", &self.endpoints])
                .args(line.split_whitespace()),
        )
    }

    fn host(&self, at: usize) -> &LabHost {
        self.scene.host(at)
    }

    /// Switches a host off and on again, up to where rc(8) starts the agent.
    fn reboot(&mut self, at: usize) {
        self.scene.reboot(at).unwrap();
        self.host(at).start_bridge();
        give_address(self.host(at), at);
    }

    /// What rc.d/jail does with a jail of the agent's.
    fn start(&self, at: usize, jail: &str) -> bool {
        let line = format!("/usr/sbin/jail -f /etc/jail.conf.d/{jail}.conf -c {jail}");
        self.host(at).run(&line).status.success()
    }

    /// What the agent does at boot before rc.d/jail.
    fn boot(&self, at: usize) {
        done(self.host(at).command(alloc_agent()).arg("boot"));
    }

    /// One pass of a host's agent.
    fn pass(&self, at: usize) {
        done(self.host(at).command(alloc_agent()).args(["run", "--once"]));
    }

    /// True if the host's network has an answer from an address.
    fn pings(&self, at: usize, jail: &str, address: &str) -> bool {
        let line = format!("/usr/sbin/jexec {jail} /sbin/ping -c1 -t1 {address}");
        self.host(at).run(&line).status.success()
    }
}

/// Runs a command line beside the hosts.
fn on_wire(scene: &Scene, line: &str) -> String {
    let mut words = line.split_whitespace();
    done(scene.command(words.next().unwrap()).args(words))
}

/// The MAC of whoever speaks on the wire beside the hosts.
fn wire_mac(scene: &Scene) -> String {
    let shown = on_wire(scene, "ip -oneline link show wire");
    let (_, rest) = shown.split_once("link/ether ").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// Has whoever is on the wire speak to an address that nobody has: ARP asks for that one, as the address which it speaks from.
fn ask_from_wire(scene: &Scene) {
    done(scene.command("bash").args(["-c", "echo > /dev/udp/192.168.0.77/9"]));
}

/// The address by which the host reaches the members.
fn give_address(host: &LabHost, at: usize) {
    host.done(&format!("/sbin/ifconfig bridge0 inet 10.9.0.{}/24 alias", at + 11));
}

fn done(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{stdout}{stderr}");
    stdout.into_owned()
}

/// The MAC and the addresses of a jail's cable, as its kernel has them.
fn seen_in(host: &LabHost, jail: &str) -> Vec<String> {
    let listed = host.done(&format!("/usr/sbin/jexec {jail} /sbin/ifconfig -a"));
    let lines = listed.lines().map(str::trim);
    let wanted = |line: &&str| {
        line.starts_with("ether ") || line.starts_with("inet 192.") || line.starts_with("inet6 fd00")
    };
    lines.filter(wanted).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_lease_becomes_a_jail_that_moves_with_all_it_has_and_goes_without_a_rest() {
    let Some(site) = Site::new("14.1").await else { return };
    site.ctl("leases allocate h0/web --network lan");
    site.ctl("leases allocate h1/db --network lan");
    site.host(1).make_root("/usr/jails/db");
    site.pass(0);
    site.pass(1);
    assert!(site.ctl("leases get h0/web").contains("bound"));
    assert!(site.pings(1, "db", "192.168.0.1") && site.pings(1, "db", "fd00::1"), "db reaches web");
    let had = seen_in(site.host(0), "web");

    // Until its host has confirmed, the lease is where it was.
    site.ctl("leases move h0/web --to h1");
    site.pass(1);
    assert!(!site.host(1).done("/usr/sbin/jls -n name").contains("web"));
    site.pass(0);
    assert_eq!(site.host(0).done("/usr/sbin/jls -n name"), "");
    assert_eq!(site.host(0).done("/sbin/ifconfig -l"), "em0 lo0 bridge0\n");
    site.pass(1);
    assert_eq!(seen_in(site.host(1), "web"), had, "the same MAC and addresses");
    assert!(site.pings(1, "db", "192.168.0.1") && site.pings(1, "db", "fd00::1"), "db reaches web there");

    // Given back, it is free once nothing is left of it.
    site.ctl("leases release h1/web");
    assert!(site.ctl("leases get h1/web").contains("releasing"));
    site.pass(1);
    assert!(!site.ctl("leases").contains("web"));
    assert_eq!(site.host(1).done("/usr/sbin/jls -n name").trim(), "name=db");
}

#[tokio::test]
async fn without_its_cluster_a_host_boots_and_puts_right_what_root_in_a_jail_has_done() {
    let Some(mut site) = Site::new("14.1").await else { return };
    site.ctl("leases allocate h0/web --network lan");
    site.pass(0);
    let had = seen_in(site.host(0), "web");
    site.members = None;

    site.reboot(0);
    assert!(site.start(0, "web"), "its file is enough");
    assert_eq!(seen_in(site.host(0), "web"), had);
    let cable = site
        .host(0)
        .done("/usr/sbin/jexec web /sbin/ifconfig -l")
        .split_whitespace()
        .last()
        .unwrap()
        .to_owned();
    site.host(0).done(&format!("/usr/sbin/jexec web /sbin/ifconfig {cable} ether 02:00:00:00:00:01"));
    assert_ne!(seen_in(site.host(0), "web"), had);
    site.pass(0);
    assert_eq!(seen_in(site.host(0), "web"), had);
}

#[tokio::test]
async fn a_host_that_was_declared_off_starts_nothing_when_it_is_back() {
    let Some(mut site) = Site::new("14.1").await else { return };
    site.ctl("leases allocate h0/web --network lan");
    site.pass(0);
    let had = seen_in(site.host(0), "web");
    site.scene.switch_off(0);

    site.ctl("hosts fence h0 --host-is-off");
    site.ctl("leases move h0/web --to h1");
    site.pass(1);
    assert_eq!(seen_in(site.host(1), "web"), had, "moved at once, for nobody is there to confirm");
    site.reboot(0);
    site.boot(0);
    assert!(!site.start(0, "web"), "its file is gone");
    site.pass(0);
    assert_eq!(site.host(0).done("/sbin/ifconfig -l"), "em0 lo0 bridge0\n");
    assert!(site.ctl("hosts get h0").contains("active"));
}

#[tokio::test]
async fn an_address_that_a_rogue_station_has_is_declined_and_replaced() {
    let Some(site) = Site::new("14.1").await else { return };
    on_wire(&site.scene, "ip address add fd00::1/64 dev wire nodad");
    site.ctl("leases allocate h0/web --network lan");
    // The first starts it, the second sees that detection of duplicates has failed, the third has another address.
    for _ in 0..3 {
        site.pass(0);
    }
    let declines = site.ctl("declines");
    assert!(declines.contains("fd00::1") && declines.contains("h0/web"), "{declines}");
    let has = seen_in(site.host(0), "web");
    assert!(has.iter().any(|line| line.starts_with("inet6 fd00::2 ")), "{has:?}");
    assert!(!has.iter().any(|line| line.starts_with("inet6 fd00::1 ")), "{has:?}");
    site.ctl("leases allocate h1/db --network lan");
    site.host(1).make_root("/usr/jails/db");
    site.pass(1);
    assert!(site.pings(1, "db", "fd00::2"), "it is back in service");
    assert!(site.ctl("leases get h0/web").contains("bound"));
}

#[tokio::test]
async fn an_ipv4_address_that_a_rogue_station_has_is_declined_and_replaced() {
    let Some(site) = Site::new("14.1").await else { return };
    site.ctl("leases allocate h0/web --network lan");
    site.pass(0);
    assert!(seen_in(site.host(0), "web").iter().any(|line| line.starts_with("inet 192.168.0.1 ")));
    // Somebody takes the address, and asks the wire for another one from it.
    let rogue = wire_mac(&site.scene);
    on_wire(&site.scene, "ip address add 192.168.0.1/24 dev wire");
    let said = format!("arp: {rogue} is using my IP address 192.168.0.1 on ");
    until("the kernel of the jail complains", async || {
        ask_from_wire(&site.scene);
        site.host(0).done("/sbin/dmesg").contains(&said).then_some(())
    })
    .await;
    // The first declines it, the second has another address.
    site.pass(0);
    site.pass(0);
    let declines = site.ctl("declines");
    assert!(declines.contains("h0/web") && declines.contains(&rogue), "{declines}");
    let has = seen_in(site.host(0), "web");
    assert!(has.iter().any(|line| line.starts_with("inet 192.168.0.2 ")), "{has:?}");
    assert!(!has.iter().any(|line| line.starts_with("inet 192.168.0.1 ")), "{has:?}");
    site.ctl("leases allocate h1/db --network lan");
    site.host(1).make_root("/usr/jails/db");
    site.pass(1);
    assert!(site.pings(1, "db", "192.168.0.2"), "it is back in service");
    assert!(site.ctl("leases get h0/web").contains("bound"));
    // What the kernel still remembers declines nothing more.
    site.pass(0);
    assert_eq!(site.ctl("declines").matches("h0/web").count(), 1);
}

#[tokio::test]
async fn an_ipv4_address_that_answers_before_its_first_use_is_never_used() {
    let Some(site) = Site::new("14.1").await else { return };
    on_wire(&site.scene, "ip address add 192.168.0.1/24 dev wire");
    site.host(0).done("/sbin/ifconfig bridge0 inet 192.168.0.250/24 alias");
    site.ctl("leases allocate h0/web --network lan");
    // The first asks the wire and declines, the second asks for the next one and starts the jail with it.
    site.pass(0);
    assert_eq!(site.host(0).done("/usr/sbin/jls -n name"), "");
    site.pass(0);
    let has = seen_in(site.host(0), "web");
    assert!(has.iter().any(|line| line.starts_with("inet 192.168.0.2 ")), "{has:?}");
    let declines = site.ctl("declines -o json");
    let answered = format!("{} answered for 192.168.0.1 on bridge0", wire_mac(&site.scene));
    assert!(declines.contains(&answered), "{declines}");
}

#[tokio::test]
async fn a_jail_that_was_made_by_hand_is_taken_over_as_it_runs() {
    let Some(site) = Site::new("14.1").await else { return };
    let host = site.host(0);
    for line in [
        "/sbin/ifconfig epair5 create",
        "/sbin/ifconfig epair5a ether 12:34:56:00:05:0a",
        "/sbin/ifconfig epair5b ether 12:34:56:00:05:0b",
        "/sbin/ifconfig epair5a up",
        "/sbin/ifconfig bridge0 addm epair5a",
        "/usr/sbin/jail -c name=web path=/usr/jails/web vnet persist vnet.interface=epair5b",
        "/usr/sbin/jexec web /sbin/ifconfig epair5b inet 192.168.0.9/24 up",
    ] {
        host.done(line);
    }
    let had = seen_in(host, "web");
    site.ctl(
        "leases allocate h0/web --network lan --index 5 --mac-a 12:34:56:00:05:0a --mac-b 12:34:56:00:05:0b \
         --address 192.168.0.9 --ipv6 unwanted",
    );
    done(host.command(alloc_agent()).args(["adopt", "web"]));
    site.pass(0);
    assert_eq!(seen_in(host, "web"), had, "it runs on as it was");
    assert!(host.done("/sbin/ifconfig epair5a").contains("description: allocd:leases/"));
    assert!(site.ctl("leases get h0/web").contains("bound"));
    // It is the agent's now, and goes as any other.
    site.ctl("leases release h0/web");
    site.pass(0);
    assert_eq!(host.done("/sbin/ifconfig -l"), "em0 lo0 bridge0\n");
}
