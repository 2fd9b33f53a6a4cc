//! Recovery: what a machine that comes from a backup remembers until the operator has vouched for every host.
//!
//! A new timeline begins far beyond the numbers that the former one can have reached, so that no lease's number, generation or
//! watch position of the lost hours ever means something else. Leases of the former timeline are held, and neither prolonged nor
//! freed nor told of; values are granted only where their holder names all of them (it has them already), or where the operator
//! has said that the former timeline never came.
//!
//! Hosts with agents vouch for themselves: each tells everything that is on it, and what the leases are of which there is anything. A
//! lease keeps the number by which its host knows it. The later of two words about a lease counts, by the former timeline's
//! generations; and what a host lives with counts more than what the backup has for a host that has nothing of it.

use allocd_types::id::{Generation, Incarnation, LeaseId, Revision};
use allocd_types::kind::InterfaceKind;
use allocd_types::limits::LINK_QUARANTINE_SECONDS_DEFAULT;
use allocd_types::name::HostName;
use allocd_types::recovery::{OpenRecovery, RecoveryStatus, UnconfirmedHost};
use allocd_types::rejection::Rejection;
use allocd_types::time::{ClusterTime, Span};
use imbl::{OrdMap, OrdSet};

use crate::event::SpaceRef;
use crate::machine::Machine;
use crate::memory::RequestMemory;
use crate::record::LeaseRecord;
use crate::state::{Allocations, HostEntry, State};

/// How far the numbers of a new timeline lie beyond the backup's: no cluster makes as many changes or leases in a year.
const NUMBERS_SKIPPED: u64 = 1_000_000_000_000;

/// How many starts of its agent a host is taken to have had in the lost hours, at most.
const STARTS_SKIPPED: u64 = 1_000_000;

/// The last start of any agent that may have been of a former timeline: who speaks as one of those is not heard.
pub(crate) fn last_former_start(timeline: u32) -> Incarnation {
    Incarnation::new(u64::from(timeline.saturating_sub(1)) * STARTS_SKIPPED)
}

/// What is remembered of an unfinished recovery.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recovery {
    /// The hosts that nobody has vouched for.
    pub unconfirmed: OrdSet<HostName>,
    /// It does not end before: what was freed after the backup, and what a host had until just now, rests at least so long.
    pub ends_no_earlier: ClusterTime,
    /// The spaces that hand out already.
    pub open: OrdSet<SpaceRef>,
    /// The first number of a lease of this timeline.
    pub first_lease: LeaseId,
    /// The leases that were taken over, each with the generation at which its host had it.
    pub adopted: OrdMap<LeaseId, Generation>,
    /// Leases of the former timeline of which their host has nothing: whoever lives with their values may have them.
    pub absent: OrdSet<LeaseId>,
}

impl Machine {
    /// The machine of a new timeline, in recovery.
    #[must_use]
    pub fn restored(self) -> Self {
        let (state, memory) = self.into_parts();
        let State { now, revision, mut allocations } = state;
        allocations.timeline += 1;
        allocations.next_lease = LeaseId::new(allocations.next_lease.get().saturating_add(NUMBERS_SKIPPED));
        allocations.lease_deadlines.clear();
        forget_agents(&mut allocations);
        allocations.forget_suspects();
        allocations.recovery = Some(Recovery {
            unconfirmed: allocations.hosts.keys().cloned().collect(),
            ends_no_earlier: now.after(longest_quarantine(&allocations)),
            open: OrdSet::new(),
            first_lease: allocations.next_lease,
            adopted: OrdMap::new(),
            absent: OrdSet::new(),
        });
        let revision = Revision::new(revision.get().saturating_add(NUMBERS_SKIPPED));
        // What was answered in the former timeline may not be so any more.
        let memory = RequestMemory::beginning_at(memory.next_number());
        Self::of_parts(State { now, revision, allocations }, memory)
    }
}

/// Every agent has to say anew who it is: what it says as it was known before may be of a process that has long been replaced.
fn forget_agents(all: &mut Allocations) {
    let is_known = |host: &HostEntry| host.incarnation != Incarnation::default();
    let known: Vec<HostName> =
        all.hosts.iter().filter(|(_, host)| is_known(host)).map(|(name, _)| name.clone()).collect();
    let nobody = last_former_start(all.timeline);
    for name in known {
        if let Some(host) = all.host_mut(&name) {
            host.incarnation = nobody;
        }
    }
}

/// Until when values rest that were in use until now, whatever they are.
pub(crate) fn all_rested(state: &State) -> ClusterTime {
    state.now.after(longest_quarantine(&state.allocations))
}

fn longest_quarantine(all: &Allocations) -> Span {
    let pools = all.pools.values().map(|pool| pool.spec.quarantine);
    let networks = all.networks.values().map(|network| network.spec.quarantine);
    // Units of a kind without a pool of its own rest as long as nobody has said otherwise.
    let unsaid = InterfaceKind::ALL
        .into_iter()
        .filter(|kind| kind.has_index() && !all.index_pools.contains_key(kind))
        .map(|_| Span::from_seconds(LINK_QUARANTINE_SECONDS_DEFAULT));
    pools.chain(networks).chain(unsaid).fold(Span::ZERO, Span::max)
}

impl Allocations {
    /// What a host had lost by the time of the backup it may have found since: its inventories tell.
    fn forget_suspects(&mut self) {
        self.suspect_deadlines.clear();
        let names: Vec<HostName> = self.hosts.keys().cloned().collect();
        for name in names {
            if let Some(host) = self.host_mut(&name) {
                host.suspects.clear();
            }
        }
    }

    /// True of a lease of a former timeline while it is not known whether it still is one.
    pub(crate) fn is_unconfirmed(&self, record: &LeaseRecord) -> bool {
        self.recovery.is_some() && record.generation.timeline < self.timeline
    }
}

impl State {
    /// How far the cluster has come with its recovery.
    #[must_use]
    pub fn recovery_status(&self) -> RecoveryStatus {
        let all = &self.allocations;
        let open = all.recovery.as_ref().map(|recovery| OpenRecovery {
            hosts: recovery
                .unconfirmed
                .iter()
                .filter_map(|name| {
                    let leases = u32::try_from(all.hosts.get(name)?.holders.len()).unwrap_or(u32::MAX);
                    Some(UnconfirmedHost { name: name.clone(), leases })
                })
                .collect(),
            rests_for: self.now.until(recovery.ends_no_earlier),
            open_pools: recovery.open.iter().filter_map(|space| all.pool_ref(space)).collect(),
        });
        RecoveryStatus { timeline: all.timeline, open }
    }

    /// What is said to whoever has to wait for the end of recovery.
    pub(crate) fn recovering(&self, recovery: &Recovery) -> Rejection {
        Rejection::Recovering {
            hosts: u64::try_from(recovery.unconfirmed.len()).unwrap_or(u64::MAX),
            rests_for: self.now.until(recovery.ends_no_earlier),
        }
    }
}
