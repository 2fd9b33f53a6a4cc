//! What the agent keeps over a restart and a reboot: the leases as it was last told, bound or not, and what it builds.
//!
//! One file, written in one step and on disk before anybody relies on it, with a digest over its contents. One that is damaged is
//! moved aside, said so, and taken for none: what is missing then is that leases may be used without asking, never a jail.
//!
//! What is being built is written down before the first interface is made. So one that was made and not marked, because the
//! agent was killed between two commands, can be told from somebody else's. Of several agents of a host, such as one that runs
//! and one that adopts, one at a time has the cache.

mod file;
mod lease_file;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;

use allocd_types::id::{ClusterId, Incarnation, LeaseId, Revision};
use allocd_types::lease::Lease;
use allocd_types::name::{HostName, JailName};

use crate::config::Target;
use crate::files::{FileError, Files};
use crate::lifetime::Lifetimes;
use crate::sealed;

/// The file below the directory for state.
const NAME: &str = "cache.json";
/// What is in it is nobody else's business.
const MODE: u32 = 0o600;

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cache {
    pub(crate) host: HostName,
    pub(crate) cluster: Option<ClusterId>,
    pub(crate) incarnation: Incarnation,
    pub(crate) revision: Revision,
    /// True if the host was declared off, and its values may be others' by now, until the cluster says otherwise.
    pub(crate) is_fenced: bool,
    pub(crate) leases: BTreeMap<LeaseId, Lease>,
    pub(crate) built: BTreeMap<JailName, Built>,
    /// Until when leases may be in use that end by themselves. It outlives the lease until nothing of that is left.
    pub(crate) lifetimes: Lifetimes,
    /// Leases with a lifetime that are not told any more, until nothing of them is left.
    pub(crate) ended: BTreeMap<LeaseId, Lease>,
    /// Leases that were in use here when they were last told, and are not told any more, or not for certain, until nothing of them
    /// is left: a cluster that begins anew from a backup may have to hear of them.
    pub(crate) former: BTreeMap<LeaseId, Lease>,
}

/// A jail that is being built or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Built {
    pub(crate) target: Target,
    pub(crate) progress: Progress,
}

/// How far a jail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// Its start has begun.
    Building,
    /// It runs, and an interface of it is being made anew.
    Repairing,
    /// Its start has ended.
    Built,
}

/// The cache and where it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    files: Files,
    path: String,
    cache: Cache,
}

/// What opening the cache came to, besides the cache.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// There was none.
    New,
    /// It was read.
    Read,
    /// It was damaged and is now there, for people to look at.
    Damaged { aside: String, why: String },
    /// It is of another host, as on a cloned machine, and is now there.
    OfOtherHost { aside: String, host: String },
}

impl Progress {
    /// True if an interface may have been made and not been marked.
    pub(crate) const fn may_be_unmarked(self) -> bool {
        match self {
            Self::Building | Self::Repairing => true,
            Self::Built => false,
        }
    }
}

impl Cache {
    /// A cache of a host about which nothing is known.
    pub(crate) fn new(host: HostName) -> Self {
        Self {
            host,
            cluster: None,
            incarnation: Incarnation::default(),
            revision: Revision::default(),
            is_fenced: false,
            leases: BTreeMap::new(),
            built: BTreeMap::new(),
            lifetimes: Lifetimes::default(),
            ended: BTreeMap::new(),
            former: BTreeMap::new(),
        }
    }

    /// True if there is anything on the host that ends by itself, or is to be.
    pub(crate) fn has_lifetimes(&self) -> bool {
        !self.lifetimes.ends.is_empty() || self.leases.values().any(|lease| lease.remaining.is_some())
    }

    /// Reads what a cache says.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        file::read(text)
    }

    /// Looks at the cache below a directory and leaves it as it is, whatever that is; none if there is none.
    ///
    /// # Errors
    /// Why it cannot be read, as a sentence.
    pub(crate) fn look(files: &Files, directory: &str) -> Result<Option<Self>, String> {
        let text = files.read(&path_in(directory)).map_err(|error| format!("{error}: {}", error.source))?;
        text.as_deref().map(file::read).transpose()
    }
}

impl Store {
    /// Opens the cache of a host below a directory.
    ///
    /// # Errors
    /// [`FileError`] if it cannot be read, or not be moved aside.
    pub(crate) fn open(files: Files, directory: &str, host: &HostName) -> Result<(Self, Opened), FileError> {
        let path = path_in(directory);
        let none = Cache::new(host.clone());
        let aside = |word: &str| format!("{path}.{word}");
        let (cache, opened) = match files.read(&path)?.as_deref().map(file::read) {
            None => (none, Opened::New),
            Some(Ok(cache)) if cache.host == *host => (cache, Opened::Read),
            Some(Ok(cache)) => {
                let aside = aside("other-host");
                files.move_to(&path, &aside)?;
                (none, Opened::OfOtherHost { aside, host: cache.host.to_string() })
            }
            Some(Err(why)) => {
                let aside = aside("damaged");
                files.move_to(&path, &aside)?;
                (none, Opened::Damaged { aside, why })
            }
        };
        Ok((Self { files, path, cache }, opened))
    }

    /// Keeps every other agent of this host waiting, until what this returns is dropped, and takes over what they have kept.
    ///
    /// # Errors
    /// [`FileError`] if that cannot be done.
    pub(crate) fn begin(&mut self) -> Result<File, FileError> {
        let lock = self.files.lock(&format!("{}.lock", self.path))?;
        // One that is gone or damaged since says less than what is known here.
        if let Some(Ok(cache)) = self.files.read(&self.path)?.as_deref().map(file::read)
            && cache.host == self.cache.host
        {
            self.cache = cache;
        }
        Ok(lock)
    }

    /// What is kept.
    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Changes it. Afterwards the change is on disk; if it cannot be, nothing has changed.
    ///
    /// # Errors
    /// [`FileError`] if it cannot be written.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Cache)) -> Result<(), FileError> {
        let mut next = self.cache.clone();
        change(&mut next);
        if next != self.cache {
            self.files.write(&self.path, &file::text(&next), MODE)?;
            self.cache = next;
        }
        Ok(())
    }
}

/// Where the cache is below a directory.
pub(crate) fn path_in(directory: &str) -> String {
    sealed::path_in(directory, NAME)
}
