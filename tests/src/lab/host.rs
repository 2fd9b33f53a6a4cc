//! One host of a scene: a process that holds its namespaces, and ends with all that is in them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use freebsd_host::fake::commands::COMMANDS;

use super::ambush::{self, Prey};
use super::scene::Boot;

/// What a host does before it is one: its own files over the machine's, so that FreeBSD's commands are where they belong and
/// nothing that is written reaches the machine.
const BEGIN: &str = "set -e\n\
    for tree in usr etc var; do\n\
        /usr/bin/mount -t overlay overlay -o lowerdir=/$tree,upperdir=$1/$tree,workdir=$1/.$tree /$tree\n\
    done\n\
    /usr/bin/mount -t tmpfs tmpfs /run\n\
    mkdir /run/place /run/netns\n\
    shift\n\
    \"$@\"\n\
    echo ready\n\
    exec sleep infinity\n";

/// The two scripts that a jail's root has to have here.
const ROOT: &[(&str, &str)] =
    &[("rc", include_str!("root/rc")), ("rc.shutdown", include_str!("root/rc.shutdown"))];

/// A host of the lab, as long as this value lives.
#[derive(Debug)]
pub struct LabHost {
    name: String,
    directory: PathBuf,
    /// The process whose namespaces are the host; its child is the first in them, and all others end with that.
    process: Child,
}

impl LabHost {
    /// Boots a host whose files lie in a directory; the program is the one that all of FreeBSD's commands are.
    pub(super) fn boot(boot: &Boot, directory: &Path, program: &Path) -> Result<Self, String> {
        lay_out(directory, program).map_err(|error| format!("{}: {error}", directory.display()))?;
        let log = directory.join("boot.log");
        let stderr = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let mut process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "unshare", "--mount", "--net", "--uts", "--pid", "--fork"])
            .args(["--mount-proc", "--kill-child=KILL", "/bin/sh", "-c", BEGIN, "sh"])
            .arg(directory)
            .arg(program)
            .args(["boot", &boot.release, &boot.hostuuid])
            .args(&boot.uninitialised)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(|error| format!("setpriv: {error}"))?;
        let is_ready = first_line(&mut process).is_some_and(|line| line == "ready");
        let host = Self { name: boot.name.clone(), directory: directory.to_owned(), process };
        if is_ready {
            return Ok(host);
        }
        let why = fs::read_to_string(&log).unwrap_or_default();
        Err(format!("namespaces, mounts and overlays cannot be made: {why}"))
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process that holds its namespaces.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// The file that stands for a jail's network namespace.
    #[must_use]
    pub fn network_of(&self, jail: &str) -> PathBuf {
        let jid = self.done(&format!("/usr/sbin/jls -j {jail} jid"));
        PathBuf::from(format!("/proc/{}/root/run/netns/j{}", self.process.id(), jid.trim()))
    }

    /// A command that becomes a program on this host.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let of = |kind: &str| format!("/proc/{}/ns/{kind}", self.process.id());
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--mount={}", of("mnt")))
            .arg(format!("--net={}", of("net")))
            .arg(format!("--uts={}", of("uts")))
            .arg(format!("--pid={}", of("pid_for_children")))
            .arg(program)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command line, split on blanks, to its end.
    #[must_use]
    pub fn run(&self, line: &str) -> Output {
        let mut words = line.split_whitespace();
        let program = words.next().expect("a command line names a program");
        self.command(program).args(words).output().expect("start nsenter(1)")
    }

    /// Runs a command line that has to succeed; what it printed.
    ///
    /// # Panics
    /// If it fails.
    pub fn done(&self, line: &str) -> String {
        let output = self.run(line);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "{}: {line}: {}\n{}{}",
            self.name,
            output.status,
            text(&output.stdout),
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    /// Writes a file of the host, and makes the directories above it.
    ///
    /// # Panics
    /// If that cannot be.
    pub fn write(&self, path: &str, text: &str) {
        // On the host, through its mounts: what is written below an overlay is not seen above.
        let script = "mkdir -p \"${1%/*}\" && cat > \"$1\"";
        let mut writer = self
            .command("/bin/sh")
            .args(["-c", script, "sh", path])
            .stdin(Stdio::piped())
            .spawn()
            .expect("start nsenter(1)");
        let mut stdin = writer.stdin.take().expect("it was asked for");
        stdin.write_all(text.as_bytes()).expect("hand over a file");
        drop(stdin);
        assert!(writer.wait().is_ok_and(|status| status.success()), "write {path} on {}", self.name);
    }

    /// Makes a jail's root directory, as much of one as is used here.
    pub fn make_root(&self, path: &str) {
        for (name, text) in ROOT {
            self.write(&format!("{path}/etc/{name}"), text);
        }
    }

    /// What rc.conf of a host does for its bridge.
    pub fn start_bridge(&self) {
        self.done("/sbin/ifconfig bridge0 create");
        self.done("/sbin/ifconfig em0 up");
        self.done("/sbin/ifconfig bridge0 addm em0 up");
    }

    /// Has an agent killed, and perhaps its jail(8), when the jail(8) that it starts has run so many commands.
    pub fn lie_in_wait(&self, commands: usize, prey: Prey) {
        self.write(ambush::COUNT, &ambush::count(commands, prey));
    }

    /// Waits for no agent any more; true if none came so far.
    #[must_use]
    pub fn give_up_waiting(&self) -> bool {
        self.run(&format!("/bin/rm {}", ambush::COUNT)).status.success()
    }

    /// Reads a file of the host.
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        self.done(&format!("/bin/cat {path}"))
    }

    /// Ends all that runs on it, at once.
    pub(super) fn switch_off(&mut self) {
        // Its child is killed with it, and as the first of its process namespace takes all others along.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Where its files lie.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Drop for LabHost {
    fn drop(&mut self) {
        self.switch_off();
    }
}

/// Lays out the files that differ from the machine's.
fn lay_out(directory: &Path, program: &Path) -> std::io::Result<()> {
    for tree in ["usr", "etc", "var"] {
        fs::create_dir_all(directory.join(tree))?;
        fs::create_dir_all(directory.join(format!(".{tree}")))?;
    }
    for path in COMMANDS {
        // Where /sbin is a part of /usr, so is what lies in it.
        let path = path.strip_prefix("/usr").unwrap_or(path);
        let link = directory.join("usr").join(path.trim_start_matches('/'));
        fs::create_dir_all(link.parent().unwrap_or(directory))?;
        if fs::symlink_metadata(&link).is_err() {
            std::os::unix::fs::symlink(program, &link)?;
        }
    }
    Ok(())
}

fn first_line(process: &mut Child) -> Option<String> {
    let mut line = String::new();
    BufReader::new(process.stdout.take()?).read_line(&mut line).ok()?;
    Some(line.trim_end().to_owned())
}
