//! What runs on the host that this process runs on: /proc has the host's processes and no others.

use std::fs;

/// The state of one that has ended, and that nobody has asked for its end.
const ENDED: &str = "Z";

/// A process, as /proc has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) name: String,
    state: String,
    /// The number of its parent; none above the first of a host.
    pub(super) parent: Option<i32>,
}

impl Process {
    /// A process by its number, or `self`; none if there is none.
    pub(super) fn of(number: &str) -> Option<Self> {
        Self::read(&fs::read_to_string(format!("/proc/{number}/stat")).ok()?)
    }

    /// Reads `NUMBER (NAME) STATE PARENT ...`; a name may have brackets and blanks.
    fn read(stat: &str) -> Option<Self> {
        let (_, rest) = stat.split_once('(')?;
        let (name, rest) = rest.rsplit_once(") ")?;
        let mut words = rest.split_whitespace();
        let state = words.next()?.to_owned();
        let parent: i32 = words.next()?.parse().ok()?;
        Some(Self { name: name.to_owned(), state, parent: Some(parent).filter(|parent| *parent > 0) })
    }
}

/// True if a program of this name runs, besides this process and those it was started by, as pgrep(1) looks for it.
pub(super) fn is_running(name: &str) -> bool {
    let mut above = vec![std::process::id().to_string()];
    while let Some(parent) = above.last().and_then(|number| Process::of(number)?.parent) {
        above.push(parent.to_string());
    }
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut others =
        numbers.filter(|number| !above.contains(number)).filter_map(|number| Process::of(&number));
    others.any(|process| process.name == name && process.state != ENDED)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::{Command, Stdio};

    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    use super::*;

    #[test]
    fn a_process_is_read_whatever_it_is_called() {
        let process = Process::read("12 (a) (b)) Z 7 12 12 0").unwrap();
        assert_eq!(process, Process { name: "a) (b)".to_owned(), state: ENDED.to_owned(), parent: Some(7) });
        assert_eq!(Process::read("1 (sh) S 0 1").unwrap().parent, None);
        assert_eq!(Process::read(""), None);
    }

    #[test]
    fn a_process_runs_until_it_has_ended_whoever_asks_for_its_end() {
        let directory = tempfile::tempdir().unwrap();
        // The kernel cuts what is longer than fifteen letters.
        let name = format!("lab{}", std::process::id());
        let path = directory.path().join(&name);
        fs::write(&path, "#!/bin/sh\nread line\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(!is_running(&name));
        let mut child = Command::new(&path).stdin(Stdio::piped()).spawn().unwrap();
        assert!(is_running(&name));
        child.kill().unwrap();
        let end = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(Pid::from_child(&child)), end).unwrap();
        assert!(!is_running(&name), "it has ended, though nobody has asked");
        child.wait().unwrap();
    }
}
