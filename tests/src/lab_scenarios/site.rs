//! Hosts with agents, and members on their wire: all that is real between a lease and a ping.
//!
//! The wire itself is the network's gateway, so whoever speaks there is reached by every jail.

use std::path::Path;
use std::process::{Command, Output};

use crate::lab::{LabHost, Scene};
use crate::process::Process;
use crate::program::{alloc_agent, allocctl, allocd};
use crate::until::until;

/// Where the members are on the wire.
const MEMBERS: &str = "10.9.0.1";
/// What a cluster is called that begins anew.
const RESTORED: &str = "restored";
/// Where the number of a host's agent that runs is written.
const AGENT: &str = "/run/alloc-agent.pid";
/// The gateway's addresses.
pub const GATEWAYS: [&str; 2] = ["192.168.0.254", "fd00::fe"];

/// Hosts with agents, and members on their wire, as long as this value lives.
pub struct Site {
    // The members' files lie in the scene's directory.
    members: Option<Process>,
    endpoints: String,
    scene: Scene,
}

impl Site {
    /// Boots so many hosts of a release, and members of a new cluster that knows them.
    ///
    /// # Errors
    /// Says why there cannot be such: it takes root on Linux.
    pub async fn new(program: &Path, release: &str, count: usize) -> Result<Self, String> {
        let scene = Scene::with_bridges(program, release, count)?;
        on_wire(&scene, "ip link set lo up");
        on_wire(&scene, &format!("ip address add {MEMBERS}/24 dev wire"));
        let [v4, v6] = GATEWAYS;
        on_wire(&scene, &format!("ip address add {v4}/24 dev wire"));
        on_wire(&scene, &format!("ip address add {v6}/64 dev wire nodad"));
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
        let subnets = format!("--subnet 192.168.0.0/24,gateway={v4} --subnet fd00::/64,gateway={v6}");
        site.ctl(&format!("networks create lan --bridge bridge0 {subnets}"));
        for (at, host) in site.scene.hosts().iter().enumerate() {
            site.ctl(&format!("hosts create {}", host.name()));
            give_address(host, at);
            site.configure(at, "");
        }
        Ok(site)
    }

    /// Writes the configuration of a host's agent: where the members are, and what else is said.
    pub fn configure(&self, at: usize, rest: &str) {
        let endpoints: Vec<String> =
            self.endpoints.split(',').map(|endpoint| format!("{endpoint:?}")).collect();
        let (host, endpoints) = (self.host(at), endpoints.join(", "));
        let text = format!("host = {:?}\nendpoints = [{endpoints}]\n{rest}", host.name());
        host.write("/usr/local/etc/allocd/alloc-agent.toml", &text);
    }

    /// What an operator says on the wire.
    ///
    /// # Panics
    /// If it is refused.
    pub fn ctl(&self, line: &str) -> String {
        let mut command = self.scene.command(allocctl());
        done(command.args(["--endpoints", &self.endpoints]).args(line.split_whitespace()))
    }

    /// What the refusal says of something that an operator says on the wire; none if it is not refused.
    #[must_use]
    pub fn refused(&self, line: &str) -> Option<String> {
        let mut command = self.scene.command(allocctl());
        command.args(["--endpoints", &self.endpoints]).args(line.split_whitespace());
        let output = command.output().expect("start a program");
        (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Allocates a lease for a host's jail, and makes the jail's root.
    pub fn allocate(&self, at: usize, jail: &str) {
        let host = self.host(at);
        self.ctl(&format!("leases allocate {}/{jail} --network lan", host.name()));
        host.make_root(&format!("/usr/jails/{jail}"));
    }

    /// Runs a command line beside the hosts.
    ///
    /// # Panics
    /// If it fails.
    pub fn on_wire(&self, line: &str) -> String {
        on_wire(&self.scene, line)
    }

    /// The MAC of whoever speaks on the wire beside the hosts.
    ///
    /// # Panics
    /// If Linux does not say.
    pub fn wire_mac(&self) -> String {
        let shown = self.on_wire("ip -oneline link show wire");
        let (_, rest) = shown.split_once("link/ether ").expect("a bridge has a MAC");
        rest.split_whitespace().next().expect("it follows").to_owned()
    }

    /// The hosts and their wire.
    #[must_use]
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// A host by its number.
    #[must_use]
    pub fn host(&self, at: usize) -> &LabHost {
        self.scene.host(at)
    }

    /// All members end.
    pub fn lose_members(&mut self) {
        self.members = None;
    }

    /// All members end, and a new cluster of one member begins with a backup, where the first of them was.
    ///
    /// # Panics
    /// If it does not begin.
    pub async fn begin_anew(&mut self, backup: &Path) {
        self.lose_members();
        let (data, config) =
            (self.scene.directory().join("restored"), self.scene.directory().join("allocd.toml"));
        let mut restore = self.scene.command(allocd());
        restore.arg("restore").arg(backup).args(["--cluster", RESTORED, "--data"]).arg(&data);
        done(&mut restore);
        let address = self.endpoints.split(',').next().expect("there are members");
        let text = format!(
            "cluster_id = {RESTORED:?}\nmember_id = 1\ndata_dir = {data:?}\nlisten = {address:?}\ninsecure = true\nmembers = [{{ id = 1, address = {address:?} }}]\n"
        );
        std::fs::write(&config, text).expect("write a configuration");
        let mut command = self.scene.command(allocd());
        command.args(["serve", "--config"]).arg(&config);
        self.members = Some(Process::of(&mut command, &self.scene.directory().join("restored.log")));
        until("the new member serves", async || self.refused("cluster recovery").is_none().then_some(()))
            .await;
    }

    /// Switches a host off.
    pub fn switch_off(&mut self, at: usize) {
        self.scene.switch_off(at);
    }

    /// Switches a host off and on again, up to where rc(8) starts the agent.
    ///
    /// # Panics
    /// If it does not boot.
    pub fn reboot(&mut self, at: usize) {
        self.scene.reboot(at).expect("it has booted before");
        self.host(at).start_bridge();
        give_address(self.host(at), at);
    }

    /// What rc.d/jail does with a jail of the agent's; true if it starts.
    #[must_use]
    pub fn start(&self, at: usize, jail: &str) -> bool {
        let line = format!("/usr/sbin/jail -f /etc/jail.conf.d/{jail}.conf -c {jail}");
        self.host(at).run(&line).status.success()
    }

    /// What the agent does at boot before rc.d/jail.
    pub fn boot(&self, at: usize) {
        done(self.host(at).command(alloc_agent()).arg("boot"));
    }

    /// One pass of a host's agent; what it writes.
    ///
    /// # Panics
    /// If not everything could be done.
    pub fn pass(&self, at: usize) -> String {
        done(self.host(at).command(alloc_agent()).args(["run", "--once"]))
    }

    /// A host's agent that makes passes until it is stopped.
    #[must_use]
    pub fn run(&self, at: usize) -> Process {
        let host = self.host(at);
        let script = format!("echo $$ > {AGENT} && exec \"$1\" run");
        let mut command = host.command("/bin/sh");
        command.args(["-c", &script, "sh"]).arg(alloc_agent());
        Process::of(&mut command, &host.directory().join("agent.log"))
    }

    /// Stops a host's agent that runs, and waits until its last pass has ended.
    pub async fn stop(&self, at: usize, mut agent: Process) {
        let host = self.host(at);
        host.done(&format!("/bin/kill -TERM {}", host.read(AGENT)));
        agent.ended().await;
    }

    /// A host's watchdog, that watches.
    pub async fn watch(&self, at: usize) -> Process {
        let log = self.scene.directory().join(format!("watchdog{at}.log"));
        let watchdog = Process::of(self.host(at).command(alloc_agent()).arg("watchdog"), &log);
        until("it watches", async || watchdog.log().contains("watching").then_some(())).await;
        watchdog
    }

    /// Has a host's agent take over a jail that runs.
    pub fn adopt(&self, at: usize, jail: &str) {
        done(self.host(at).command(alloc_agent()).args(["adopt", jail]));
    }
}

/// Runs a command line beside the hosts.
fn on_wire(scene: &Scene, line: &str) -> String {
    let mut words = line.split_whitespace();
    done(scene.command(words.next().expect("a command line names a program")).args(words))
}

/// The address by which the host reaches the members.
fn give_address(host: &LabHost, at: usize) {
    host.done(&format!("/sbin/ifconfig bridge0 inet 10.9.0.{}/24 alias", at + 11));
}

fn done(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("start a program");
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{stdout}{stderr}");
    stdout.into_owned() + &stderr
}

/// The MAC and the leased addresses of a jail's cable, as its kernel has them, a line each; nothing of a jail that is not there.
#[must_use]
pub fn seen_in(host: &LabHost, jail: &str) -> Vec<String> {
    let listed = host.run(&format!("/usr/sbin/jexec {jail} /sbin/ifconfig -a"));
    let listed = String::from_utf8_lossy(&listed.stdout);
    let lines = listed.lines().map(str::trim);
    let wanted = |line: &&str| {
        line.starts_with("ether ") || line.starts_with("inet 192.") || line.starts_with("inet6 fd00")
    };
    lines.filter(wanted).map(str::to_owned).collect()
}
