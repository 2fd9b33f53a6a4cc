//! The host's files: read whole, written in one step, and on disk before anybody relies on them.
//!
//! A file is put together beside its place and renamed into it, so a reader sees the old one or the new one and a crash leaves
//! one of them. All paths are the host's; below which directory they lie is said once, so that a test has a host of its own.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Longest file that is read: any that is ours, or that people write by hand, is far shorter.
const BYTES_MAX: u64 = 8 << 20;
/// What the name of a file in the making ends with.
const NEXT: &str = ".alloc-agent";

/// The host's files.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    root: PathBuf,
}

/// Something could not be done to a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot {attempt} {path}")]
pub(crate) struct FileError {
    pub(crate) attempt: &'static str,
    pub(crate) path: String,
    pub(crate) source: io::Error,
}

impl Files {
    /// The files of this machine.
    pub(crate) fn of_machine() -> Self {
        Self { root: PathBuf::from("/") }
    }

    /// The files of a host that lies below a directory, as in an image.
    pub(crate) fn below(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// A file's text; none if it is not there.
    pub(crate) fn read(&self, path: &str) -> Result<Option<String>, FileError> {
        let failed = |source| FileError { attempt: "read", path: path.to_owned(), source };
        let place = self.place(path);
        match fs::metadata(&place) {
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
            Ok(metadata) if metadata.len() > BYTES_MAX => {
                return Err(failed(io::Error::other(format!("it has more than {BYTES_MAX} bytes"))));
            }
            Ok(_) => {}
        }
        match fs::read_to_string(&place) {
            Ok(text) => Ok(Some(text)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Writes a file in one step, with this mode, or with the one that it has. Afterwards it is on disk.
    pub(crate) fn write(&self, path: &str, text: &str, mode: u32) -> Result<(), FileError> {
        // Where a link leads to is what is meant, and the link stays.
        let place = self.place(path);
        let place = fs::canonicalize(&place).unwrap_or(place);
        let failed = |source| FileError { attempt: "write", path: path.to_owned(), source };
        let mode = fs::metadata(&place).map_or(mode, |metadata| metadata.permissions().mode() & 0o7777);
        let next = PathBuf::from(format!("{}{NEXT}", place.display()));
        let write = || {
            if let Some(directory) = place.parent() {
                fs::create_dir_all(directory)?;
            }
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&next)?;
            // Whatever the mask of this process says.
            file.set_permissions(fs::Permissions::from_mode(mode))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&next, &place)?;
            sync_directory(&place)
        };
        write().map_err(failed)
    }

    /// Takes the lock that a path stands for, as soon as nobody else has it; it is given back with what this returns.
    pub(crate) fn lock(&self, path: &str) -> Result<File, FileError> {
        let place = self.place(path);
        let locked = || {
            if let Some(directory) = place.parent() {
                fs::create_dir_all(directory)?;
            }
            let file =
                OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&place)?;
            file.lock()?;
            Ok(file)
        };
        locked().map_err(|source| FileError { attempt: "lock", path: path.to_owned(), source })
    }

    /// True if somebody has the lock that a path stands for.
    pub(crate) fn is_locked(&self, path: &str) -> Result<bool, FileError> {
        let failed = |source| FileError { attempt: "look at the lock", path: path.to_owned(), source };
        let file = match File::open(self.place(path)) {
            Err(error) if is_missing(&error) => return Ok(false),
            opened => opened.map_err(failed)?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Removes a file. Afterwards it is not there, on disk either.
    pub(crate) fn remove(&self, path: &str) -> Result<(), FileError> {
        let place = self.place(path);
        let removed = match fs::remove_file(&place) {
            Err(error) if is_missing(&error) => Ok(()),
            removed => removed.and_then(|()| sync_directory(&place)),
        };
        removed.map_err(|source| FileError { attempt: "remove", path: path.to_owned(), source })
    }

    /// Moves a file aside. Afterwards it is not where it was.
    pub(crate) fn move_to(&self, path: &str, to: &str) -> Result<(), FileError> {
        let (from, to) = (self.place(path), self.place(to));
        let moved = fs::rename(&from, &to).and_then(|()| sync_directory(&to));
        moved.map_err(|source| FileError { attempt: "move aside", path: path.to_owned(), source })
    }

    /// The names of a directory's files, in order; none if it is not there.
    pub(crate) fn names(&self, directory: &str) -> Result<Vec<String>, FileError> {
        let failed = |source| FileError { attempt: "list", path: directory.to_owned(), source };
        let entries = match fs::read_dir(self.place(directory)) {
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            // A name that is not UTF-8 is none of ours.
            names.extend(entry.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    /// True if a directory is there and something is in it.
    pub(crate) fn has_something_in(&self, directory: &str) -> bool {
        fs::read_dir(self.place(directory)).is_ok_and(|mut entries| entries.next().is_some())
    }

    /// Where a file of the host lies on this machine.
    pub(crate) fn place(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }
}

/// True if nothing is at a path.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Puts the names in a file's directory on disk.
fn sync_directory(place: &Path) -> io::Result<()> {
    match place.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_read_and_removed() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::below(directory.path());
        assert_eq!(files.read("/etc/jail.conf.d/web01.conf").unwrap(), None);
        files.write("/etc/jail.conf.d/web01.conf", "one\n", 0o644).unwrap();
        files.write("/etc/jail.conf.d/web01.conf", "two\n", 0o600).unwrap();
        assert_eq!(files.read("/etc/jail.conf.d/web01.conf").unwrap().as_deref(), Some("two\n"));
        let mode = fs::metadata(directory.path().join("etc/jail.conf.d/web01.conf")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o644, "a file keeps the mode that it has");
        assert_eq!(files.names("/etc/jail.conf.d").unwrap(), ["web01.conf"]);
        assert!(files.has_something_in("/etc") && !files.has_something_in("/usr"));
        files.remove("/etc/jail.conf.d/web01.conf").unwrap();
        files.remove("/etc/jail.conf.d/web01.conf").unwrap();
        assert_eq!(files.read("/etc/jail.conf.d/web01.conf").unwrap(), None);
    }

    #[test]
    fn what_cannot_be_written_leaves_the_file_as_it_was() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::below(directory.path());
        files.write("/etc/a", "old\n", 0o644).unwrap();
        // The place where the next one is put together is taken by a directory.
        fs::create_dir(directory.path().join(format!("etc/a{NEXT}"))).unwrap();
        let error = files.write("/etc/a", "new\n", 0o644).unwrap_err();
        assert_eq!(error.to_string(), "cannot write /etc/a");
        assert_eq!(files.read("/etc/a").unwrap().as_deref(), Some("old\n"));
    }
}
