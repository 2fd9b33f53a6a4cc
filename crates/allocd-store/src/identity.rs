//! The `identity` file: whose data a directory holds, and a lower bound of what the log must contain.
//!
//! It exists because a log that was lost can come back *empty* and look new: such a member would vote a second time in a
//! term and forget entries it had acknowledged. The file lives outside the log, is replaced as a whole, and is written *after*
//! the log's flush but before that flush is reported: it never claims what the log does not hold, and nothing leaves the
//! member before it. Term and vote are exact; the watermark, the commit index, lags by up to [`WATERMARK_STEP`] so that
//! the file costs no sync on the hot path. Only committed entries may count: others may rightly be removed again.

use std::path::{Path, PathBuf};
use std::{fs, io};

use allocd_replica::log::HardState;
use allocd_types::id::{ClusterId, MemberId};

use crate::journal::LogId;
use crate::open::{OpenError, Owner};
use crate::sync;

/// By how many entries the watermark may lag behind the commit index.
pub(crate) const WATERMARK_STEP: u64 = 1_024;

const FORMAT: &str = "2";

/// How the file begins where the whole log lay in sled, which no release did.
const EARLIER: &str = "allocd-identity 1\n";

/// What the identity file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) owner: Owner,
    /// What the log's files are known by.
    pub(crate) log: LogId,
    /// False only while the log is being created.
    pub(crate) is_initialised: bool,
    /// Term and vote as of the last flush, and a commit index that the log is known to reach.
    pub(crate) witnessed: HardState,
}

impl Identity {
    pub(crate) fn path(directory: &Path) -> PathBuf {
        directory.join("identity")
    }

    /// Reads the file; `None` if there is none.
    pub(crate) fn read(directory: &Path) -> Result<Option<Self>, OpenError> {
        let path = Self::path(directory);
        match fs::read_to_string(&path) {
            Ok(text) => match Self::parse(&text) {
                Some(identity) => Ok(Some(identity)),
                None if text.starts_with(EARLIER) => {
                    Err(OpenError::EarlierLayout { path: directory.to_owned() })
                }
                None => Err(OpenError::IdentityCorrupted { path }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(OpenError::IdentityCorrupted { path })
            }
            Err(source) => Err(OpenError::Unreadable { path, source }),
        }
    }

    pub(crate) fn write(&self, directory: &Path) -> io::Result<()> {
        sync::replace_file(&Self::path(directory), self.render().as_bytes())
    }

    /// Whether the file has to be written before `hard_state` may count as durable.
    pub(crate) fn must_follow(&self, hard_state: HardState) -> bool {
        (hard_state.term, hard_state.vote) != (self.witnessed.term, self.witnessed.vote)
            || hard_state.commit >= self.witnessed.commit + WATERMARK_STEP
    }

    fn render(&self) -> String {
        let body = format!(
            "allocd-identity {FORMAT}\ncluster {}\nmember {}\nlog {:016x}\ninitialised {}\nterm {}\nvote {}\nwatermark {}\n",
            self.owner.cluster,
            self.owner.member,
            self.log.0,
            self.is_initialised,
            self.witnessed.term,
            self.witnessed.vote,
            self.witnessed.commit,
        );
        let checksum = crc32fast::hash(body.as_bytes());
        format!("{body}crc32 {checksum:08x}\n")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.lines().map(|line| line.split_once(' '));
        let mut field = |name: &str| match fields.next()?? {
            (found, value) if found == name => Some(value),
            _ => None,
        };
        if field("allocd-identity")? != FORMAT {
            return None;
        }
        let identity = Self {
            owner: Owner {
                cluster: ClusterId::new(field("cluster")?).ok()?,
                member: MemberId::new(field("member")?.parse().ok()?),
            },
            log: LogId(u64::from_str_radix(field("log")?, 16).ok()?),
            is_initialised: field("initialised")?.parse().ok()?,
            witnessed: HardState {
                term: field("term")?.parse().ok()?,
                vote: field("vote")?.parse().ok()?,
                commit: field("watermark")?.parse().ok()?,
            },
        };
        // Comparing with what would be written covers the checksum, left-over lines and every spelling but ours.
        (identity.render() == text).then_some(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity {
            owner: Owner { cluster: ClusterId::new("blue").unwrap(), member: MemberId::new(3) },
            log: LogId(0x1234),
            is_initialised: true,
            witnessed: HardState { term: 7, vote: 2, commit: 4_096 },
        }
    }

    #[test]
    fn it_reads_what_it_wrote() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Identity::read(directory.path()).unwrap(), None);
        identity().write(directory.path()).unwrap();
        assert_eq!(Identity::read(directory.path()).unwrap(), Some(identity()));
    }

    #[test]
    fn any_changed_byte_and_any_cut_is_found() {
        let text = identity().render();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert_eq!(Identity::parse(&changed), None, "byte {at} changed");
            }
            assert_eq!(Identity::parse(&text[..at]), None, "cut at byte {at}");
        }
    }

    #[test]
    fn it_follows_each_vote_but_not_each_commit() {
        let HardState { term, vote, commit } = identity().witnessed;
        assert!(identity().must_follow(HardState { term: term + 1, vote, commit }));
        assert!(identity().must_follow(HardState { term, vote: 1, commit }));
        assert!(!identity().must_follow(HardState { term, vote, commit: commit + WATERMARK_STEP - 1 }));
        assert!(identity().must_follow(HardState { term, vote, commit: commit + WATERMARK_STEP }));
    }
}
