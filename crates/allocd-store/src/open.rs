//! Opening a data directory: whose it is, whether it is whole, and a clear refusal if not.
//!
//! The checks go from the cheap to the deep, and those that need only our own files come before sled is opened: sled may
//! tidy its file while it recovers. Nothing is created before the directory is known to be ours.

use std::io;
use std::path::{Path, PathBuf};

use allocd_replica::log::{HardState, LogError};
use allocd_types::id::{ClusterId, MemberId};

use crate::garbage::{self, Needed};
use crate::identity::Identity;
use crate::layout;
use crate::load::{self, Found};
use crate::lock::DirectoryLock;
use crate::sync;

/// How much of the log sled may keep in memory, in bytes.
const CACHE_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

/// Whose data a directory holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The cluster.
    pub cluster: ClusterId,
    /// The member of it.
    pub member: MemberId,
}

/// Why a data directory was refused. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be created or written to.
    #[error("data directory {path} cannot be written to; check that it exists and belongs to this user", path = path.display())]
    Unwritable {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file in the directory cannot be read.
    #[error("{path} cannot be read; check its owner and permissions", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process has the directory open.
    #[error("data directory {path} is in use by another process; stop that one, or give this one a directory of its own", path = path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The directory belongs to another cluster.
    #[error("data directory {path} belongs to cluster {found}, not {configured}; correct the cluster id or the directory in the configuration", path = path.display())]
    OtherCluster {
        /// The directory.
        path: PathBuf,
        /// The cluster it belongs to.
        found: ClusterId,
        /// The cluster it was opened for.
        configured: ClusterId,
    },
    /// The directory belongs to another member.
    #[error("data directory {path} belongs to member {found}, not {configured}; correct the member id or the directory in the configuration", path = path.display())]
    OtherMember {
        /// The directory.
        path: PathBuf,
        /// The member it belongs to.
        found: MemberId,
        /// The member it was opened for.
        configured: MemberId,
    },
    /// There is a log, but nothing says whose.
    #[error("data directory {path} has a log but no identity file; put that file back, or empty the directory and rejoin as a new member with a new id", path = path.display())]
    IdentityMissing {
        /// The directory.
        path: PathBuf,
    },
    /// The identity file is not what was written, or of a newer format.
    #[error("identity file {path} is damaged or written by a newer allocd; put it back, or empty the directory and rejoin as a new member with a new id", path = path.display())]
    IdentityCorrupted {
        /// The file.
        path: PathBuf,
    },
    /// The log lacks what this member is known to have stored: it was emptied, cut or replaced by an older copy.
    #[error(
        "the log in {path} has lost what member {member} acknowledged: it reaches index {last} in term {term} and has to reach index {watermark} in term {witnessed}; put the lost files back, or empty the directory and rejoin as a new member with a new id", path = path.display()
    )]
    Behind {
        /// The directory.
        path: PathBuf,
        /// Whose log it is.
        member: MemberId,
        /// The last index of the log.
        last: u64,
        /// The term of the log's hard state.
        term: u64,
        /// The least index it has to reach.
        watermark: u64,
        /// The least term it has to know.
        witnessed: u64,
    },
    /// A record, or sled's own file, is damaged.
    #[error("the log in {path} is damaged; put a sound copy back, or empty the directory and rejoin as a new member with a new id", path = path.display())]
    Corrupted {
        /// The directory.
        path: PathBuf,
        /// Where, and how it shows.
        source: LogError,
    },
}

/// An opened directory, proven whole.
pub(crate) struct Opened {
    pub(crate) lock: DirectoryLock,
    pub(crate) identity: Identity,
    pub(crate) db: sled::Db,
    pub(crate) found: Found,
}

pub(crate) fn open(directory: &Path, owner: &Owner) -> Result<Opened, OpenError> {
    let unwritable = |source| OpenError::Unwritable { path: directory.to_owned(), source };
    sync::create_directory(directory).map_err(unwritable)?;
    let lock = DirectoryLock::take(directory)?;
    let identity = claim(directory, owner)?;
    let damaged = |source| OpenError::Corrupted { path: directory.to_owned(), source };
    let db = open_sled(directory).map_err(damaged)?;
    let found = load::load(&db).map_err(damaged)?;
    verify_against(&identity, &found, directory)?;
    mend(&db, &found).map_err(damaged)?;
    let identity = if identity.is_initialised { identity } else { initialise(directory, identity, &db)? };
    let identity = witness(directory, identity, &found)?;
    Ok(Opened { lock, identity, db, found })
}

/// Brings to its end what a power cut interrupted: a snapshot that takes the log's place, and the removal of what nobody needs.
fn mend(db: &sled::Db, found: &Found) -> Result<(), LogError> {
    // From the last record downwards, so that another power cut leaves no gap.
    for key in db.range(layout::record_key(found.last_index + 1)..layout::record_key(u64::MAX)).keys().rev() {
        let key = key.map_err(|source| load::failed("read the log", source))?;
        db.remove(key).map_err(|source| load::failed("remove from the log", source))?;
    }
    if found.base.index > 0 {
        db.insert(layout::BASE_KEY, layout::store_base(found.base))
            .map_err(|source| load::failed("write to the log", source))?;
    }
    let needed = Needed {
        first_index: found.base.index + 1,
        last_index: found.last_index,
        snapshots: [found.snapshot.as_ref().map(|snapshot| snapshot.number), None],
    };
    garbage::remove(db, &needed, usize::MAX)?;
    Ok(())
}

/// Where sled keeps its records.
pub(crate) fn sled_file(directory: &Path) -> PathBuf {
    directory.join("log").join("db")
}

/// Proves from our own files that the directory is the owner's, or makes it so if nobody has used it yet.
fn claim(directory: &Path, owner: &Owner) -> Result<Identity, OpenError> {
    let path = || directory.to_owned();
    let has_log = sled_file(directory).exists();
    let Some(identity) = Identity::read(directory)? else {
        if has_log {
            return Err(OpenError::IdentityMissing { path: path() });
        }
        let identity =
            Identity { owner: owner.clone(), is_initialised: false, witnessed: HardState::default() };
        identity.write(directory).map_err(|source| OpenError::Unwritable { path: path(), source })?;
        return Ok(identity);
    };
    if identity.owner.cluster != owner.cluster {
        let (found, configured) = (identity.owner.cluster, owner.cluster.clone());
        return Err(OpenError::OtherCluster { path: path(), found, configured });
    }
    if identity.owner.member != owner.member {
        let (found, configured) = (identity.owner.member, owner.member);
        return Err(OpenError::OtherMember { path: path(), found, configured });
    }
    if identity.is_initialised && !has_log {
        return Err(behind(&identity, 0, HardState::default(), directory));
    }
    Ok(identity)
}

fn open_sled(directory: &Path) -> Result<sled::Db, LogError> {
    sled::Config::new()
        .path(directory.join("log"))
        .flush_every_ms(None)
        .cache_capacity(CACHE_BYTES_MAX)
        .open()
        .map_err(|source| load::failed("open the log", source))
}

fn verify_against(identity: &Identity, found: &Found, directory: &Path) -> Result<(), OpenError> {
    let (hard_state, witnessed) = (found.hard_state, identity.witnessed);
    let has_lost_vote = hard_state.term < witnessed.term
        || (hard_state.term == witnessed.term && witnessed.vote != 0 && hard_state.vote != witnessed.vote);
    let has_lost_records = found.last_index < witnessed.commit.max(hard_state.commit);
    if has_lost_vote || has_lost_records {
        return Err(behind(identity, found.last_index, hard_state, directory));
    }
    Ok(())
}

fn behind(identity: &Identity, last: u64, hard_state: HardState, directory: &Path) -> OpenError {
    OpenError::Behind {
        path: directory.to_owned(),
        member: identity.owner.member,
        last,
        term: hard_state.term,
        watermark: identity.witnessed.commit.max(hard_state.commit),
        witnessed: identity.witnessed.term,
    }
}

/// Brings the watermark up to what was found, so that a restart leaves no lag. What was found may have outlived a process
/// without having been synced: it is, before the identity file says so.
fn witness(directory: &Path, identity: Identity, found: &Found) -> Result<Identity, OpenError> {
    if found.hard_state == identity.witnessed {
        return Ok(identity);
    }
    let identity = Identity { witnessed: found.hard_state, ..identity };
    let write = || {
        std::fs::File::open(sled_file(directory))?.sync_all()?;
        identity.write(directory)
    };
    write().map_err(|source| OpenError::Unwritable { path: directory.to_owned(), source })?;
    Ok(identity)
}

/// Makes a new log's files and names durable, then says so in the identity file: from here on, an empty log is a lost one.
fn initialise(directory: &Path, identity: Identity, db: &sled::Db) -> Result<Identity, OpenError> {
    let log = directory.join("log");
    let sync_all = || -> io::Result<()> {
        db.flush().map_err(io::Error::other)?;
        for file in ["db", "conf"] {
            std::fs::File::open(log.join(file))?.sync_all()?;
        }
        sync::sync_directory(&log)?;
        sync::sync_directory(directory)
    };
    let unwritable = |source| OpenError::Unwritable { path: directory.to_owned(), source };
    sync_all().map_err(unwritable)?;
    let identity = Identity { is_initialised: true, ..identity };
    identity.write(directory).map_err(unwritable)?;
    Ok(identity)
}
