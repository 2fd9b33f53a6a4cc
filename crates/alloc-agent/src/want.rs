//! What is to be on this host: its leases, put together jail by jail, with what the configuration says of each.
//!
//! A lease has to be bound before anything is done with its values, and nothing is ever done with an unconfirmed one. That a lease
//! is not among those that were told says nothing: what is left of it goes only if the cluster has said so.
//!
//! A lease that ends by itself is used as long as it is in time and somebody watches over that, and never gets into a file, which
//! would start by itself. One that is over and not told any more is taken down like one that was given back.

use std::collections::{BTreeMap, BTreeSet};

use allocd_client::deadline::HolderTime;
use allocd_types::id::{Generation, LeaseId};
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::name::JailName;
use freebsd_config::{BuildSteps, JailInterfaces, LinkSteps, Release, RenderError, ezjail, jail_conf};

use crate::config::{JailSettings, Layers, Target};
use crate::lifetime::Lifetimes;

/// What is to be done with a lease's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// They are this host's to use.
    Use,
    /// They are to be given up here, and that is to be confirmed.
    TearDown,
}

/// What the host's word counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It counts.
    Good,
    /// It was declared off: everything is to go before it counts again.
    Fenced,
}

impl Purpose {
    /// What a lease that is on this host is for.
    pub(crate) const fn of(lease: &Lease) -> Self {
        match (lease.state, &lease.migration) {
            (LeaseState::Releasing, _) | (_, Some(_)) => Self::TearDown,
            (LeaseState::Granted | LeaseState::Bound, None) => Self::Use,
        }
    }
}

/// Everything that is to be on this host.
#[derive(Debug, Clone, Default)]
pub(crate) struct DesiredHost {
    pub(crate) jails: BTreeMap<JailName, DesiredJail>,
    /// Leases that are told and of which it cannot be said what is to be built.
    pub(crate) refused: BTreeSet<LeaseId>,
    /// Leases that the cluster says are nobody's here: what still carries their mark may go.
    pub(crate) condemned: BTreeSet<LeaseId>,
    /// True if the cluster told the leases just now, and not the cache.
    pub(crate) is_told: bool,
}

/// What is to be with one jail.
#[derive(Debug, Clone)]
pub(crate) struct DesiredJail {
    pub(crate) build: Build,
    /// What its leases to give up are for.
    pub(crate) torn: Vec<Torn>,
    /// Its leases that cannot be used yet.
    pub(crate) waiting: Vec<Waiting>,
}

/// What is to be built.
#[derive(Debug, Clone)]
pub(crate) enum Build {
    /// Nothing.
    Nothing,
    /// Whatever it is, it is not this pass's business.
    Later,
    /// The jail with these interfaces.
    Jail(Box<WantedJail>),
    /// It cannot be said what.
    Refused(String),
}

/// A jail that is to be there.
#[derive(Debug, Clone)]
pub(crate) struct WantedJail {
    pub(crate) settings: JailSettings,
    pub(crate) leases: BTreeSet<LeaseId>,
    pub(crate) steps: BuildSteps,
    /// Its file; none if it is built without.
    pub(crate) file: Option<WantedFile>,
}

/// A file that is to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A lease that is to be given up.
#[derive(Debug, Clone)]
pub(crate) struct Torn {
    pub(crate) lease: LeaseId,
    pub(crate) generation: Generation,
    /// What the jail was like; none if it cannot be said, and then there is nothing of it.
    pub(crate) was: Option<(JailSettings, BuildSteps)>,
}

/// A lease that cannot be used yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) lease: LeaseId,
    pub(crate) why: Wait,
}

/// Why a lease waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The cluster is in recovery, and it may be somebody else's.
    Unconfirmed,
    /// The cluster has not been told that this host uses it.
    Unbound,
    /// It ends by itself, and nobody watches over that.
    Unwatched,
    /// It ends by itself, and is over as far as this host knows.
    Over,
    /// The lease that its interface had before is not down yet.
    Predecessor,
}

/// What leases with a lifetime go by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times<'a> {
    pub(crate) now: HolderTime,
    pub(crate) lifetimes: &'a Lifetimes,
    /// Those that are not told any more, and of which something may be left.
    pub(crate) ended: &'a BTreeMap<LeaseId, Lease>,
    /// True if the watchdog runs.
    pub(crate) is_watched: bool,
}

impl DesiredHost {
    /// Puts the leases together.
    pub(crate) fn new(
        leases: &[Lease],
        standing: Standing,
        times: Times<'_>,
        (layers, release): (&Layers, Release),
    ) -> Self {
        let mut grouped: BTreeMap<JailName, Vec<&Lease>> = BTreeMap::new();
        // Whose time is not over yet may be used by whoever made it until then.
        let over = times.ended.values().filter(|lease| !times.lifetimes.is_in_time(lease, times.now));
        for lease in leases.iter().chain(over) {
            grouped.entry(lease.holder.jail.clone()).or_default().push(lease);
        }
        let jails = grouped.into_iter().map(|(jail, mut leases)| {
            leases.sort_by(|one, other| one.holder.interface.cmp(&other.holder.interface));
            let desired = DesiredJail::new(&jail, &leases, (standing, times), (layers, release));
            (jail, desired)
        });
        let jails: BTreeMap<JailName, DesiredJail> = jails.collect();
        let is_refused = |lease: &&Lease| {
            jails.get(&lease.holder.jail).is_some_and(|jail| matches!(jail.build, Build::Refused(_)))
        };
        let refused = leases.iter().filter(is_refused).map(|lease| lease.id).collect();
        Self { jails, refused, condemned: BTreeSet::new(), is_told: false }
    }
}

impl DesiredHost {
    /// Leaves every start to rc.d/jail, and jails without a file to later.
    pub(crate) fn leave_starts_to_rc(&mut self) {
        for desired in self.jails.values_mut() {
            match &mut desired.build {
                Build::Jail(wanted) if wanted.settings.target == Target::Direct => {
                    desired.build = Build::Later;
                }
                Build::Jail(wanted) => wanted.settings.is_started = false,
                Build::Nothing | Build::Later | Build::Refused(_) => {}
            }
        }
    }
}

impl DesiredJail {
    fn new(
        jail: &JailName,
        leases: &[&Lease],
        (standing, times): (Standing, Times<'_>),
        (layers, release): (&Layers, Release),
    ) -> Self {
        let mut desired = Self { build: Build::Nothing, torn: Vec::new(), waiting: Vec::new() };
        let mut kept = Vec::new();
        for lease in leases {
            let wait = |why| Waiting { lease: lease.id, why };
            let purpose = match standing {
                _ if times.ended.contains_key(&lease.id) => Purpose::TearDown,
                Standing::Good => Purpose::of(lease),
                Standing::Fenced => Purpose::TearDown,
            };
            match (purpose, lease.state) {
                _ if lease.is_unconfirmed => desired.waiting.push(wait(Wait::Unconfirmed)),
                (Purpose::TearDown, _) => desired.torn.push(Torn::new(lease, layers, release)),
                (Purpose::Use, LeaseState::Bound) => match times.reason_to_wait(lease, leases) {
                    None => kept.push((*lease).clone()),
                    Some(why) => desired.waiting.push(wait(why)),
                },
                (Purpose::Use, LeaseState::Granted | LeaseState::Releasing) => {
                    desired.waiting.push(wait(Wait::Unbound));
                }
            }
        }
        if let Some(first) = kept.first() {
            desired.build = match layers.resolve(jail, &first.network) {
                Ok(settings) => build(kept, settings, release),
                Err(wrong) => Build::Refused(format!("the configuration does not fit it: {wrong}")),
            };
        }
        desired
    }
}

impl Times<'_> {
    /// Why a lease that is bound cannot be used now, if it cannot; the others are all of its jail.
    fn reason_to_wait(&self, lease: &Lease, others: &[&Lease]) -> Option<Wait> {
        let is_predecessor =
            |other: &&&Lease| self.ended.contains_key(&other.id) && other.holder == lease.holder;
        if others.iter().any(|other| is_predecessor(&other)) {
            return Some(Wait::Predecessor);
        }
        let is_permanent = lease.remaining.is_none();
        match (self.lifetimes.is_in_time(lease, self.now), self.is_watched) {
            _ if is_permanent => None,
            (_, false) => Some(Wait::Unwatched),
            (false, true) => Some(Wait::Over),
            (true, true) => None,
        }
    }
}

/// The settings of a jail with these leases: with one that ends by itself there is no file, which would start by itself.
fn without_file(settings: JailSettings, leases: &[Lease]) -> JailSettings {
    let target =
        if leases.iter().any(|lease| lease.remaining.is_some()) { Target::Direct } else { settings.target };
    JailSettings { target, ..settings }
}

/// The jail of these leases, of which there is at least one.
fn build(leases: Vec<Lease>, settings: JailSettings, release: Release) -> Build {
    let settings = without_file(settings, &leases);
    let interfaces = match JailInterfaces::new(leases) {
        Ok(interfaces) => interfaces,
        Err(error) => return refused(&error),
    };
    let steps = BuildSteps::new(&interfaces, &settings.profile, release.family());
    let ends = |link: &&LinkSteps| {
        let lease = interfaces.leases().iter().find(|lease| lease.id == link.lease);
        lease.is_some_and(|lease| lease.remaining.is_some())
    };
    if let Some(link) = steps.links.iter().filter(ends).find(|link| !stays_on_host(link)) {
        return Build::Refused(format!(
            "{} ends by itself, and the jail has all of its {}: only what has an end on the host can be taken down there",
            link.lease.resource_name(),
            link.kind
        ));
    }
    let file = match settings.target {
        Target::JailConf => jail_conf::render(&interfaces, &settings.profile, release)
            .map(|text| Some(WantedFile { path: jail_conf::target_path(interfaces.jail(), release), text })),
        Target::Ezjail => ezjail::render(&interfaces, &settings.profile, release)
            .map(|text| Some(WantedFile { path: ezjail::target_path(interfaces.jail()), text })),
        Target::Direct if steps.links.is_empty() => {
            return Build::Refused(
                "a jail without an interface of its own cannot be built directly: its target has to be jail.conf or ezjail"
                    .to_owned(),
            );
        }
        Target::Direct => Ok(None),
    };
    match file {
        Ok(file) => {
            let leases = interfaces.leases().iter().map(|lease| lease.id).collect();
            Build::Jail(Box::new(WantedJail { settings, leases, steps, file }))
        }
        Err(error) => refused(&error),
    }
}

/// True of a link of which an end is on the host whatever the jail does.
const fn stays_on_host(link: &LinkSteps) -> bool {
    match link.made.len() {
        0 => false,
        1 => link.moved.is_none(),
        _ => true,
    }
}

fn refused(error: &RenderError) -> Build {
    Build::Refused(error.to_string())
}

impl Torn {
    fn new(lease: &Lease, layers: &Layers, release: Release) -> Self {
        let settings = layers.resolve(&lease.holder.jail, &lease.network).ok();
        let settings = settings.map(|settings| without_file(settings, std::slice::from_ref(lease)));
        // What cannot be built has nothing to give up.
        let interfaces = JailInterfaces::new(vec![lease.clone()]).ok();
        let was = settings.zip(interfaces).map(|(settings, interfaces)| {
            let steps = BuildSteps::new(&interfaces, &settings.profile, release.family());
            (settings, steps)
        });
        Self { lease: lease.id, generation: lease.generation, was }
    }

    /// Its interface; none if it has addresses only.
    pub(crate) fn link(&self) -> Option<&LinkSteps> {
        self.was.as_ref().and_then(|(_, steps)| steps.links.first())
    }
}
