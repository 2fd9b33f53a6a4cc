//! What the agent's configuration and the leases want of a host.

use std::collections::{BTreeMap, BTreeSet};

use allocd_types::lease::{Lease, LeaseState};
use allocd_types::name::{JailName, NetworkName};
use freebsd_config::{DEVFS_RULESET_DEFAULT, Release, ezjail, jail_conf};

use super::fact::Fact;
use crate::config::{Config, Target};

/// A jail and a network that stand for those to come, where no lease names any.
const ANY: &str = "any";

/// What is wanted of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The devfs(8) rule sets that jails get.
    pub(super) rulesets: BTreeSet<u16>,
    /// Whether jails start from files that rc.d/jail reads.
    pub(super) has_jail_conf: bool,
    /// Whether jails start from ezjail's files.
    pub(super) has_ezjail: bool,
    /// The jails that rc.d/jail is to start at boot.
    pub(super) listed: BTreeSet<JailName>,
}

impl Default for Wanted {
    /// What is wanted of a host whose agent has no configuration.
    fn default() -> Self {
        Self {
            rulesets: BTreeSet::from([DEVFS_RULESET_DEFAULT]),
            has_jail_conf: true,
            has_ezjail: false,
            listed: BTreeSet::new(),
        }
    }
}

impl Wanted {
    /// What the configuration says of the jails with leases that stay; if there are none, of any jail.
    pub(super) fn of(config: &Config, leases: &[Lease]) -> Self {
        let mut wanted = Self {
            rulesets: BTreeSet::new(),
            has_jail_conf: false,
            has_ezjail: false,
            listed: BTreeSet::new(),
        };
        let mut jails: BTreeMap<JailName, Vec<&Lease>> = BTreeMap::new();
        for lease in leases.iter().filter(|lease| stays(lease)) {
            jails.entry(lease.holder.jail.clone()).or_default().push(lease);
        }
        if jails.is_empty() {
            let jail = JailName::new(ANY).expect("it is a name");
            let network = NetworkName::new(ANY).expect("it is a name");
            wanted.add(config, &jail, &network, true);
            wanted.listed.clear();
        }
        for (jail, mut leases) in jails {
            leases.sort_by(|a, b| a.holder.interface.cmp(&b.holder.interface));
            let is_permanent = leases.iter().all(|lease| lease.remaining.is_none());
            if let Some(first) = leases.first() {
                wanted.add(config, &jail, &first.network, is_permanent);
            }
        }
        wanted
    }

    /// Adds what one jail needs. A jail with a lease that ends by itself is in no file, whatever its target.
    fn add(&mut self, config: &Config, jail: &JailName, network: &NetworkName, is_permanent: bool) {
        // What no jail may be is told by check-config.
        let Ok(settings) = config.jails.resolve(jail, network) else { return };
        self.rulesets.extend(settings.profile.devfs_ruleset());
        match settings.target {
            Target::JailConf if is_permanent => {
                self.has_jail_conf = true;
                if settings.is_listed {
                    self.listed.insert(jail.clone());
                }
            }
            Target::Ezjail if is_permanent => self.has_ezjail = true,
            Target::JailConf | Target::Ezjail | Target::Direct => {}
        }
    }

    /// The directories into which jails' files are written; where rc.d/jail looks depends on the release.
    pub(super) fn directories(&self, release: &Fact<Release>) -> Vec<Fact<String>> {
        let any = JailName::new(ANY).expect("it is a name");
        let of =
            |path: String| path.rsplit_once('/').map_or(String::new(), |(directory, _)| directory.to_owned());
        let jail_conf = self
            .has_jail_conf
            .then(|| release.read(|release| Ok(of(jail_conf::target_path(&any, *release)))));
        let ezjail = self.has_ezjail.then(|| Fact::new("", Ok(of(ezjail::target_path(&any)))));
        jail_conf.into_iter().chain(ezjail).collect()
    }
}

/// False if the host is to take the lease's jail down.
fn stays(lease: &Lease) -> bool {
    match lease.state {
        LeaseState::Granted | LeaseState::Bound => lease.migration.is_none(),
        LeaseState::Releasing => false,
    }
}

#[cfg(test)]
mod tests;
