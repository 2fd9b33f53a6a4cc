//! A member's configuration: one TOML file, every key checked, every mistake said in one line with its place.

mod file;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use allocd_replica::SnapshotLimits;
use allocd_types::id::{ClusterId, MemberId};
use allocd_types::violation::Violations;

use self::file::ConfigFile;
pub(crate) use self::file::{LogFormat, connections_max, queue_calls_max, threads};

/// Everything a member has to know before it starts.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) cluster: ClusterId,
    pub(crate) member: MemberId,
    pub(crate) data_dir: PathBuf,
    /// Whether it joins a running cluster if its data directory is empty.
    pub(crate) joins: bool,
    pub(crate) listen: SocketAddr,
    pub(crate) members: Vec<MemberAddress>,
    pub(crate) heartbeat: Duration,
    pub(crate) election_ticks: usize,
    pub(crate) queue_calls_max: usize,
    pub(crate) connections_max: usize,
    /// Threads that serve connections.
    pub(crate) threads: usize,
    pub(crate) snapshots: SnapshotLimits,
    pub(crate) log_format: LogFormat,
    pub(crate) log_filter: String,
}

/// Where a member of the cluster is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemberAddress {
    pub(crate) id: MemberId,
    pub(crate) address: String,
}

/// Why a member cannot be configured so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read configuration {path}", path = path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{path}:{line}: {message}", path = path.display())]
    Malformed { path: PathBuf, line: usize, message: String },
    #[error("{path}: {wrong}", path = path.display())]
    Values { path: PathBuf, wrong: Violations },
}

impl Config {
    /// Reads and checks a configuration file.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    /// Checks a configuration's text; the path is for what is said about it.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let file: ConfigFile = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let message = error.message().replace('\n', " ");
            ConfigError::Malformed { path: path.to_owned(), line, message }
        })?;
        file.check().map_err(|wrong| ConfigError::Values { path: path.to_owned(), wrong })
    }

    /// The other members.
    pub(crate) fn peers(&self) -> impl Iterator<Item = &MemberAddress> {
        self.members.iter().filter(|member| member.id != self.member)
    }
}

#[cfg(test)]
mod tests;
