//! A cluster in memory: the rules of binding and confirming, and nothing else.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use allocd_types::reason::Reason;

use super::*;

/// A cluster. A clone is the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeCluster(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    leases: BTreeMap<LeaseId, Lease>,
    is_away: bool,
    is_fenced: bool,
    incarnation: Incarnation,
    /// What was said, in order.
    said: Vec<String>,
    registration: Option<HostRegistration>,
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
        self.0.borrow_mut().leases.insert(lease.id, lease);
    }

    /// Changes a lease; its generation becomes the next.
    pub(crate) fn change(&self, lease: LeaseId, change: impl FnOnce(&mut Lease)) {
        let mut state = self.0.borrow_mut();
        let lease = state.leases.get_mut(&lease).unwrap();
        change(lease);
        lease.generation.revision = lease.generation.revision.next();
    }

    pub(crate) fn forget(&self, lease: LeaseId) {
        self.0.borrow_mut().leases.remove(&lease);
    }

    pub(crate) fn go_away(&self, is_away: bool) {
        self.0.borrow_mut().is_away = is_away;
    }

    pub(crate) fn fence(&self) {
        self.0.borrow_mut().is_fenced = true;
    }

    pub(crate) fn is_fenced(&self) -> bool {
        self.0.borrow().is_fenced
    }

    /// What was said to it, and forgets it.
    pub(crate) fn take_said(&self) -> Vec<String> {
        std::mem::take(&mut self.0.borrow_mut().said)
    }

    pub(crate) fn lease(&self, lease: LeaseId) -> Option<Lease> {
        self.0.borrow().leases.get(&lease).cloned()
    }

    pub(crate) fn registration(&self) -> Option<HostRegistration> {
        self.0.borrow().registration.clone()
    }

    /// The state, if it is to be reached.
    fn ask(&self) -> Result<std::cell::RefMut<'_, State>, Refusal> {
        let state = self.0.borrow_mut();
        if state.is_away { Err(Refusal::Away("it is away".to_owned())) } else { Ok(state) }
    }
}

fn no(reason: Reason) -> Refusal {
    Refusal::No(Box::new(Problem::new(reason, "no")))
}

impl State {
    fn at(&mut self, at: LeaseAt) -> Result<&mut Lease, Refusal> {
        if self.is_fenced {
            return Err(no(Reason::HostFenced));
        }
        assert!(self.incarnation != Incarnation::default(), "nobody speaks before it has registered");
        let lease = self.leases.get_mut(&at.lease).ok_or_else(|| no(Reason::LeaseNotFound))?;
        if lease.generation == at.generation { Ok(lease) } else { Err(no(Reason::Fenced)) }
    }
}

impl Cluster for FakeCluster {
    fn leases(&mut self) -> Result<Told, Refusal> {
        let state = self.ask()?;
        let host = if state.is_fenced { HostState::Fenced } else { HostState::Active };
        Ok(Told { revision: Revision::new(1), state: host, leases: state.leases.values().cloned().collect() })
    }

    fn register(&mut self, registration: HostRegistration) -> Result<Registered, Refusal> {
        let mut state = self.ask()?;
        state.incarnation = Incarnation::new(state.incarnation.get() + 1);
        state.registration = Some(registration);
        Ok(Registered { incarnation: state.incarnation })
    }

    fn bind(&mut self, at: LeaseAt) -> Result<Lease, Refusal> {
        let mut state = self.ask()?;
        let lease = state.at(at)?;
        assert_eq!(lease.state, allocd_types::lease::LeaseState::Granted, "what is bound is not bound again");
        lease.state = allocd_types::lease::LeaseState::Bound;
        lease.is_delivered = true;
        let lease = lease.clone();
        state.said.push(format!("bind {}", at.lease.resource_name()));
        Ok(lease)
    }

    fn confirm(&mut self, at: LeaseAt) -> Result<(), Refusal> {
        let mut state = self.ask()?;
        let lease = state.at(at)?;
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
        if state.is_fenced && leases.is_empty() {
            state.is_fenced = false;
            state.leases.clear();
        }
        let is_fenced = state.is_fenced;
        let (keep, destroy) =
            leases.into_iter().partition(|lease| !is_fenced && state.leases.contains_key(lease));
        Ok(Reconciliation { keep, destroy, ..Reconciliation::default() })
    }
}
