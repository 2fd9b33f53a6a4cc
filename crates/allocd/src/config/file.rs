//! The keys of the configuration file, with their defaults and bounds.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use allocd_proto::request::member::address;
use allocd_replica::{Membership, SnapshotLimits};
use allocd_types::id::{ClusterId, MemberId};
use allocd_types::violation::Violations;
use serde::Deserialize;

use super::{Config, MemberAddress};
use crate::logging;

/// Shortest and longest heartbeat, in milliseconds.
const HEARTBEAT_MS: RangeInclusive<u64> = 10..=10_000;
/// Most calls that may be allowed to wait.
const QUEUE_CALLS_MAX: usize = 1_000_000;

/// Most connections that may be allowed.
const CONNECTIONS_MAX: usize = 1_000_000;

/// Most threads that may serve connections.
const THREADS_MAX: usize = 256;

/// Entries after which a snapshot may be taken: each costs as much as the state is large.
const SNAPSHOT_ENTRIES: RangeInclusive<u64> = 100..=100_000_000;
/// Megabytes of entries after which a snapshot may be taken.
const SNAPSHOT_MEGABYTES: RangeInclusive<u64> = 1..=100_000;
/// Entries that may be kept behind a snapshot.
const SNAPSHOT_ENTRIES_KEPT: RangeInclusive<u64> = 0..=100_000_000;
/// A megabyte, in bytes.
const MEGABYTE: u64 = 1_024 * 1_024;

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
    #[serde(default)]
    join: bool,
    #[serde(default = "heartbeat_ms")]
    heartbeat_ms: u64,
    #[serde(default = "election_timeout_ms")]
    election_timeout_ms: u64,
    #[serde(default = "queue_calls_max")]
    queue_calls_max: usize,
    #[serde(default = "connections_max")]
    connections_max: usize,
    #[serde(default = "threads")]
    threads: usize,
    #[serde(default)]
    snapshots: SnapshotsFile,
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
#[serde(deny_unknown_fields, default)]
struct SnapshotsFile {
    entries: u64,
    megabytes: u64,
    entries_kept: u64,
}

impl Default for SnapshotsFile {
    fn default() -> Self {
        let SnapshotLimits { entries, bytes, entries_kept } = SnapshotLimits::USUAL;
        Self { entries, megabytes: bytes / MEGABYTE, entries_kept }
    }
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

/// On few cores, threads that hand work to each other cost more than they bring.
pub(crate) const fn threads() -> usize {
    1
}

fn log_filter() -> String {
    "info".to_owned()
}

impl ConfigFile {
    /// Checks what the types do not; everything that is wrong is said at once.
    pub(super) fn check(self) -> Result<Config, Violations> {
        let mut wrong = Violations::default();
        let cluster = wrong.keep("cluster_id", ClusterId::new(&self.cluster_id));
        let member = MemberId::new(self.member_id);
        if !self.insecure && !self.listen.ip().is_loopback() {
            wrong.add("listen", format!(
                "{} is not on loopback, and members have no identities yet: anybody who reaches it may do anything; set insecure = true if the network is trusted",
                self.listen
            ));
        }
        let election_ticks = self.check_times(&mut wrong);
        check_bound("queue_calls_max", self.queue_calls_max, QUEUE_CALLS_MAX, &mut wrong);
        check_bound("connections_max", self.connections_max, CONNECTIONS_MAX, &mut wrong);
        check_bound("threads", self.threads, THREADS_MAX, &mut wrong);
        let snapshots = self.snapshots.check(&mut wrong);
        let members = check_members(self.members, member, self.join, &mut wrong);
        wrong.keep("log.filter", logging::filter(&self.log.filter).map_err(|error| format!("{error:#}")));
        wrong.finish(cluster).map(|cluster| Config {
            cluster,
            member,
            data_dir: self.data_dir,
            joins: self.join,
            listen: self.listen,
            members,
            heartbeat: Duration::from_millis(self.heartbeat_ms),
            election_ticks,
            queue_calls_max: self.queue_calls_max,
            connections_max: self.connections_max,
            threads: self.threads,
            snapshots,
            log_format: self.log.format,
            log_filter: self.log.filter,
        })
    }

    /// The election timeout in heartbeats.
    fn check_times(&self, wrong: &mut Violations) -> usize {
        if !HEARTBEAT_MS.contains(&self.heartbeat_ms) {
            let (first, last) = (HEARTBEAT_MS.start(), HEARTBEAT_MS.end());
            wrong.add("heartbeat_ms", format!("{} is not {first} to {last} ms", self.heartbeat_ms));
            return 0;
        }
        let ticks = usize::try_from(self.election_timeout_ms / self.heartbeat_ms).unwrap_or(usize::MAX);
        if !(3..=1_000).contains(&ticks) {
            wrong.add("election_timeout_ms", "an election timeout is 3 to 1000 heartbeats");
        }
        ticks
    }
}

impl SnapshotsFile {
    fn check(&self, wrong: &mut Violations) -> SnapshotLimits {
        let mut check = |key: &str, value: u64, allowed: RangeInclusive<u64>| {
            if !allowed.contains(&value) {
                let (first, last) = (allowed.start(), allowed.end());
                wrong.add(&format!("snapshots.{key}"), format!("{value} is not {first} to {last}"));
            }
        };
        check("entries", self.entries, SNAPSHOT_ENTRIES);
        check("megabytes", self.megabytes, SNAPSHOT_MEGABYTES);
        check("entries_kept", self.entries_kept, SNAPSHOT_ENTRIES_KEPT);
        let bytes = self.megabytes.saturating_mul(MEGABYTE);
        SnapshotLimits { entries: self.entries, bytes, entries_kept: self.entries_kept }
    }
}

/// Checks the list of members, and that this one is on it.
fn check_members(
    files: Vec<MemberFile>,
    member: MemberId,
    joins: bool,
    wrong: &mut Violations,
) -> Vec<MemberAddress> {
    let before = wrong.len();
    let members: Vec<MemberAddress> =
        files.into_iter().filter_map(|file| wrong.keep("members", file.check())).collect();
    if let Some((first, second)) = shared_address(&members) {
        wrong.add("members", format!("members {first} and {second} have the same address"));
    }
    // A list with a hole would be blamed for what it lacks.
    if wrong.len() == before {
        let voters = members.iter().map(|member| member.id).collect();
        let joins = joins.then(Membership::default);
        let config = allocd_replica::Config { joins, ..allocd_replica::Config::new(member, voters, 0) };
        wrong.keep("members", config.check());
    }
    members
}

/// Checks a bound that is said in the file against the most it may be.
fn check_bound(key: &str, bound: usize, bound_max: usize, wrong: &mut Violations) {
    if bound == 0 || bound > bound_max {
        wrong.add(key, format!("{bound} is not 1 to {bound_max}"));
    }
}

impl MemberFile {
    /// Checks that the address names a host and a port, as a client would have it.
    fn check(self) -> Result<MemberAddress, String> {
        let address = address(&self.address).map_err(|wrong| format!("of member {}: {wrong}", self.id))?;
        Ok(MemberAddress { id: MemberId::new(self.id), address })
    }
}

/// Two members that would be reached at the same place.
fn shared_address(members: &[MemberAddress]) -> Option<(MemberId, MemberId)> {
    let mut seen = BTreeMap::new();
    members.iter().find_map(|member| seen.insert(&member.address, member.id).map(|first| (first, member.id)))
}
