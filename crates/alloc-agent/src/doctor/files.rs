//! The host's files that checks read, and the directories that the agent writes into.

use std::fs;
use std::io;

use rustix::fs::{Access, access};
use rustix::io::Errno;

use super::fact::{Fact, told};
use super::rc_conf::RcConf;
use crate::files::Files;

/// What a host's files say.
#[derive(Debug)]
pub(crate) struct FileFacts {
    /// Its rc.conf(5).
    pub(super) rc_conf: RcConf,
    /// /etc/jail.conf.
    pub(super) jail_conf: Fact<Option<String>>,
    /// /etc/sysctl.conf.
    pub(super) sysctl_conf: Fact<Option<String>>,
    /// The directories into which the agent writes jails' files.
    pub(super) directories: Vec<Fact<Directory>>,
}

/// A directory that the agent writes into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directory {
    /// Its path on the host.
    pub(super) path: String,
    /// Whether it can be written into.
    pub(super) state: DirectoryState,
}

/// Whether a directory can be written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DirectoryState {
    /// It can.
    Writable,
    /// There is none.
    Missing,
    /// It is something else.
    NotDirectory,
    /// It cannot: the file system is read-only, or whoever asks is not root.
    ReadOnly,
}

impl FileFacts {
    /// Looks at the host's files, and at the directories that are given by their paths there.
    pub(super) fn look(files: &Files, directories: Vec<Fact<String>>) -> Self {
        let directory = |path: Fact<String>| match path.get() {
            Some(path) => directory(files, path),
            None => path.read(|_| Err(String::new())),
        };
        Self {
            rc_conf: RcConf::look(files),
            jail_conf: read(files, "/etc/jail.conf"),
            sysctl_conf: read(files, "/etc/sysctl.conf"),
            directories: directories.into_iter().map(directory).collect(),
        }
    }
}

/// Reads a file of the host; none if there is no such file.
pub(super) fn read(files: &Files, path: &str) -> Fact<Option<String>> {
    let command = format!("cat {}", files.place(path).display());
    Fact::new(command, files.read(path).map_err(|error| told(&error)))
}

/// Looks whether a directory of the host can be written into.
fn directory(files: &Files, path: &str) -> Fact<Directory> {
    let place = files.place(path);
    let state = match fs::metadata(&place) {
        Ok(metadata) if !metadata.is_dir() => Ok(DirectoryState::NotDirectory),
        Ok(_) => match access(&place, Access::WRITE_OK) {
            Ok(()) => Ok(DirectoryState::Writable),
            Err(Errno::ACCESS | Errno::ROFS | Errno::PERM) => Ok(DirectoryState::ReadOnly),
            Err(error) => Err(format!("cannot look at {path}: {error}")),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(DirectoryState::Missing),
        Err(error) => Err(format!("cannot look at {path}: {error}")),
    };
    let command = format!("test -w {}", place.display());
    Fact::new(command, state.map(|state| Directory { path: path.to_owned(), state }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_below_the_root_and_may_be_missing() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::below(root.path());
        fs::create_dir(root.path().join("etc")).unwrap();
        fs::write(root.path().join("etc/rc.conf"), "a=1\n").unwrap();
        assert_eq!(read(&files, "/etc/rc.conf").get(), Some(&Some("a=1\n".to_owned())));
        assert_eq!(read(&files, "/etc/jail.conf").get(), Some(&None));
        assert_eq!(
            read(&files, "/etc/jail.conf").command(),
            format!("cat {}/etc/jail.conf", root.path().display())
        );
        // A directory is no file, and its reason is told.
        assert!(read(&files, "/etc").reason().is_some_and(|reason| reason.starts_with("cannot read")));
    }

    #[test]
    fn a_directory_is_there_or_missing_or_something_else() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::below(root.path());
        fs::create_dir(root.path().join("etc")).unwrap();
        fs::write(root.path().join("etc/jail.conf.d"), "").unwrap();
        let state = |path| directory(&files, path).get().map(|directory| directory.state);
        assert_eq!(state("/etc"), Some(DirectoryState::Writable));
        assert_eq!(state("/etc/jail.conf.d"), Some(DirectoryState::NotDirectory));
        assert_eq!(state("/usr/local/etc/ezjail"), Some(DirectoryState::Missing));
    }
}
