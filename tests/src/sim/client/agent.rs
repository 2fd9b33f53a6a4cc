//! A host with an agent, as design §7 has it: it takes a lease up before it uses its values, stops before it confirms, tells what is
//! left, and comes back from a fence by tearing down. Its jails and files go on without their agent, which may start again at any time
//! and knows nothing then; power may be cut as well. A cluster that was lost and begins anew hears what lives.
//!
//! Somebody removes a jail by hand now and then, root and all: it is lost until the root is back, and then taken up anew. An
//! inventory that nobody answered may be heard at any time: the agent speaks as another start of itself from then on.

use std::collections::{BTreeMap, BTreeSet};

use allocd_state::command::Command;
use allocd_state::response::Response;
use allocd_types::agent::{Adoption, AgentRef, AgentReport, Inventory, LeaseAt, Reconciliation};
use allocd_types::allocation::LeaseRef;
use allocd_types::decline::{DeclineSpec, Evidence, EvidenceSource, LeasePart};
use allocd_types::host::{HostRegistration, HostState, HostUuid, SeenOnHost};
use allocd_types::id::{Generation, Incarnation, LeaseId};
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::name::HostName;
use allocd_types::rejection::Rejection;

use super::super::fault::agent::AgentFault;
use super::super::message::{Ask, Outcome};
use super::super::observation::Use;
use super::super::random::Random;
use super::super::values::of_lease;
use super::{Boot, Out, Step};

/// The host and its agent.
#[derive(Debug, Clone)]
pub(super) struct Agent {
    host: HostName,
    fault: AgentFault,
    /// What is on the host: jails with their files, as they were built.
    built: BTreeMap<LeaseId, Lease>,
    /// What of it was not told when the cluster was read last.
    untold: BTreeSet<LeaseId>,
    /// Jails that cannot be built, for their roots are gone.
    rootless: BTreeSet<LeaseId>,
    /// What an older start of the agent is about to tell, that was not killed.
    ghost: Option<Inventory>,
    power: Power,
    /// True of a host that was declared off, from when it is switched on until its agent has heard from the cluster, though its power
    /// is cut in between.
    has_to_ask: bool,
    // What follows is the agent's own, and gone when it starts again.
    incarnation: Option<Incarnation>,
    /// What the cluster said last that the host has.
    told: Option<BTreeMap<LeaseId, Lease>>,
    /// Of which nothing is left.
    to_confirm: Vec<LeaseAt>,
    /// What it has confirmed last: it may be heard again at any time.
    confirmed: Option<LeaseAt>,
    /// Of which a cluster that began anew wants to hear.
    to_adopt: Vec<LeaseId>,
    /// True once the cluster said that the host was declared off.
    is_fenced: bool,
}

/// Whether the host runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    On,
    Off,
    /// It runs, and its jails wait for its agent to hear from the cluster.
    Waiting,
}

impl Agent {
    pub(super) const fn new(host: HostName, fault: AgentFault) -> Self {
        Self {
            host,
            fault,
            built: BTreeMap::new(),
            rootless: BTreeSet::new(),
            power: Power::On,
            has_to_ask: false,
            incarnation: None,
            told: None,
            untold: BTreeSet::new(),
            ghost: None,
            to_confirm: Vec::new(),
            confirmed: None,
            to_adopt: Vec::new(),
            is_fenced: false,
        }
    }

    pub(super) const fn host(&self) -> &HostName {
        &self.host
    }

    pub(super) fn power_off(&mut self) -> Vec<LeaseId> {
        self.ghost = None;
        self.forget();
        let ran = std::mem::replace(&mut self.power, Power::Off);
        if ran == Power::On { self.built.keys().copied().collect() } else { Vec::new() }
    }

    pub(super) fn power_on(&mut self, boot: Boot) -> Vec<Use> {
        self.has_to_ask |= boot == Boot::AfterAsking;
        if self.has_to_ask {
            self.power = Power::Waiting;
            return Vec::new();
        }
        self.power = Power::On;
        self.built.values().map(usage).collect()
    }

    /// The agent starts again.
    fn forget(&mut self) {
        self.incarnation = None;
        self.told = None;
        self.to_confirm.clear();
        self.confirmed = None;
        self.to_adopt.clear();
        self.is_fenced = false;
    }

    pub(super) fn choose(&mut self, chance: u64, step: &mut Step<'_>) -> Option<Ask> {
        if self.power == Power::Off {
            return None;
        }
        if chance < 30 {
            self.start_again();
        }
        let Some(incarnation) = self.incarnation else { return Some(Ask::Do(self.register())) };
        let agent = AgentRef { host: self.host.clone(), incarnation };
        if self.is_fenced || chance < 130 {
            let leases = self.built.keys().copied().filter(|lease| self.tells_of(*lease)).collect();
            return Some(Ask::Do(Command::ReconcileHost(Inventory { agent, leases })));
        }
        if let Some(ghost) = self.ghost.take_if(|_| (330..400).contains(&chance)) {
            return Some(Ask::Do(Command::ReconcileHost(ghost)));
        }
        let Some(told) = &self.told else { return Some(Ask::ReadHost(self.host.clone())) };
        if let Some(living) = self.to_adopt.pop().and_then(|lease| self.newest(lease)) {
            return Some(Ask::Do(Command::AdoptLease(Adoption::of(agent, living))));
        }
        if let (400..470, Some(lease)) = (chance, self.confirmed) {
            return Some(Ask::Do(Command::ConfirmTeardown(AgentReport { agent, lease })));
        }
        if let Some(lease) = self.to_confirm.pop() {
            self.confirmed = Some(lease);
            return Some(Ask::Do(Command::ConfirmTeardown(AgentReport { agent, lease })));
        }
        let is_new = |lease: &&Lease| {
            is_to_run(lease)
                && !self.rootless.contains(&lease.id)
                && self.built.get(&lease.id).is_none_or(|built| built.generation != lease.generation)
        };
        if let Some(lease) = told.values().find(is_new).cloned() {
            let skips_bind = self.fault == AgentFault::UsesLost && lease.state == LeaseState::Bound;
            if self.fault == AgentFault::UsesUnbound || skips_bind {
                step.out.push(Out::Uses(usage(&lease)));
                self.built.insert(lease.id, lease.clone());
            }
            if skips_bind {
                return None;
            }
            let lease = at(&lease);
            return Some(Ask::Do(Command::BindLease(AgentReport { agent, lease })));
        }
        let running: Vec<&Lease> = self.built.values().collect();
        if chance < 180 && !running.is_empty() {
            let lease = *step.random.pick(&running);
            return Some(Ask::Do(decline(lease, step.random.draw())));
        }
        if let (180..250, Some(lost)) = (chance, running.first().map(|lease| lease.id)) {
            // Somebody has removed a jail by hand.
            self.tear_down(lost, step);
            self.rootless.insert(lost);
        }
        if let 250..280 = chance {
            // Somebody has put back what was removed.
            self.rootless.clear();
        }
        self.told = None;
        Some(Ask::ReadHost(self.host.clone()))
    }

    /// Every other inventory and confirmation is told in a hurry: what has to be done meanwhile does not wait for the answer.
    pub(super) const fn is_hasty(&self, ask: &Ask, random: &mut Random) -> bool {
        let may_be = matches!(ask, Ask::Do(Command::ReconcileHost(_) | Command::ConfirmTeardown(_)));
        may_be && !self.is_fenced && random.in_a_thousand(500)
    }

    /// The agent starts beside the one that there was, which has something to tell yet.
    fn start_again(&mut self) {
        if let Some(incarnation) = self.incarnation {
            let agent = AgentRef { host: self.host.clone(), incarnation };
            self.ghost = Some(Inventory { agent, leases: self.built.keys().copied().collect() });
        }
        self.forget();
    }

    /// Whether it is the agent that speaks, and not an older start of it.
    fn is_own(&self, ask: &Ask) -> bool {
        !matches!(ask, Ask::Do(Command::ReconcileHost(inventory))
            if Some(inventory.agent.incarnation) != self.incarnation)
    }

    /// Nobody knows whether what was asked for will be done.
    pub(super) fn gave_up(&mut self, ask: &Ask) {
        if !self.is_own(ask) {
            return;
        }
        if let Ask::Do(Command::ReconcileHost(_)) = ask {
            self.incarnation = None;
        }
        // What has become of the lease is to be read first: it may be this host's again.
        if let Ask::Do(Command::ConfirmTeardown(_)) = ask {
            self.told = None;
        }
    }

    fn register(&self) -> Command {
        // A host's number is the last character of its name.
        let number = self.host.as_str().chars().last().expect("a name has a last character");
        let uuid =
            HostUuid::new(&format!("4c4c4544-0050-3510-8052-b4c04f4a4e3{number}")).expect("a hostuuid");
        let (host, seen) = (self.host.clone(), SeenOnHost::default());
        Command::RegisterHost(HostRegistration { host, uuid, release: None, seen })
    }

    pub(super) fn take(&mut self, ask: &Ask, outcome: &Outcome, step: &mut Step<'_>) {
        if !self.is_own(ask) {
            return;
        }
        match (ask, outcome) {
            (_, Outcome::ReadHost { leases, .. }) => self.look(leases, step),
            (Ask::Do(command), Outcome::Applied { result, .. }) => match &**result {
                Ok(response) => self.yes(command, response, step),
                Err(rejection) => self.no(rejection, step),
            },
            _ => {}
        }
    }

    /// What is there and should not be so is torn down; what is to be confirmed is noted.
    fn look(&mut self, leases: &[Lease], step: &mut Step<'_>) {
        let told: BTreeMap<LeaseId, Lease> = leases.iter().map(|lease| (lease.id, lease.clone())).collect();
        // Of what the cluster does not tell, or not for certain, it says itself whether it is to go.
        let is_right = |built: &Lease| {
            told.get(&built.id).is_none_or(|lease| {
                lease.is_unconfirmed || (is_to_run(lease) && of_lease(lease) == of_lease(built))
            })
        };
        let wrong = self.built.values().filter(|built| !is_right(built)).map(|built| built.id);
        // One that does it in the wrong order tears down what it has read to be gone, no sooner.
        let is_put_off =
            |id: &LeaseId| self.fault == AgentFault::ConfirmsFirst && told.get(id).is_some_and(is_to_go);
        let now: Vec<LeaseId> = wrong.filter(|id| !is_put_off(id)).collect();
        now.into_iter().for_each(|lease| self.tear_down(lease, step));
        let is_to_go = |lease: &&Lease| is_to_go(lease) && !lease.is_unconfirmed;
        self.to_confirm = told.values().filter(is_to_go).map(at).collect();
        self.untold = self.built.keys().filter(|lease| !told.contains_key(lease)).copied().collect();
        self.told = Some(told);
    }

    fn yes(&mut self, command: &Command, response: &Response, step: &mut Step<'_>) {
        if let Response::Host(host) = response {
            self.incarnation = Some(host.incarnation);
            self.told = None;
            self.is_fenced = host.state == HostState::Fenced;
            if self.is_fenced {
                self.tear_all_down(step);
            }
            if self.power == Power::Waiting {
                self.power = Power::On;
                self.has_to_ask = false;
                step.out.extend(self.built.values().map(usage).map(Out::Uses));
            }
        }
        if let (Command::BindLease(_), Response::Lease(granted)) = (command, response) {
            let lease = &granted.lease;
            // A repeat is answered with the lease as it is now.
            if lease.state == LeaseState::Bound && is_to_run(lease) && lease.holder.host == self.host {
                self.built.insert(lease.id, lease.clone());
                step.out.push(Out::Uses(usage(lease)));
            } else {
                self.told = None;
            }
        }
        if let Response::Reconciled(found) = response {
            self.reconciled(found, step);
        }
        if let (Command::AdoptLease(_), Response::Lease(granted)) = (command, response) {
            let lease = &granted.lease;
            let is_as_it_lives =
                self.built.get(&lease.id).is_some_and(|built| of_lease(built) == of_lease(lease));
            if is_as_it_lives && lease.state == LeaseState::Bound && is_to_run(lease) {
                self.built.insert(lease.id, lease.clone());
            }
            self.told = None;
        }
        if let (Command::ConfirmTeardown(_) | Command::DeclineLease(_), _) = (command, response) {
            self.told = None;
        }
    }

    fn no(&mut self, rejection: &Rejection, step: &mut Step<'_>) {
        self.told = None;
        self.to_confirm.clear();
        if let Rejection::StaleIncarnation { .. } = rejection {
            self.incarnation = None;
        }
        if let Rejection::HostFenced { .. } = rejection {
            self.is_fenced = true;
            self.tear_all_down(step);
        }
    }

    /// Nobody's leases go; one that confirms first does nothing before that.
    fn reconciled(&mut self, found: &Reconciliation, step: &mut Step<'_>) {
        self.is_fenced = false;
        self.told = None;
        self.to_adopt.clone_from(&found.adopt);
        let is_here = |lease: &&LeaseId| self.built.contains_key(lease);
        let gone: Vec<LeaseId> = found.destroy.iter().filter(is_here).copied().collect();
        if self.fault != AgentFault::ConfirmsFirst {
            gone.into_iter().for_each(|lease| self.tear_down(lease, step));
        }
    }

    /// Whether an inventory has the lease.
    fn tells_of(&self, lease: LeaseId) -> bool {
        self.fault != AgentFault::TellsWhatItIsTold || !self.untold.contains(&lease)
    }

    /// What is known of a lease that lives here: what was told of it, or what was built, whichever is later.
    fn newest(&self, lease: LeaseId) -> Option<&Lease> {
        let (built, told) = (self.built.get(&lease)?, self.told.as_ref()?.get(&lease));
        Some(told.filter(|told| told.generation >= built.generation).unwrap_or(built))
    }

    fn tear_down(&mut self, lease: LeaseId, step: &mut Step<'_>) {
        self.built.remove(&lease);
        if self.power == Power::On {
            step.out.push(Out::Stops(lease));
        }
    }

    fn tear_all_down(&mut self, step: &mut Step<'_>) {
        let all: Vec<LeaseId> = self.built.keys().copied().collect();
        all.into_iter().for_each(|lease| self.tear_down(lease, step));
    }
}

/// Whether the lease is to run on its host.
fn is_to_run(lease: &Lease) -> bool {
    !is_to_go(lease) && !lease.is_unconfirmed
}

/// Whether nothing of the lease is to be left on its host.
fn is_to_go(lease: &Lease) -> bool {
    lease.state == LeaseState::Releasing || lease.migration.is_some()
}

fn at(lease: &Lease) -> LeaseAt {
    LeaseAt { lease: lease.id, generation: lease.generation }
}

fn usage(lease: &Lease) -> Use {
    Use { holder: lease.holder.clone(), lease: lease.id, values: of_lease(lease), due_at: None }
}

fn decline(lease: &Lease, draw: u64) -> Command {
    let part = match (draw % 3, lease.addresses.first()) {
        (0, _) => LeasePart::Macs,
        (1, Some(leased)) => LeasePart::Address(leased.address),
        _ => LeasePart::Index,
    };
    let evidence = Evidence::new(EvidenceSource::Arp, "arp: somebody is using my IP address", None);
    let generation: Generation = lease.generation;
    Command::DeclineLease(DeclineSpec { lease: LeaseRef::Id(lease.id), generation, part, evidence })
}
