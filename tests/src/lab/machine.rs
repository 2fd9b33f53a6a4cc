//! The host that this process runs on, as whoever calls one of FreeBSD's commands there: its kernel, files and programs.
//!
//! A program in a jail runs in the jail's network namespace, with the jail's /etc for its own, and with a note of where it is.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use freebsd_host::fake::{JailDefinition, Kernel, Place, Userland, commands};
use freebsd_host::{Exit, Output};

use super::ambush;
use super::arp;
use super::ip::namespace;
use super::jails;
use super::kernel::LinuxKernel;
use super::processes;
use super::state::{self, DIRECTORY, State};
use crate::jail_conf::definitions;

/// Where a process in a jail finds its jail's number.
const PLACE: &str = "/run/place/jid";
/// Enters a jail's files: its /etc, and the note.
const ENTER: &str = "/usr/bin/mount --bind \"$1/etc\" /etc && /usr/bin/mount -t tmpfs tmpfs /run/place \
                     && echo \"$2\" > /run/place/jid && shift 2 && exec \"$@\"";

/// The machine.
#[derive(Debug, Default)]
pub struct LabMachine {
    kernel: LinuxKernel,
}

impl LabMachine {
    /// Runs one of FreeBSD's commands where this process is; none if there is no such command.
    #[must_use]
    pub fn run(program: &str, arguments: &[String]) -> Option<Output> {
        ambush::pass_by(arguments);
        commands::run(&mut Self::default(), place(), program, arguments)
    }

    /// Does what a process of the lab itself is for: it boots the machine, or hears a jail's network. False if that is not meant.
    #[must_use]
    pub fn serve(name: &str, arguments: &[String]) -> bool {
        match name {
            "boot" => Self::boot(arguments),
            arp::HEAR => arp::hear(),
            _ => return false,
        }
        true
    }

    /// Makes the machine what it is when it has booted: `RELEASE HOSTUUID [BYTES]`.
    fn boot(arguments: &[String]) {
        let [release, hostuuid, rest @ ..] = arguments else { panic!("a release and a hostuuid are needed") };
        let bytes = rest.first().and_then(|bytes| u16::from_str_radix(bytes, 16).ok());
        fs::create_dir_all(DIRECTORY).expect("make the state's directory");
        let boot = State::boot(release, hostuuid, bytes.map(u16::to_be_bytes));
        state::begin(&boot);
        jails::prepare(0).expect("prepare the host's network");
    }
}

fn place() -> Place {
    let jid = fs::read_to_string(PLACE).ok().and_then(|text| text.trim().parse().ok());
    jid.map_or(Place::Host, Place::Jail)
}

impl Userland for LabMachine {
    fn kernel(&mut self) -> &mut dyn Kernel {
        &mut self.kernel
    }

    fn read_jail_conf(&mut self, path: &str) -> Result<Option<Vec<JailDefinition>>, String> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{path}: {error}")),
        };
        definitions(&text).map(Some).map_err(|error| format!("{path}: {error}"))
    }

    fn is_running(&mut self, name: &str) -> bool {
        processes::is_running(name)
    }

    fn execute(&mut self, place: Place, program: &str, arguments: &[String]) -> Option<Output> {
        if program.starts_with('/') && !Path::new(program).exists() {
            return None;
        }
        let mut command = match place {
            Place::Host => Command::new(program),
            Place::Jail(jid) => {
                let jail = self.kernel.jails().into_iter().find(|jail| jail.jid == jid)?;
                let mut command = enter(jid, jail.is_vnet);
                command.args(["/bin/sh", "-c", ENTER, "sh", &jail.path, &jid.to_string(), program]);
                command
            }
        };
        let output = command.args(arguments).stdin(Stdio::null()).output().ok()?;
        let exit = match output.status.code() {
            Some(code) => Exit::Code(code),
            None => Exit::Signal(output.status.signal().unwrap_or_default()),
        };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Some(Output { exit, stdout, is_stdout_cut: false, stderr })
    }
}

/// A command line's beginning that enters a jail's namespaces.
fn enter(jid: u32, is_vnet: bool) -> Command {
    let mut command = Command::new(if is_vnet { "/usr/bin/nsenter" } else { "/usr/bin/unshare" });
    if is_vnet {
        command.arg(format!("--net=/run/netns/{}", namespace(jid))).arg("/usr/bin/unshare");
    }
    command.arg("--mount");
    command
}
