//! The cache as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use allocd_client::deadline::HolderTime;
use allocd_types::id::{ClusterId, Incarnation, LeaseId, Revision};
use allocd_types::name::{HostName, JailName};
use serde::{Deserialize, Serialize};

use super::lease_file::{LeaseFile, told};
use super::{Built, Cache, Progress};
use crate::config::Target;
use crate::lifetime::{Boot, End, Lifetimes};
use crate::sealed::{open, seal};

/// What it is kept under.
const NAME: &str = "cache";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CacheFile {
    host: String,
    cluster: Option<String>,
    incarnation: u64,
    revision: u64,
    is_fenced: bool,
    leases: Vec<LeaseFile>,
    jails: BTreeMap<String, BuiltFile>,
    #[serde(default)]
    lifetimes: LifetimesFile,
    #[serde(default)]
    ended: Vec<LeaseFile>,
    #[serde(default)]
    former: Vec<LeaseFile>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LifetimesFile {
    boot: Option<String>,
    ends: Vec<EndFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndFile {
    lease: u64,
    generation: String,
    /// By the clock of that boot.
    at_ms: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BuiltFile {
    target: Target,
    progress: ProgressFile,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ProgressFile {
    Building,
    Repairing,
    Built,
}

/// Writes a cache.
pub(super) fn text(cache: &Cache) -> String {
    let jails = cache.built.iter().map(|(jail, built)| {
        let progress = match built.progress {
            Progress::Building => ProgressFile::Building,
            Progress::Repairing => ProgressFile::Repairing,
            Progress::Built => ProgressFile::Built,
        };
        (jail.to_string(), BuiltFile { target: built.target, progress })
    });
    let file = CacheFile {
        host: cache.host.to_string(),
        cluster: cache.cluster.as_ref().map(ToString::to_string),
        incarnation: cache.incarnation.get(),
        revision: cache.revision.get(),
        is_fenced: cache.is_fenced,
        leases: cache.leases.values().map(LeaseFile::new).collect(),
        jails: jails.collect(),
        lifetimes: LifetimesFile::new(&cache.lifetimes),
        ended: cache.ended.values().map(LeaseFile::new).collect(),
        former: cache.former.values().map(LeaseFile::new).collect(),
    };
    seal(NAME, &file)
}

/// Reads a cache.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub(super) fn read(text: &str) -> Result<Cache, String> {
    let file: CacheFile = open(NAME, text)?;
    let mut cache = Cache::new(HostName::new(&file.host).map_err(told)?);
    cache.cluster = file.cluster.as_deref().map(ClusterId::new).transpose().map_err(told)?;
    cache.incarnation = Incarnation::new(file.incarnation);
    cache.revision = Revision::new(file.revision);
    cache.is_fenced = file.is_fenced;
    for lease in file.leases {
        let lease = lease.lease()?;
        cache.leases.insert(lease.id, lease);
    }
    for (jail, built) in file.jails {
        let progress = match built.progress {
            ProgressFile::Building => Progress::Building,
            ProgressFile::Repairing => Progress::Repairing,
            ProgressFile::Built => Progress::Built,
        };
        cache.built.insert(JailName::new(&jail).map_err(told)?, Built { target: built.target, progress });
    }
    cache.lifetimes = file.lifetimes.lifetimes()?;
    for lease in file.ended {
        let lease = lease.lease()?;
        cache.ended.insert(lease.id, lease);
    }
    for lease in file.former {
        let lease = lease.lease()?;
        cache.former.insert(lease.id, lease);
    }
    Ok(cache)
}

impl LifetimesFile {
    fn new(lifetimes: &Lifetimes) -> Self {
        let ends = lifetimes.ends.iter().map(|(lease, end)| EndFile {
            lease: lease.get(),
            generation: end.generation.to_string(),
            // Later than ever is late enough.
            at_ms: end.at.0.as_millis().try_into().unwrap_or(u64::MAX),
        });
        Self { boot: lifetimes.boot.as_ref().map(Boot::to_string), ends: ends.collect() }
    }

    fn lifetimes(self) -> Result<Lifetimes, String> {
        let mut lifetimes = Lifetimes { boot: self.boot.as_deref().map(Boot::new), ..Lifetimes::default() };
        for end in self.ends {
            let at = HolderTime(Duration::from_millis(end.at_ms));
            let generation = end.generation.parse().map_err(told)?;
            lifetimes.ends.insert(LeaseId::new(end.lease), End { generation, at });
        }
        Ok(lifetimes)
    }
}
