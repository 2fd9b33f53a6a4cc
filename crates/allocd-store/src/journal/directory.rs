//! What the journal asks of a file system, no more: so that a test can put one below it that forgets what was not synced.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use crate::sync;

/// A directory of files. A name is durable once the directory is synced.
pub(crate) trait Directory {
    type File: Storage;

    fn names(&self) -> io::Result<Vec<String>>;
    /// Creates a file, or empties the one there is.
    fn create(&self, name: &str) -> io::Result<Self::File>;
    fn open(&self, name: &str) -> io::Result<Self::File>;
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    fn sync(&self) -> io::Result<()>;
}

/// A file's bytes. What was written is durable once they are synced.
pub(crate) trait Storage {
    fn length(&self) -> io::Result<u64>;
    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()>;
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    fn sync(&self) -> io::Result<()>;
}

/// A directory of the operating system.
#[derive(Debug)]
pub(crate) struct OsDirectory(pub(crate) PathBuf);

impl Directory for OsDirectory {
    type File = File;

    fn names(&self) -> io::Result<Vec<String>> {
        // A name that is no text is none of ours.
        let name = |entry: fs::DirEntry| entry.file_name().into_string().ok();
        fs::read_dir(&self.0)?.filter_map(|entry| entry.map(name).transpose()).collect()
    }

    fn create(&self, name: &str) -> io::Result<File> {
        File::options().read(true).write(true).create(true).truncate(true).open(self.0.join(name))
    }

    fn open(&self, name: &str) -> io::Result<File> {
        File::options().read(true).write(true).open(self.0.join(name))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    fn sync(&self) -> io::Result<()> {
        sync::sync_directory(&self.0)
    }
}

impl Storage for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, bytes, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(self, bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}
