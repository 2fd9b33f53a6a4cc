//! The agent's configuration: one TOML file, every key checked, every mistake said with its place, all at once.
//!
//! What a jail is like is said in three layers: for all jails of a network, of the host, and for the one jail, which counts most.

mod file;
mod layer;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use allocd_client::endpoint::Endpoint;
use allocd_types::name::HostName;
use allocd_types::violation::Violations;

use self::file::ConfigFile;
pub(crate) use self::file::LogFormat;
pub(crate) use self::layer::{JailSettings, Layers, Root, Target};

/// Everything the agent has to know before it starts.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Which host of the cluster this is.
    pub(crate) host: HostName,
    pub(crate) endpoints: Vec<Endpoint>,
    /// How long a question to the cluster may take in all.
    pub(crate) timeout: Duration,
    /// Where the cache is.
    pub(crate) state_dir: PathBuf,
    /// The longest time between two passes.
    pub(crate) interval: Duration,
    /// How long boot may wait for the cluster.
    pub(crate) boot_wait: Duration,
    pub(crate) policy: Policy,
    pub(crate) jails: Layers,
    pub(crate) log_format: LogFormat,
    pub(crate) log_filter: String,
}

/// What the agent may do without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Most destructive steps of one pass.
    pub(crate) destructive_max: usize,
    /// Whether what differs on a running jail is put right, or only reported.
    pub(crate) repairs: bool,
    /// Whether a value that somebody else on the wire has is exchanged for another, or only reported.
    pub(crate) declines: bool,
    /// Whether somebody is asked for an IPv4 address before its first use, where the host can ask.
    pub(crate) probes: bool,
    /// Whether `jail_enable` and `jail_list` in rc.conf(5) are kept.
    pub(crate) keeps_rc_conf: bool,
    /// Into how many running jails a pass looks in which nothing has changed outside.
    pub(crate) inside_per_pass: usize,
}

/// Why the agent cannot be configured so.
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
}

impl ConfigError {
    /// What to do next.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreadable { .. } => Some(
                "copy alloc-agent.toml.sample there, which has every key with its default, or name another file with --config",
            ),
            Self::Malformed { .. } | Self::Values { .. } => None,
        }
    }
}
