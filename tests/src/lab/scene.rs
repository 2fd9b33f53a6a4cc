//! Hosts on one wire.
//!
//! The wire is a bridge in a network namespace of its own. Whatever a scene consists of ends with it, and if the thread ends that
//! made it, the kernel ends it: every process here is killed with its parent. What files a killed run has left, the next removes.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::host::LabHost;

/// What a host is like when it has booted.
#[derive(Debug, Clone)]
pub struct Boot {
    /// Its name.
    pub name: String,
    /// What it runs, such as `14.1`.
    pub release: String,
    /// Its hostuuid.
    pub hostuuid: String,
    /// What if_epair(4) to 11 finds on the stack, in hexadecimal digits.
    pub uninitialised: Option<String>,
}

impl Boot {
    /// Host number so and so of a release: h0, h1 and so on.
    ///
    /// Their stacks hold the same bytes where the kernel to 11 sets none, as two of one build do.
    #[must_use]
    pub fn nth(release: &str, at: usize) -> Self {
        Self {
            name: format!("h{at}"),
            release: release.to_owned(),
            hostuuid: format!("a1b2c3d4-0000-11ee-8000-{at:012x}"),
            uninitialised: Some("ff50".to_owned()),
        }
    }
}

/// Where the names of all scenes' directories begin; the process that made them follows.
const PREFIX: &str = "allocd-lab-";
/// What the wire does first.
const LAY_WIRE: &str = "ip link add wire type bridge forward_delay 0 mcast_snooping 0 && ip link set wire up \
                        && echo ready && exec sleep infinity";

/// Hosts on one wire, as long as this value and the thread that made it live.
#[derive(Debug)]
pub struct Scene {
    hosts: Vec<LabHost>,
    boots: Vec<Boot>,
    wire: Child,
    directory: TempDir,
    program: PathBuf,
}

impl Scene {
    /// A wire without hosts; the program is `lab-freebsd`.
    ///
    /// # Errors
    /// Says why there cannot be one: it takes root on Linux.
    pub fn new(program: &Path) -> Result<Self, String> {
        remove_left_over();
        let directory = TempDir::with_prefix(format!("{PREFIX}{}-", std::process::id()))
            .map_err(|error| error.to_string())?;
        let log = directory.path().join("wire.log");
        let stderr = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let mut wire = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "unshare", "--net", "/bin/sh", "-c"])
            .arg(LAY_WIRE)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(|error| format!("setpriv: {error}"))?;
        let mut line = String::new();
        let read = wire.stdout.take().map(|stdout| std::io::BufReader::new(stdout).read_line(&mut line));
        let scene =
            Self { hosts: Vec::new(), boots: Vec::new(), wire, directory, program: program.to_owned() };
        match read {
            Some(Ok(_)) if line.trim_end() == "ready" => Ok(scene),
            _ => Err(fs::read_to_string(&log).unwrap_or_default()),
        }
    }

    /// Hosts of a release, called h0, h1 and so on, each with bridge0 on the wire.
    ///
    /// # Errors
    /// Says why there cannot be such: it takes root on Linux.
    pub fn with_bridges(program: &Path, release: &str, count: usize) -> Result<Self, String> {
        Self::of(program, (0..count).map(|at| Boot::nth(release, at)))
    }

    /// These hosts, each with bridge0 on the wire.
    ///
    /// # Errors
    /// Says why there cannot be such: it takes root on Linux.
    pub fn of(program: &Path, boots: impl IntoIterator<Item = Boot>) -> Result<Self, String> {
        let mut scene = Self::new(program)?;
        for boot in boots {
            let at = scene.boot(&boot)?;
            scene.host(at).start_bridge();
        }
        Ok(scene)
    }

    /// Boots a host, and connects its card em0 to the wire; its number.
    ///
    /// # Errors
    /// Says why that cannot be.
    pub fn boot(&mut self, boot: &Boot) -> Result<usize, String> {
        let host = LabHost::boot(boot, &self.directory.path().join(&boot.name), &self.program)?;
        let at = self.hosts.len();
        self.hosts.push(host);
        self.boots.push(boot.clone());
        self.connect(at)?;
        Ok(at)
    }

    /// Cuts a host's power.
    pub fn switch_off(&mut self, at: usize) {
        self.hosts[at].switch_off();
    }

    /// Switches a host off and on again: its files stay, and all that its kernel knew is gone.
    ///
    /// # Errors
    /// Says why that cannot be.
    pub fn reboot(&mut self, at: usize) -> Result<(), String> {
        self.hosts[at].switch_off();
        // The cable goes with the host's end of it, which may take a moment longer than the host.
        let _ = self.on_wire(&["link", "delete", &port(at)]);
        let boot = &self.boots[at];
        self.hosts[at] = LabHost::boot(boot, &self.directory.path().join(&boot.name), &self.program)?;
        self.connect(at)
    }

    /// Pulls a host's cable.
    ///
    /// # Errors
    /// Says why that cannot be.
    pub fn unplug(&self, at: usize) -> Result<(), String> {
        self.on_wire(&["link", "set", &port(at), "nomaster"])
    }

    /// Plugs a host's cable in again.
    ///
    /// # Errors
    /// Says why that cannot be.
    pub fn plug(&self, at: usize) -> Result<(), String> {
        self.on_wire(&["link", "set", &port(at), "master", "wire"])
    }

    /// The wire's end of a host's cable.
    #[must_use]
    pub fn port(at: usize) -> String {
        port(at)
    }

    /// A command that becomes a program beside the hosts, with the interface `wire` on their network; it ends with this thread.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("setpriv");
        let wire = format!("--net=/proc/{}/ns/net", self.wire.id());
        command.args(["--pdeathsig", "KILL", "nsenter", &wire]).arg(program).stdin(Stdio::null());
        command
    }

    /// A host by its number.
    #[must_use]
    pub fn host(&self, at: usize) -> &LabHost {
        &self.hosts[at]
    }

    /// All hosts.
    #[must_use]
    pub fn hosts(&self) -> &[LabHost] {
        &self.hosts
    }

    /// The process that holds the wire's namespace.
    #[must_use]
    pub fn wire_process(&self) -> u32 {
        self.wire.id()
    }

    /// Where the files of all hosts lie.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    fn connect(&self, at: usize) -> Result<(), String> {
        let (port, host) = (port(at), &self.hosts[at]);
        let mac = format!("00:25:90:00:00:{at:02x}");
        let peer = host.process().to_string();
        let card = ["peer", "name", "em0", "address", &mac, "netns", &peer];
        self.on_wire(&[&["link", "add", &port, "type", "veth"], &card[..]].concat())?;
        self.on_wire(&["link", "set", &port, "master", "wire", "up"])
    }

    fn on_wire(&self, arguments: &[&str]) -> Result<(), String> {
        let output = self.command("ip").args(arguments).output();
        let output = output.map_err(|error| format!("nsenter: {error}"))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
        }
    }
}

/// The wire's end of a host's cable.
fn port(at: usize) -> String {
    format!("port{at}")
}

/// Removes the files of scenes whose process did not come to its end.
fn remove_left_over() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let process = rest.and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            // Another run may be removing it too.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.hosts.clear();
        let _ = self.wire.kill();
        let _ = self.wire.wait();
    }
}
