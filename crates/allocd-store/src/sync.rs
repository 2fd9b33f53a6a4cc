//! Making files and names durable: a file's contents by its own sync, a file's name by a sync of its directory.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Syncs a directory, so that the names in it survive a power cut.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Creates a directory and what leads to it, and syncs every name that is new.
pub(crate) fn create_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    // A relative path of one part has an empty parent, which means the working directory.
    let parent = match directory.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    create_directory(parent)?;
    // What a member knows is nobody else's business.
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => {}
        done => done?,
    }
    sync_directory(parent)
}

/// Replaces a file so that after a power cut either the old or the new contents are found, whole.
pub(crate) fn replace_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    let aside = path.with_extension("new");
    let mut file = File::create(&aside)?;
    file.write_all(contents)?;
    file.sync_all()?;
    fs::rename(&aside, path)?;
    sync_directory(path.parent().expect("a file inside the data directory has a parent"))
}
