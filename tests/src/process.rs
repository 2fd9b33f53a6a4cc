//! One program that runs, mostly an allocd, with its log in a file. It ends with this value, however the test does.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use crate::program::allocd;
use crate::until::until;

/// A process that runs.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts allocd; what it writes is added to `log`.
    pub fn start(arguments: &[&OsStr], log: &Path) -> Self {
        Self::of(Command::new(allocd()).args(arguments), log)
    }

    /// Starts a command that becomes allocd, or another program that runs on.
    pub fn of(command: &mut Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).expect("open a log");
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file can be shared"))
            .stderr(file)
            .spawn()
            .expect("start a program");
        Self { child, log: log.to_owned() }
    }

    /// Everything it has written so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("read a log")
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.expect("start kill").success(), "signal {name} could not be sent");
    }

    /// True while it is stopped, by whomever.
    pub fn is_stopped(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // Its state comes after its name, which stands in brackets.
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        until("the process ends", async || self.child.try_wait().expect("ask for a process")).await
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        self.ended().await
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        self.child.kill().expect("kill a process");
        self.child.wait().expect("wait for a killed process");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            println!("--- {}\n{log}", self.log.display());
        }
    }
}

/// Runs allocd to its end.
pub fn run(arguments: &[&OsStr]) -> Output {
    Command::new(allocd()).args(arguments).stdin(Stdio::null()).output().expect("start allocd")
}
