//! The keys of the configuration file, with their defaults and bounds.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use allocd_types::id::{ClusterId, MemberId};
use http::uri::Authority;
use serde::Deserialize;

use super::{Config, MemberAddress};
use crate::logging;

/// Shortest and longest heartbeat, in milliseconds.
const HEARTBEAT_MS: std::ops::RangeInclusive<u64> = 10..=10_000;
/// Most calls that may be allowed to wait.
const QUEUE_CALLS_MAX: usize = 1_000_000;

/// Most connections that may be allowed.
const CONNECTIONS_MAX: usize = 1_000_000;

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    cluster_id: String,
    member_id: u64,
    data_dir: PathBuf,
    listen: SocketAddr,
    #[serde(default)]
    insecure: bool,
    members: Vec<MemberFile>,
    #[serde(default = "heartbeat_ms")]
    heartbeat_ms: u64,
    #[serde(default = "election_timeout_ms")]
    election_timeout_ms: u64,
    #[serde(default = "queue_calls_max")]
    queue_calls_max: usize,
    #[serde(default = "connections_max")]
    connections_max: usize,
    #[serde(default)]
    log: LogFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberFile {
    id: u64,
    address: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogFile {
    #[serde(default)]
    format: LogFormat,
    #[serde(default = "log_filter")]
    filter: String,
}

impl Default for LogFile {
    fn default() -> Self {
        Self { format: LogFormat::default(), filter: log_filter() }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// A line a record, for people.
    #[default]
    Text,
    /// An object a line, for machines.
    Json,
}

const fn heartbeat_ms() -> u64 {
    100
}

const fn election_timeout_ms() -> u64 {
    500
}

pub(crate) const fn queue_calls_max() -> usize {
    4_096
}

/// What systems that give a process 1024 files leave room for, beside the log and the peers.
pub(crate) const fn connections_max() -> usize {
    900
}

fn log_filter() -> String {
    "info".to_owned()
}

impl ConfigFile {
    /// Checks what the types do not.
    pub(super) fn check(self) -> Result<Config, (&'static str, String)> {
        let cluster = ClusterId::new(&self.cluster_id).map_err(|error| ("cluster_id", error.to_string()))?;
        let member = MemberId::new(self.member_id);
        if !self.insecure && !self.listen.ip().is_loopback() {
            let message = format!(
                "{} is not on loopback, and members have no identities yet: anybody who reaches it may do anything; set insecure = true if the network is trusted",
                self.listen
            );
            return Err(("listen", message));
        }
        if !HEARTBEAT_MS.contains(&self.heartbeat_ms) {
            let message =
                format!("{} is not {} to {} ms", self.heartbeat_ms, HEARTBEAT_MS.start(), HEARTBEAT_MS.end());
            return Err(("heartbeat_ms", message));
        }
        let election_ticks =
            usize::try_from(self.election_timeout_ms / self.heartbeat_ms).unwrap_or(usize::MAX);
        if !(3..=1_000).contains(&election_ticks) {
            return Err(("election_timeout_ms", "an election timeout is 3 to 1000 heartbeats".to_owned()));
        }
        check_bound("queue_calls_max", self.queue_calls_max, QUEUE_CALLS_MAX)?;
        check_bound("connections_max", self.connections_max, CONNECTIONS_MAX)?;
        let members = self.members.into_iter().map(MemberFile::check).collect::<Result<Vec<_>, _>>()?;
        if let Some((first, second)) = shared_address(&members) {
            let message = format!("members {first} and {second} have the same address");
            return Err(("members", message));
        }
        let voters = members.iter().map(|member| member.id).collect();
        allocd_replica::Config::new(member, voters, 0)
            .check()
            .map_err(|error| ("members", error.to_string()))?;
        logging::filter(&self.log.filter).map_err(|error| ("log.filter", format!("{error:#}")))?;
        Ok(Config {
            cluster,
            member,
            data_dir: self.data_dir,
            listen: self.listen,
            members,
            heartbeat: Duration::from_millis(self.heartbeat_ms),
            election_ticks,
            queue_calls_max: self.queue_calls_max,
            connections_max: self.connections_max,
            log_format: self.log.format,
            log_filter: self.log.filter,
        })
    }
}

/// Checks a bound that is said in the file against the most it may be.
fn check_bound(key: &'static str, bound: usize, bound_max: usize) -> Result<(), (&'static str, String)> {
    if bound == 0 || bound > bound_max {
        return Err((key, format!("{bound} is not 1 to {bound_max}")));
    }
    Ok(())
}

impl MemberFile {
    /// Checks that the address names a host and a port, as a client would have it.
    fn check(self) -> Result<MemberAddress, (&'static str, String)> {
        let authority: Option<Authority> = self.address.parse().ok();
        let is_address = authority.is_some_and(|authority| {
            let has_port = authority.port_u16().is_some_and(|port| port != 0);
            has_port && !authority.host().is_empty() && !self.address.contains('@')
        });
        if is_address {
            return Ok(MemberAddress { id: MemberId::new(self.id), address: self.address });
        }
        let message = format!(
            "{:?} of member {} is no address: a host and a port, such as 127.0.0.1:7421",
            self.address, self.id
        );
        Err(("members", message))
    }
}

/// Two members that would be reached at the same place.
fn shared_address(members: &[MemberAddress]) -> Option<(MemberId, MemberId)> {
    let mut seen = BTreeMap::new();
    members.iter().find_map(|member| seen.insert(&member.address, member.id).map(|first| (first, member.id)))
}
