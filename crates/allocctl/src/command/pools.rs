//! Pools of MAC addresses and units, and how full every pool is.

use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::limits::LINK_QUARANTINE_SECONDS_DEFAULT;
use allocd_types::mac::MacBlock;
use allocd_types::name::PoolName;
use allocd_types::pool::{IndexScope, PoolSpec, PoolValues};
use allocd_types::request::Deletion;
use allocd_types::time::Span;
use allocd_types::usage::Thresholds;
use clap::{Args, Subcommand, ValueEnum};

use super::{Delete, missing, told_gone};
use crate::failure::Failure;
use crate::input;
use crate::session::{Change, Session};

/// Lists pools, or does what the verb says.
#[derive(Debug, Args)]
pub(crate) struct Pools {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show one pool.
    Get(Get),
    /// Make a pool.
    Create(Create),
    /// Change what is said of a pool; everything else stays.
    Update(Update),
    /// Delete a pool that nothing uses.
    Delete(Delete<PoolName>),
    /// Show how full every pool is: of MACs, of units, of addresses.
    Usage,
}

#[derive(Debug, Args)]
struct Get {
    /// Its name.
    name: PoolName,
}

#[derive(Debug, Args)]
struct Create {
    /// Its name: a lower-case letter, then lower-case letters, digits and hyphens.
    name: PoolName,
    /// A pool of MAC addresses, with these blocks, such as 12:34:56:00:00:00/24. No block said: the cluster draws one.
    #[arg(long, num_args = 0.., value_name = "BLOCK", required_unless_present = "index", conflicts_with = "index")]
    mac: Option<Vec<MacBlock>>,
    /// A pool of the units of this kind of interface: epair, tap, ngeth or tun.
    #[arg(long, value_name = "KIND")]
    index: Option<InterfaceKind>,
    #[command(flatten)]
    units: Units,
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    change: Change,
}

#[derive(Debug, Args)]
struct Update {
    /// Its name.
    name: PoolName,
    /// Add these blocks of MAC addresses.
    #[arg(long, num_args = 1.., value_name = "BLOCK")]
    mac: Vec<MacBlock>,
    /// Take these blocks of MAC addresses away.
    #[arg(long, num_args = 1.., value_name = "BLOCK")]
    remove_mac: Vec<MacBlock>,
    #[command(flatten)]
    units: Units,
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    change: Change,
}

/// Which units.
#[derive(Debug, Args)]
struct Units {
    /// The first unit to hand out [default for a new one: 0].
    #[arg(long, value_name = "UNIT")]
    first: Option<UnitIndex>,
    /// The last unit to hand out [default for a new one: 32767, the kernel's last].
    #[arg(long, value_name = "UNIT")]
    last: Option<UnitIndex>,
    /// Where a unit is unique [default for a new one: host].
    #[arg(long, value_enum, value_name = "SCOPE")]
    scope: Option<Scope>,
}

/// Where a unit is unique.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scope {
    /// On its host, as the kernel needs it.
    Host,
    /// In the whole cluster, as people like to read it.
    Cluster,
}

/// What may be said of a new pool and of one that is there.
#[derive(Debug, Args)]
struct Flags {
    /// How long its values rest before they are handed out again [default for a new one: 5m].
    #[arg(long, value_parser = input::span, value_name = "TIME")]
    quarantine: Option<Span>,
    #[command(flatten)]
    levels: Levels,
    /// A note on it; may be given several times, and replaces those that are there.
    #[arg(long, value_parser = input::pair, value_name = "KEY=VALUE")]
    label: Vec<(String, String)>,
}

/// From which use on a pool is worth a word.
#[derive(Debug, Args)]
pub(crate) struct Levels {
    /// The share of use that is worth a warning, in percent [default for a new one: 80].
    #[arg(long, value_name = "PERCENT")]
    warning_percent: Option<u8>,
    /// The share of use that is worth an alarm, in percent [default for a new one: 95].
    #[arg(long, value_name = "PERCENT")]
    critical_percent: Option<u8>,
}

impl Levels {
    /// Puts what is said on the thresholds.
    pub(crate) fn put_on(&self, thresholds: &mut Thresholds) {
        thresholds.warning_percent = self.warning_percent.unwrap_or(thresholds.warning_percent);
        thresholds.critical_percent = self.critical_percent.unwrap_or(thresholds.critical_percent);
    }
}

pub(crate) async fn run(session: &Session, pools: Pools) -> Result<(), Failure> {
    match pools.verb {
        None => session.output.list(&session.client.all_pools().await?.value),
        Some(Verb::Usage) => session.output.list(&session.client.all_usages().await?.value),
        Some(Verb::Get(get)) => session.output.one(&session.client.get_pool(get.name).await?.value),
        Some(Verb::Create(create)) => {
            let (client, effect) = session.change(&create.change);
            session.output.one(&client.create_pool(create.spec()?, effect).await?.value)
        }
        Some(Verb::Update(update)) => {
            let (client, effect) = session.change(&update.change);
            let before = session.client.get_pool(update.name.clone()).await?.value;
            session.output.one(&client.update_pool(update.spec(before)?, effect).await?.value)
        }
        Some(Verb::Delete(Delete { name, allow_missing, change })) => {
            let (client, effect) = session.change(&change);
            let missing = missing(allow_missing);
            let deletion = Deletion { name: name.clone(), missing };
            let answer = client.delete_pool(deletion, effect).await?;
            told_gone(session, ("pool", name.as_str()), (missing, effect), &answer)
        }
    }
}

impl Create {
    fn spec(self) -> Result<PoolSpec, Failure> {
        let values = match (self.mac, self.index) {
            (Some(blocks), _) => {
                self.units.refuse("a pool of MAC addresses")?;
                PoolValues::Mac { blocks }
            }
            (None, Some(kind)) => PoolValues::Index {
                kind,
                first: self.units.first.unwrap_or(UnitIndex::FIRST),
                last: self.units.last.unwrap_or(UnitIndex::LAST),
                scope: self.units.scope.map_or(IndexScope::Host, IndexScope::from),
            },
            (None, None) => return Err(Failure::input("say what is in the pool: --mac or --index KIND")),
        };
        let mut spec = PoolSpec {
            name: self.name,
            values,
            quarantine: Span::from_seconds(LINK_QUARANTINE_SECONDS_DEFAULT),
            thresholds: Thresholds::default(),
            labels: Labels::default(),
        };
        self.flags.put_on(&mut spec)?;
        Ok(spec)
    }
}

impl Update {
    fn spec(self, mut spec: PoolSpec) -> Result<PoolSpec, Failure> {
        match &mut spec.values {
            PoolValues::Mac { blocks } => {
                self.units.refuse("a pool of MAC addresses")?;
                blocks.retain(|block| !self.remove_mac.contains(block));
                let new: Vec<MacBlock> =
                    self.mac.into_iter().filter(|block| !blocks.contains(block)).collect();
                blocks.extend(new);
            }
            PoolValues::Index { first, last, scope, .. } => {
                if self.units.scope.is_some_and(|wanted| IndexScope::from(wanted) != *scope) {
                    let name = &spec.name;
                    return Err(Failure::input(format!(
                        "the scope of pool {name} cannot be changed: delete it and make it anew"
                    )));
                }
                if !self.mac.is_empty() || !self.remove_mac.is_empty() {
                    return Err(Failure::input("a pool of units has no MAC addresses"));
                }
                *first = self.units.first.unwrap_or(*first);
                *last = self.units.last.unwrap_or(*last);
            }
        }
        self.flags.put_on(&mut spec)?;
        Ok(spec)
    }
}

impl Units {
    fn refuse(&self, what: &str) -> Result<(), Failure> {
        if self.first.is_some() || self.last.is_some() || self.scope.is_some() {
            return Err(Failure::input(format!(
                "--first, --last and --scope are for units, and this is {what}"
            )));
        }
        Ok(())
    }
}

impl Flags {
    fn put_on(self, spec: &mut PoolSpec) -> Result<(), Failure> {
        spec.quarantine = self.quarantine.unwrap_or(spec.quarantine);
        self.levels.put_on(&mut spec.thresholds);
        if !self.label.is_empty() {
            spec.labels = input::labels(&self.label)?;
        }
        Ok(())
    }
}

impl From<Scope> for IndexScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Host => Self::Host,
            Scope::Cluster => Self::Cluster,
        }
    }
}
