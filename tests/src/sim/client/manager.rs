//! Who manages hosts with agents: asks for leases, releases and moves them, drains hosts, and declares a host off whose power it has
//! cut. It vouches for that with what it has seen: the start of the agent that it means, and the generation of each lease.

use std::collections::BTreeMap;

use allocd_state::command::Command;
use allocd_state::response::Response;
use allocd_types::allocation::{LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::host::{FenceSpec, HostState};
use allocd_types::id::{Incarnation, LeaseId};
use allocd_types::lease::Lease;
use allocd_types::migration::{CancelMoveSpec, MoveSpec};
use allocd_types::name::{HostName, VrfName};
use allocd_types::value::Value;

use super::super::message::{Ask, Outcome};
use super::super::wish;
use super::{Boot, Out, Step};

/// How many jails there may be on each host.
const JAILS: u64 = 3;
/// How often something is asked of the leases of a host that was declared off, before it comes back.
const ROUNDS_OFF: u64 = 4;

/// The manager.
#[derive(Debug, Clone)]
pub(super) struct Manager {
    hosts: Vec<HostName>,
    /// How a host starts that was declared off.
    boot: Boot,
    /// What has still to be made, the first last.
    script: Vec<Command>,
    /// What it has read last of each host.
    told: BTreeMap<LeaseId, Lease>,
    outage: Option<Outage>,
}

/// A host whose power is cut.
#[derive(Debug, Clone, Copy)]
struct Outage {
    host: usize,
    stage: Stage,
}

/// How far an outage has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It is off, and nobody has been told.
    Off,
    /// It is off, and may have been declared so to a cluster that is lost: it has to be declared again.
    Untold,
    /// It is to be declared off: which start of its agent was the last is known.
    Seen(Incarnation),
    /// It was declared off; so many more things are done with what it has.
    Fenced(u64),
}

impl Manager {
    pub(super) fn new(hosts: Vec<HostName>, mut script: Vec<Command>, boot: Boot) -> Self {
        script.reverse();
        Self { hosts, boot, script, told: BTreeMap::new(), outage: None }
    }

    pub(super) fn choose(&mut self, chance: u64, operation: u64, step: &mut Step<'_>) -> Option<Ask> {
        if let Some(next) = self.script.last() {
            return Some(Ask::Do(next.clone()));
        }
        if let Some(outage) = self.outage {
            return self.go_on(outage, chance, step);
        }
        let host = usize::try_from(step.random.draw() % 2).expect("a place fits");
        let command = match chance {
            0..40 => {
                step.out.push(Out::PowerOff(host));
                self.outage = Some(Outage { host, stage: Stage::Off });
                return None;
            }
            40..250 => return Some(Ask::ReadHost(self.hosts[host].clone())),
            250..500 => {
                let jail = step.random.draw() % JAILS;
                let holder = format!("{}/k{jail}", self.hosts[host]).parse().expect("a holder");
                return Some(Ask::Do(wish::allocate_managed(&holder, operation)));
            }
            500..540 => Command::DrainHost(self.hosts[host].clone()),
            540..620 => Command::ActivateHost(self.hosts[host].clone()),
            620..660 => {
                let last = u8::try_from(step.random.between(1, 6)).expect("an octet fits");
                Command::ClearDecline(Value::Address(VrfName::unsaid(), [10, 0, 1, last].into()))
            }
            _ => self.about_a_lease(chance, step)?,
        };
        Some(Ask::Do(command))
    }

    /// Something about a lease that it has read of.
    fn about_a_lease(&self, chance: u64, step: &mut Step<'_>) -> Option<Command> {
        let leases: Vec<&Lease> = self.told.values().collect();
        if leases.is_empty() {
            return None;
        }
        let lease = *step.random.pick(&leases);
        let reference = LeaseRef::Id(lease.id);
        Some(match chance % 5 {
            0 | 1 => release(lease, Teardown::Awaited),
            2 | 3 => {
                let to = self.hosts.iter().find(|host| **host != lease.holder.host)?.clone();
                Command::MoveLease(MoveSpec { lease: reference, generation: Some(lease.generation), to })
            }
            _ => {
                let id = lease.migration.as_ref().map(|migration| migration.id);
                Command::CancelMove(CancelMoveSpec { lease: reference, id })
            }
        })
    }

    /// The next thing to do about a host that is off. It is switched on by its files only if nobody was told that it is off.
    fn go_on(&mut self, outage: Outage, chance: u64, step: &mut Step<'_>) -> Option<Ask> {
        let Outage { host, stage } = outage;
        let name = self.hosts[host].clone();
        match stage {
            Stage::Off if chance < 300 => {
                self.outage = None;
                step.out.push(Out::PowerOn(host, Boot::Alone));
                None
            }
            // The answer says which start of its agent was the last.
            Stage::Off | Stage::Untold => Some(Ask::Do(Command::ActivateHost(name))),
            Stage::Seen(incarnation) => {
                let incarnation = Some(incarnation);
                Some(Ask::Do(Command::FenceHost(FenceSpec { host: name, incarnation })))
            }
            Stage::Fenced(0) => {
                self.outage = None;
                step.out.push(Out::PowerOn(host, self.boot));
                None
            }
            Stage::Fenced(left) => {
                self.outage = Some(Outage { host, stage: Stage::Fenced(left - 1) });
                let there: Vec<&Lease> =
                    self.told.values().filter(|lease| lease.holder.host == name).collect();
                if there.is_empty() || chance < 300 {
                    return Some(Ask::ReadHost(name));
                }
                let lease = *step.random.pick(&there);
                if chance < 600 {
                    return Some(Ask::Do(release(lease, Teardown::Stated)));
                }
                let to = self.hosts.iter().find(|host| **host != name)?.clone();
                let (lease, generation) = (LeaseRef::Id(lease.id), Some(lease.generation));
                Some(Ask::Do(Command::MoveLease(MoveSpec { lease, generation, to })))
            }
        }
    }

    /// The cluster is lost, and what was said to it may be too.
    pub(super) fn begin_anew(&mut self) {
        self.told.clear();
        if let Some(Outage { stage, .. }) = &mut self.outage
            && *stage != Stage::Off
        {
            *stage = Stage::Untold;
        }
    }

    pub(super) fn take(&mut self, ask: &Ask, outcome: &Outcome) {
        match (ask, outcome) {
            (Ask::ReadHost(host), Outcome::ReadHost { leases, .. }) => {
                self.told.retain(|_, lease| lease.holder.host != *host);
                self.told.extend(leases.iter().map(|lease| (lease.id, lease.clone())));
            }
            (Ask::Do(command), Outcome::Applied { result, .. }) if self.script.last() == Some(command) => {
                self.script.pop_if(|_| result.is_ok());
            }
            (Ask::Do(command), Outcome::Applied { result, .. }) => {
                if let Some(Outage { host, stage }) = self.outage {
                    let stage = next(stage, command, result.as_ref().as_ref().ok());
                    self.outage = Some(Outage { host, stage });
                }
            }
            _ => {}
        }
    }
}

/// How far an outage has come once a command about it was answered.
fn next(stage: Stage, command: &Command, yes: Option<&Response>) -> Stage {
    match (stage, command, yes) {
        (Stage::Off | Stage::Untold, Command::ActivateHost(_), Some(Response::Host(host)))
            if host.state != HostState::Fenced =>
        {
            Stage::Seen(host.incarnation)
        }
        // It was declared off before, and has not come back since.
        (Stage::Off | Stage::Untold, Command::ActivateHost(_), _)
        | (Stage::Seen(_), Command::FenceHost(_), Some(_)) => Stage::Fenced(ROUNDS_OFF),
        // Another start of its agent was the last.
        (Stage::Seen(_), Command::FenceHost(_), None) => Stage::Untold,
        (Stage::Off | Stage::Untold | Stage::Seen(_) | Stage::Fenced(_), _, _) => stage,
    }
}

fn release(lease: &Lease, teardown: Teardown) -> Command {
    Command::Release(ReleaseSpec {
        lease: LeaseRef::Id(lease.id),
        generation: Some(lease.generation),
        missing: MissingResource::Allow,
        teardown,
    })
}
