//! A cluster in memory: the rules of binding and confirming, and nothing else.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use allocd_types::allocation::LeaseRef;
use allocd_types::decline::{Evidence, Kept, LeasePart};
use allocd_types::lease::{LeaseState, Suspicion};
use allocd_types::mac::{Mac, Macs};
use allocd_types::reason::Reason;
use allocd_types::time::Span;

use super::*;

/// A cluster. A clone is the same one; each agent has a clone of its own, which knows its incarnation.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeCluster {
    state: Rc<RefCell<State>>,
    /// The incarnation that this agent got.
    own: Incarnation,
}

#[derive(Debug, Default)]
struct State {
    leases: BTreeMap<LeaseId, Lease>,
    is_away: bool,
    is_host_unknown: bool,
    is_fenced: bool,
    /// Why it exchanges nothing, if it does not.
    kept: Option<Kept>,
    /// What was seen of the conflict that was told last.
    evidence: Option<Evidence>,
    incarnation: Incarnation,
    /// What the last inventory did without, whether it was heard or not.
    missed: Vec<LeaseId>,
    /// True if inventories get no answer.
    is_inventory_lost: bool,
    /// How long leases last that are renewed.
    lifetime: Option<Span>,
    /// What was said, in order.
    said: Vec<String>,
    registration: Option<HostRegistration>,
    is_deaf: bool,
    /// What the last heartbeat said.
    heartbeat: Option<PassCounts>,
    /// True once it has begun anew from a backup.
    is_in_recovery: bool,
}

impl FakeCluster {
    /// A cluster that tells of these leases.
    pub(crate) fn with(leases: impl IntoIterator<Item = Lease>) -> Self {
        let new = Self::default();
        leases.into_iter().for_each(|lease| new.put(lease));
        new
    }

    /// Has a lease be as it is.
    pub(crate) fn put(&self, lease: Lease) {
        self.state.borrow_mut().leases.insert(lease.id, lease);
    }

    /// Changes a lease; its generation becomes the next.
    pub(crate) fn change(&self, lease: LeaseId, change: impl FnOnce(&mut Lease)) {
        let mut state = self.state.borrow_mut();
        let lease = state.leases.get_mut(&lease).unwrap();
        change(lease);
        lease.generation.revision = lease.generation.revision.next();
    }

    /// Begins anew with what a backup has.
    pub(crate) fn restore(&self, backup: impl IntoIterator<Item = Lease>) {
        let mut state = self.state.borrow_mut();
        state.leases =
            backup.into_iter().map(|lease| (lease.id, Lease { is_unconfirmed: true, ..lease })).collect();
        state.is_in_recovery = true;
        state.incarnation = Incarnation::default();
    }

    pub(crate) fn forget(&self, lease: LeaseId) {
        self.state.borrow_mut().leases.remove(&lease);
    }

    pub(crate) fn go_away(&self, is_away: bool) {
        self.state.borrow_mut().is_away = is_away;
    }

    /// Has the cluster not know the host.
    pub(crate) fn refuse_host(&self, is_unknown: bool) {
        self.state.borrow_mut().is_host_unknown = is_unknown;
    }

    /// Has leases that are renewed last so long.
    pub(crate) fn renew_for(&self, lifetime: Span) {
        self.state.borrow_mut().lifetime = Some(lifetime);
    }

    pub(crate) fn fence(&self) {
        self.state.borrow_mut().is_fenced = true;
    }

    /// Has it leave every value with its lease that is declined from now on, or none.
    pub(crate) fn keep(&self, kept: Option<Kept>) {
        self.state.borrow_mut().kept = kept;
    }

    /// What was seen of the conflict that was told last.
    pub(crate) fn evidence(&self) -> Option<Evidence> {
        self.state.borrow().evidence.clone()
    }

    pub(crate) fn is_fenced(&self) -> bool {
        self.state.borrow().is_fenced
    }

    /// What was said to it, and forgets it.
    pub(crate) fn take_said(&self) -> Vec<String> {
        std::mem::take(&mut self.state.borrow_mut().said)
    }

    pub(crate) fn lease(&self, lease: LeaseId) -> Option<Lease> {
        self.state.borrow().leases.get(&lease).cloned()
    }

    pub(crate) fn registration(&self) -> Option<HostRegistration> {
        self.state.borrow().registration.clone()
    }

    /// Has the cluster take no heartbeat.
    pub(crate) fn refuse_heartbeats(&self) {
        self.state.borrow_mut().is_deaf = true;
    }

    /// Has inventories get no answer from now on, or one again.
    pub(crate) fn lose_inventories(&self, are_lost: bool) {
        self.state.borrow_mut().is_inventory_lost = are_lost;
    }

    /// Which start of the agent speaks.
    pub(crate) fn incarnation(&self) -> Incarnation {
        self.state.borrow().incarnation
    }

    pub(crate) fn heartbeat(&self) -> Option<PassCounts> {
        self.state.borrow().heartbeat
    }

    /// The state, if it is to be reached.
    fn ask(&self) -> Result<std::cell::RefMut<'_, State>, Refusal> {
        let state = self.state.borrow_mut();
        if state.is_away { Err(Refusal::Away("it is away".to_owned())) } else { Ok(state) }
    }
}

fn no(reason: Reason) -> Refusal {
    Refusal::No(Box::new(Problem::new(reason, "no")))
}

impl State {
    /// What was in use and is not in an inventory is suspect, and what is in it is not.
    fn miss(&mut self, there: &[LeaseId]) {
        self.missed = self.leases.keys().copied().filter(|lease| !there.contains(lease)).collect();
        let is_heard = !self.is_inventory_lost;
        for lease in self.leases.values_mut().filter(|_| is_heard) {
            let is_lost = lease.state == LeaseState::Bound && !there.contains(&lease.id);
            lease.suspicion = is_lost.then(Suspicion::default);
        }
    }

    fn check(&self, own: Incarnation) -> Result<(), Refusal> {
        assert!(own != Incarnation::default(), "nobody speaks before it has registered");
        if own == self.incarnation { Ok(()) } else { Err(no(Reason::StaleIncarnation)) }
    }

    fn at(&mut self, at: LeaseAt, own: Incarnation) -> Result<&mut Lease, Refusal> {
        self.check(own)?;
        if self.is_fenced {
            return Err(no(Reason::HostFenced));
        }
        let lease = self.leases.get_mut(&at.lease).ok_or_else(|| no(Reason::LeaseNotFound))?;
        if lease.generation == at.generation { Ok(lease) } else { Err(no(Reason::Fenced)) }
    }
}

/// Gives a lease another value: sixteen further on.
fn replace(lease: &mut Lease, part: LeasePart) {
    match part {
        LeasePart::Index => panic!("no agent declines a unit"),
        LeasePart::Macs => {
            let further = |mac: Mac| Mac::from_bits(mac.bits() + 16);
            let mut macs = lease.macs.iter().map(further);
            lease.macs = Macs::pair(macs.next().unwrap(), macs.next().unwrap()).unwrap();
        }
        LeasePart::Address(declined) => {
            for leased in lease.addresses.iter_mut().filter(|leased| leased.address == declined) {
                leased.address = match declined {
                    IpAddr::V4(address) => Ipv4Addr::from(u32::from(address) + 16).into(),
                    IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) + 16).into(),
                };
            }
        }
    }
}

impl Cluster for FakeCluster {
    fn leases(&mut self) -> Result<Told, Refusal> {
        let state = self.ask()?;
        if state.is_host_unknown {
            return Err(no(Reason::HostNotFound));
        }
        let host = if state.is_fenced { HostState::Fenced } else { HostState::Active };
        Ok(Told { revision: Revision::new(1), state: host, leases: state.leases.values().cloned().collect() })
    }

    fn register(&mut self, registration: HostRegistration) -> Result<Registered, Refusal> {
        let mut state = self.ask()?;
        state.incarnation = Incarnation::new(state.incarnation.get() + 1);
        state.registration = Some(registration);
        let incarnation = state.incarnation;
        drop(state);
        self.own = incarnation;
        Ok(Registered { incarnation })
    }

    fn bind(&mut self, at: LeaseAt) -> Result<Lease, Refusal> {
        let mut state = self.ask()?;
        let was_missed = state.missed.contains(&at.lease);
        let lease = state.at(at, self.own)?;
        assert!(lease.state == LeaseState::Granted || was_missed, "what is bound is not bound again");
        lease.suspicion = None;
        lease.state = LeaseState::Bound;
        lease.is_delivered = true;
        let lease = lease.clone();
        state.said.push(format!("bind {}", at.lease.resource_name()));
        Ok(lease)
    }

    fn renew(&mut self, leases: &[LeaseAt]) -> Vec<Result<Lease, Refusal>> {
        let own = self.own;
        let one = |at: &LeaseAt| {
            let mut state = self.ask()?;
            let lifetime = state.lifetime;
            let lease = state.at(*at, own)?;
            lease.remaining = lifetime;
            Ok(lease.clone())
        };
        let answers = leases.iter().map(one).collect();
        if let Ok(mut state) = self.ask() {
            state.said.push(format!("renew {}", leases.len()));
        }
        answers
    }

    fn decline(&mut self, spec: DeclineSpec) -> Result<Declined, Refusal> {
        let mut state = self.ask()?;
        let LeaseRef::Id(lease) = spec.lease else { panic!("an agent knows its leases by their ids") };
        state.said.push(format!("decline {} {}", lease.resource_name(), spec.part));
        state.evidence = Some(spec.evidence);
        let kept = state.kept;
        let lease = state.at(LeaseAt { lease, generation: spec.generation }, self.own)?;
        if kept.is_none() {
            replace(lease, spec.part);
            lease.state = LeaseState::Granted;
            lease.generation.revision = lease.generation.revision.next();
        }
        Ok(Declined { lease: lease.clone(), kept })
    }

    fn adopt(&mut self, leases: &[Lease]) -> Vec<Result<Lease, Refusal>> {
        let own = self.own;
        let one = |lease: &Lease| {
            let mut state = self.ask()?;
            state.check(own)?;
            state.said.push(format!("adopt {} {}", lease.id.resource_name(), lease.generation));
            if state.leases.get(&lease.id).is_some_and(|known| known.generation > lease.generation) {
                return Err(no(Reason::Fenced));
            }
            let mut adopted = Lease { state: LeaseState::Bound, is_unconfirmed: false, ..lease.clone() };
            adopted.generation.timeline += 1;
            state.leases.insert(lease.id, adopted.clone());
            Ok(adopted)
        };
        leases.iter().map(one).collect()
    }

    fn confirm(&mut self, at: LeaseAt) -> Result<(), Refusal> {
        let mut state = self.ask()?;
        let lease = state.at(at, self.own)?;
        assert!(
            crate::want::Purpose::of(lease) == crate::want::Purpose::TearDown,
            "nobody asked for the teardown of {at:?}"
        );
        state.leases.remove(&at.lease);
        state.said.push(format!("confirm {}", at.lease.resource_name()));
        Ok(())
    }

    fn reconcile(&mut self, leases: Vec<LeaseId>) -> Result<Reconciliation, Refusal> {
        let mut state = self.ask()?;
        state.check(self.own)?;
        state.miss(&leases);
        if state.is_inventory_lost {
            return Err(Refusal::Away("nobody answers".to_owned()));
        }
        if state.is_fenced && leases.is_empty() {
            state.is_fenced = false;
            state.leases.clear();
        }
        let is_fenced = state.is_fenced;
        let is_known = |lease: &LeaseId| state.leases.get(lease).is_some_and(|lease| !lease.is_unconfirmed);
        let (keep, other) = leases.into_iter().partition(|lease| !is_fenced && is_known(lease));
        Ok(if state.is_in_recovery {
            Reconciliation { keep, adopt: other, ..Reconciliation::default() }
        } else {
            Reconciliation { keep, destroy: other, ..Reconciliation::default() }
        })
    }

    fn heartbeat(&mut self, pass: PassCounts) -> Result<(), Refusal> {
        let mut state = self.ask()?;
        state.check(self.own)?;
        if state.is_deaf {
            return Err(no(Reason::Internal));
        }
        state.heartbeat = Some(pass);
        Ok(())
    }
}
