//! Hosts on one wire.
//!
//! The wire is a bridge in a network namespace of its own. Whatever a scene consists of ends with it, and if the process ends
//! that made it, the kernel ends it: every process here is killed with its parent.

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

/// Hosts on one wire, as long as this value lives.
#[derive(Debug)]
pub struct Scene {
    hosts: Vec<LabHost>,
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
        let directory = TempDir::with_prefix("allocd-lab-").map_err(|error| error.to_string())?;
        let mut wire = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "unshare", "--net", "/bin/sh", "-c"])
            .arg("ip link add wire type bridge forward_delay 0 mcast_snooping 0 && ip link set wire up && echo ready && exec sleep infinity")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("setpriv: {error}"))?;
        let mut line = String::new();
        let read = wire.stdout.take().map(|stdout| std::io::BufReader::new(stdout).read_line(&mut line));
        let scene = Self { hosts: Vec::new(), wire, directory, program: program.to_owned() };
        match read {
            Some(Ok(_)) if line.trim_end() == "ready" => Ok(scene),
            _ => Err("a network namespace with a bridge cannot be made".to_owned()),
        }
    }

    /// Boots a host, and connects its card em0 to the wire.
    ///
    /// # Errors
    /// Says why that cannot be.
    pub fn boot(&mut self, boot: &Boot) -> Result<usize, String> {
        let directory = self.directory.path().join(&boot.name);
        let host = LabHost::boot(boot, &directory, &self.program)?;
        let at = self.hosts.len();
        let port = format!("port{at}");
        let mac = format!("00:25:90:00:00:{at:02x}");
        let peer = host.process().to_string();
        self.hosts.push(host);
        self.on_wire(&[
            "link", "add", &port, "type", "veth", "peer", "name", "em0", "address", &mac, "netns", &peer,
        ])?;
        self.on_wire(&["link", "set", &port, "master", "wire", "up"])?;
        self.hosts[at].done("/usr/sbin/ip link set em0 addrgenmode none");
        Ok(at)
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

    fn on_wire(&self, arguments: &[&str]) -> Result<(), String> {
        let net = format!("--net=/proc/{}/ns/net", self.wire.id());
        let output = Command::new("nsenter").args([&net, "ip"]).args(arguments).output();
        let output = output.map_err(|error| format!("nsenter: {error}"))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(format!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
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
