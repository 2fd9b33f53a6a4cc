//! Opening a data directory: whose it is, whether it is whole, and a clear refusal if not.
//!
//! The checks go from the cheap to the deep. The journal is only read until all of them have passed; sled, which may tidy its
//! file while it recovers, comes after it. Nothing is created before the directory is known to be ours.

use std::io;
use std::path::{Path, PathBuf};

use allocd_replica::log::{HardState, LogError, Position};
use allocd_types::id::{ClusterId, MemberId};

use crate::damage::Damage;
use crate::identity::Identity;
use crate::journal::{self, Journal, LogId, OsDirectory, Recovered, SEGMENT_BYTES};
use crate::lock::DirectoryLock;
use crate::snapshots::{self, Snapshots};
use crate::sync;

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
    /// The log lies as no released allocd has written it.
    #[error("data directory {path} was written by an allocd from before the first release, which kept its log elsewhere; empty the directory and rejoin as a new member with a new id", path = path.display())]
    EarlierLayout {
        /// The directory.
        path: PathBuf,
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
    /// The log or the snapshot is not what was written.
    #[error("the log in {path} is damaged; put a sound copy back, or empty the directory and rejoin as a new member with a new id", path = path.display())]
    Corrupted {
        /// The directory.
        path: PathBuf,
        /// Where, and how it shows.
        source: Damage,
    },
    /// The log is whole, and cannot be gone on with.
    #[error("the log in {path} cannot be written to; check the disk", path = path.display())]
    Failed {
        /// The directory.
        path: PathBuf,
        /// What was attempted.
        source: LogError,
    },
}

/// An opened directory, proven whole.
pub(crate) struct Opened {
    pub(crate) lock: DirectoryLock,
    pub(crate) identity: Identity,
    pub(crate) journal: Journal<OsDirectory>,
    pub(crate) snapshots: Snapshots,
}

pub(crate) fn open(directory: &Path, owner: &Owner) -> Result<Opened, OpenError> {
    let unwritable = |source| OpenError::Unwritable { path: directory.to_owned(), source };
    sync::create_directory(directory).map_err(unwritable)?;
    let lock = DirectoryLock::take(directory)?;
    let identity = claim(directory, owner)?;
    let (journal, snapshots) =
        if identity.is_initialised { read(directory, &identity)? } else { begin(directory, &identity)? };
    let found = Identity { is_initialised: true, witnessed: journal.hard_state(), ..identity.clone() };
    if found != identity {
        // So that a restart leaves the watermark no lag. What was found is durable by now.
        found.write(directory).map_err(unwritable)?;
    }
    Ok(Opened { lock, identity: found, journal, snapshots })
}

/// Where the journal is.
pub(crate) fn segments(directory: &Path) -> PathBuf {
    directory.join("segments")
}

/// Where sled keeps the snapshots.
pub(crate) fn snapshots(directory: &Path) -> PathBuf {
    directory.join("snapshots")
}

/// Proves from the identity file that the directory is the owner's, or makes it so if nobody has used it yet.
fn claim(directory: &Path, owner: &Owner) -> Result<Identity, OpenError> {
    let path = || directory.to_owned();
    let Some(identity) = Identity::read(directory)? else {
        if directory.join("log").exists() {
            return Err(OpenError::EarlierLayout { path: path() });
        }
        if segments(directory).exists() || snapshots(directory).exists() {
            return Err(OpenError::IdentityMissing { path: path() });
        }
        let identity = Identity {
            owner: owner.clone(),
            log: LogId(rand::random()),
            is_initialised: false,
            witnessed: HardState::default(),
        };
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
    Ok(identity)
}

/// Makes a new log, durable with its names. Once the identity file says so, an empty log is a lost one.
fn begin(directory: &Path, identity: &Identity) -> Result<(Journal<OsDirectory>, Snapshots), OpenError> {
    let unwritable = |source| OpenError::Unwritable { path: directory.to_owned(), source };
    let failed = |source| OpenError::Failed { path: directory.to_owned(), source };
    let (segments, beside) = (segments(directory), snapshots(directory));
    sync::create_directory(&segments).map_err(unwritable)?;
    sync::create_directory(&beside).map_err(unwritable)?;
    let journal = Journal::create(OsDirectory(segments), identity.log, SEGMENT_BYTES).map_err(failed)?;
    let snapshots = Snapshots::open(&beside).map_err(failed)?;
    snapshots.sync_names(&beside).map_err(unwritable)?;
    Ok((journal, snapshots))
}

/// Reads what there is, proves it, and makes it durable.
fn read(directory: &Path, identity: &Identity) -> Result<(Journal<OsDirectory>, Snapshots), OpenError> {
    let damaged = |source| OpenError::Corrupted { path: directory.to_owned(), source };
    let failed = |source| OpenError::Failed { path: directory.to_owned(), source };
    let nothing = || behind(identity, 0, HardState::default(), directory);
    if !segments(directory).exists() {
        return Err(nothing());
    }
    let files = OsDirectory(segments(directory));
    let recovered = journal::recover(&files, identity.log).map_err(damaged)?.ok_or_else(nothing)?;
    let beside = snapshots(directory);
    if !snapshots::file(&beside).exists() {
        return Err(damaged(apart(&recovered, "is gone, with all that it was in")));
    }
    let mut snapshots = Snapshots::open(&beside).map_err(|source| damaged(Damage::Snapshot(source)))?;
    let replacement = agree(&recovered, &snapshots).map_err(damaged)?;
    let catalog = &recovered.contents.catalog;
    let last = replacement.map_or(catalog.last_index(), |at| at.index);
    verify_against(identity, last, recovered.contents.hard_state, directory)?;
    let mut journal = Journal::resume(files, identity.log, SEGMENT_BYTES, recovered).map_err(failed)?;
    if let Some(at) = replacement {
        journal.replace(at).and_then(|()| journal.flush()).map_err(failed)?;
    }
    snapshots.tidy(usize::MAX).map_err(failed)?;
    Ok((journal, snapshots))
}

/// Proves that the log goes on where the snapshot ends. Gives the entry of a snapshot that took the log's place, if power failed
/// before the log said so.
fn agree(recovered: &Recovered, snapshots: &Snapshots) -> Result<Option<Position>, Damage> {
    let catalog = &recovered.contents.catalog;
    let Some(at) = snapshots.current().map(|current| current.mark.at) else {
        let is_needed = catalog.base().index > 0;
        return if is_needed { Err(apart(recovered, "is gone")) } else { Ok(None) };
    };
    if at.index < catalog.base().index {
        return Err(apart(recovered, "is older than what was before it"));
    }
    match (catalog.term(at.index) == Some(at.term), snapshots.replaces()) {
        (true, _) => Ok(None),
        (false, true) => Ok(Some(at)),
        (false, false) => Err(apart(recovered, "is of an entry that is not there any more")),
    }
}

fn apart(recovered: &Recovered, reason: &'static str) -> Damage {
    let catalog = &recovered.contents.catalog;
    Damage::SnapshotApart { first: catalog.base().index + 1, last: catalog.last_index(), reason }
}

fn verify_against(
    identity: &Identity,
    last_index: u64,
    hard_state: HardState,
    directory: &Path,
) -> Result<(), OpenError> {
    let witnessed = identity.witnessed;
    let has_lost_vote = hard_state.term < witnessed.term
        || (hard_state.term == witnessed.term && witnessed.vote != 0 && hard_state.vote != witnessed.vote);
    let has_lost_records = last_index < witnessed.commit.max(hard_state.commit);
    if has_lost_vote || has_lost_records {
        return Err(behind(identity, last_index, hard_state, directory));
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
