//! The lock on the data directory.
//!
//! sled takes none on FreeBSD, so two processes could open one log. The lock belongs to the open file: it ends with the
//! process however that ends, and a left-over file means nothing.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::open::OpenError;

/// Holds the data directory for this process until it is dropped.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    pub(crate) fn take(directory: &Path) -> Result<Self, OpenError> {
        let unwritable = |source| OpenError::Unwritable { path: directory.to_owned(), source };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join("lock"))
            .map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: directory.to_owned() }),
            Err(TryLockError::Error(source)) => Err(unwritable(source)),
        }
    }
}
