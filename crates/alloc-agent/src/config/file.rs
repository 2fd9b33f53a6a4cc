//! The keys of the configuration file, with their defaults and bounds.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use allocd_client::endpoint::Endpoint;
use allocd_types::name::{HostName, JailName, NetworkName};
use allocd_types::violation::Violations;
use serde::Deserialize;

use super::layer::{Layer, LayerFile, Layers};
use super::{Config, Policy};
use crate::logging;

/// How long a question may take: much less than half of what members remember requests for.
const TIMEOUT_SECONDS: RangeInclusive<u64> = 1..=60;
/// How often the agent may look by itself.
const INTERVAL_SECONDS: RangeInclusive<u64> = 5..=3_600;
/// Into how many jails each pass may look.
const INSIDE_PER_PASS: RangeInclusive<u64> = 0..=1_000;
/// How long boot may wait.
const WAIT_SECONDS: RangeInclusive<u64> = 0..=300;
/// How many destructive steps a pass may be allowed.
const DESTRUCTIVE: RangeInclusive<u64> = 0..=100_000;

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    host: String,
    endpoints: Vec<String>,
    #[serde(default = "timeout_seconds")]
    timeout_seconds: u64,
    #[serde(default = "state_dir")]
    state_dir: PathBuf,
    #[serde(default = "interval_seconds")]
    interval_seconds: u64,
    #[serde(default = "inside_per_pass")]
    inside_per_pass: u64,
    #[serde(default)]
    boot: BootFile,
    #[serde(default)]
    policy: PolicyFile,
    #[serde(default)]
    jails: LayerFile,
    #[serde(default)]
    network: BTreeMap<String, LayerFile>,
    #[serde(default)]
    jail: BTreeMap<String, LayerFile>,
    #[serde(default)]
    log: LogFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct BootFile {
    wait_seconds: u64,
}

impl Default for BootFile {
    fn default() -> Self {
        Self { wait_seconds: 10 }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PolicyFile {
    destructive_max: u64,
    repair: bool,
    decline: bool,
    probe: bool,
    rc_conf: bool,
}

impl Default for PolicyFile {
    fn default() -> Self {
        Self { destructive_max: 3, repair: true, decline: true, probe: true, rc_conf: true }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LogFile {
    format: LogFormat,
    filter: String,
}

impl Default for LogFile {
    fn default() -> Self {
        Self { format: LogFormat::default(), filter: "info".to_owned() }
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

const fn timeout_seconds() -> u64 {
    5
}

fn state_dir() -> PathBuf {
    PathBuf::from("/var/db/alloc-agent")
}

const fn interval_seconds() -> u64 {
    60
}

const fn inside_per_pass() -> u64 {
    1
}

impl ConfigFile {
    /// Checks what the types do not; everything that is wrong is said at once.
    pub(super) fn check(self) -> Result<Config, Violations> {
        let mut wrong = Violations::default();
        let host = wrong.keep("host", HostName::new(&self.host));
        let endpoints: Vec<Endpoint> =
            self.endpoints.iter().filter_map(|text| wrong.keep("endpoints", text.parse())).collect();
        if self.endpoints.is_empty() {
            wrong.add("endpoints", "name at least one member, such as 127.0.0.1:7421");
        }
        if !self.state_dir.is_absolute() {
            wrong.add("state_dir", format!("{:?} is no absolute path", self.state_dir));
        }
        check(&mut wrong, "timeout_seconds", self.timeout_seconds, TIMEOUT_SECONDS);
        check(&mut wrong, "interval_seconds", self.interval_seconds, INTERVAL_SECONDS);
        check(&mut wrong, "inside_per_pass", self.inside_per_pass, INSIDE_PER_PASS);
        check(&mut wrong, "boot.wait_seconds", self.boot.wait_seconds, WAIT_SECONDS);
        check(&mut wrong, "policy.destructive_max", self.policy.destructive_max, DESTRUCTIVE);
        let jails = Layers {
            host: self.jails.check("jails", &mut wrong),
            networks: check_layers("network", self.network, NetworkName::new, &mut wrong),
            jails: check_layers("jail", self.jail, JailName::new, &mut wrong),
        };
        jails.check(&mut wrong);
        wrong.keep("log.filter", logging::filter(&self.log.filter));
        let policy = Policy {
            destructive_max: usize::try_from(self.policy.destructive_max).unwrap_or(usize::MAX),
            repairs: self.policy.repair,
            declines: self.policy.decline,
            probes: self.policy.probe,
            keeps_rc_conf: self.policy.rc_conf,
            inside_per_pass: usize::try_from(self.inside_per_pass).unwrap_or(usize::MAX),
        };
        wrong.finish(host).map(|host| Config {
            host,
            endpoints,
            timeout: Duration::from_secs(self.timeout_seconds),
            state_dir: self.state_dir,
            interval: Duration::from_secs(self.interval_seconds),
            boot_wait: Duration::from_secs(self.boot.wait_seconds),
            policy,
            jails,
            log_format: self.log.format,
            log_filter: self.log.filter,
        })
    }
}

fn check(wrong: &mut Violations, key: &str, value: u64, allowed: RangeInclusive<u64>) {
    if !allowed.contains(&value) {
        wrong.add(key, format!("{value} is not {} to {}", allowed.start(), allowed.end()));
    }
}

/// Checks the layers of one table, each by its name.
fn check_layers<N: Ord, E: std::fmt::Display>(
    table: &str,
    files: BTreeMap<String, LayerFile>,
    name: impl Fn(&str) -> Result<N, E>,
    wrong: &mut Violations,
) -> BTreeMap<N, Layer> {
    let mut layers = BTreeMap::new();
    for (key, file) in files {
        let place = format!("{table}.{key}");
        let layer = file.check(&place, wrong);
        if let Some(name) = wrong.keep(&place, name(&key)) {
            layers.insert(name, layer);
        }
    }
    layers
}
