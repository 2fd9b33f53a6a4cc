//! allocctl as a shell would start it, and what it said: both streams and the exit code.

use std::fmt;
use std::io::Write as _;
use std::process::{Command, Stdio};

use allocd_tests::dev::Dev;
use allocd_tests::program::allocctl;

/// A shell with the endpoints of a cluster.
pub(crate) struct Ctl<'a> {
    pub(crate) dev: &'a Dev,
}

/// What one run said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ctl<'_> {
    /// Runs a command line, split at blanks.
    pub(crate) fn run(&self, line: &str) -> Said {
        self.run_with(&line.split(' ').collect::<Vec<_>>(), b"")
    }

    /// Runs with these arguments and this on stdin.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &[u8]) -> Said {
        said(bare().env("ALLOCCTL_ENDPOINTS", self.dev.endpoints()).args(arguments), stdin)
    }

    /// Runs a command line that has to succeed; its stdout.
    pub(crate) fn ok(&self, line: &str) -> String {
        let said = self.run(line);
        assert_eq!(said.code, 0, "{line}: {said}");
        said.stdout
    }

    /// Makes a pool, a network lan with both families, and a host.
    pub(crate) fn furnish(&self) {
        self.ok("pools create default --mac 12:34:56:00:00:00/24");
        self.ok("networks create lan --bridge bridge300 --subnet 192.168.48.0/22,gateway=192.168.48.1 --subnet fd00:48::/64");
        self.ok("hosts create h1.example");
    }
}

/// allocctl without anything from this machine's environment.
pub(crate) fn bare() -> Command {
    let mut command = Command::new(allocctl());
    command.env_clear().env("USER", "tester");
    command
}

/// Runs it to its end.
pub(crate) fn said(command: &mut Command, stdin: &[u8]) -> Said {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start allocctl");
    // One that refuses its arguments never reads.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin);
    let output = child.wait_with_output().expect("wait for allocctl");
    Said {
        code: output.status.code().expect("allocctl exits"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}
