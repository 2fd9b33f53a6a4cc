//! The history is linearizable: the revision that comes with each answer is its witness.
//!
//! Operations in the order of their revisions must explain all answers, by a naive model of who has which lease; and that order
//! must be real: what was answered before an operation was asked for has no later revision than it.

use std::collections::{BTreeMap, BTreeSet};

use allocd_state::command::Command;
use allocd_state::response::Response;
use allocd_state::state::State;
use allocd_types::allocation::{AllocationSpec, Pins};
use allocd_types::grant::{Granted, Novelty};
use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;
use allocd_types::lease::Lease;
use allocd_types::rejection::Rejection;

use super::super::message::{Ask, Outcome};
use super::super::observation::Seen;
use super::super::values::{of_lease, of_record};
use super::super::wish::OPERATION_LABEL;
use super::list::Checker;
use super::model::Model;

/// What was asked and answered so far.
#[derive(Default)]
pub(super) struct History {
    model: Model,
    /// The highest revision that anybody was told of.
    answered: u64,
    /// What is asked for, and the highest revision that anybody was told of before.
    asked: BTreeMap<u64, (Ask, u64)>,
}

impl History {
    fn answer(&mut self, operation: u64, outcome: &Outcome) -> Result<(), String> {
        let (ask, floor) = self.asked.remove(&operation).ok_or("an answer that nobody asked for")?;
        let revision = match outcome {
            Outcome::Applied { revision, .. }
            | Outcome::Read { revision, .. }
            | Outcome::ReadHost { revision, .. } => *revision,
            Outcome::Unavailable { .. } => return Ok(()),
        };
        if revision < floor {
            return Err(format!(
                "operation {operation} is answered as of {revision}, after {floor} had been told"
            ));
        }
        if revision > self.model.revision() {
            return Err(format!(
                "operation {operation} is answered as of {revision}, which no member has told"
            ));
        }
        self.answered = self.answered.max(revision);
        match (&ask, outcome) {
            (Ask::Read(holder), Outcome::Read { lease, .. }) => {
                let (told, there) =
                    (lease.as_ref().map(|lease| lease.id), self.model.lease_of(holder, revision));
                if told != there {
                    return Err(format!(
                        "{holder} is said to have lease {told:?} at {revision}, and had {there:?}"
                    ));
                }
                lease.as_ref().map_or(Ok(()), |lease| self.is_as_granted(lease, revision))
            }
            (Ask::ReadHost(host), Outcome::ReadHost { leases, .. }) => {
                let told: BTreeSet<LeaseId> = leases.iter().map(|lease| lease.id).collect();
                let there = self.model.leases_on(host, revision);
                if told != there {
                    return Err(format!(
                        "{host} is said to have leases {told:?} at {revision}, and had {there:?}"
                    ));
                }
                leases.iter().try_for_each(|lease| self.is_as_granted(lease, revision))
            }
            (Ask::Do(command), Outcome::Applied { result, .. }) => match &**result {
                Ok(response) => self.yes(operation, revision, response),
                Err(rejection) => self.no(command, (floor, revision), rejection),
            },
            (Ask::Read(_) | Ask::ReadHost(_) | Ask::Do(_), _) => {
                Err(format!("operation {operation} got another's answer"))
            }
        }
    }

    fn yes(&self, operation: u64, revision: u64, response: &Response) -> Result<(), String> {
        match response {
            Response::Lease(Granted { lease, novelty }) => {
                let there = self.model.lease_of(&lease.holder, revision);
                if there != Some(lease.id) {
                    return Err(format!(
                        "lease {} was answered at {revision}, and {there:?} was there",
                        lease.id
                    ));
                }
                let label = operation.to_string();
                let is_its_own = lease.labels.get(OPERATION_LABEL) == Some(&label);
                if *novelty == Novelty::New && (!is_its_own || lease.generation.revision.get() != revision) {
                    return Err(format!(
                        "lease {} is not new at {revision}, as operation {operation} was told",
                        lease.id
                    ));
                }
                self.is_as_granted(lease, revision)
            }
            Response::Released { lease: Some(lease), is_awaited: false }
                if self.model.is_there(*lease, revision) =>
            {
                Err(format!("lease {lease} was said to be released at {revision}, and is there"))
            }
            Response::Released { .. }
            | Response::Declined(_)
            | Response::Reconciled(_)
            | Response::Done
            | Response::Network(_)
            | Response::Pool(_)
            | Response::Host(_)
            | Response::Reservation(_)
            | Response::Exclusion { .. }
            | Response::Batch(_)
            | Response::Imported(_)
            | Response::Recovery(_) => Ok(()),
        }
    }

    /// A lease has the values that it was granted with, or was given since.
    fn is_as_granted(&self, lease: &Lease, revision: u64) -> Result<(), String> {
        let granted = self.model.lease(lease.id, revision).map(of_record);
        if granted.as_ref() == Some(&of_lease(lease)) {
            return Ok(());
        }
        Err(format!(
            "lease {} was answered with {:?} and granted with {granted:?}",
            lease.id,
            of_lease(lease)
        ))
    }

    /// Whether the lease is on its way to the holder that asks for one.
    fn moves_to(&self, lease: LeaseId, revision: u64, spec: &AllocationSpec) -> bool {
        self.model.lease(lease, revision).is_some_and(|record| {
            let migration = record.migration.as_ref();
            let next =
                migration.map(|migration| Holder { host: migration.to.clone(), ..record.holder.clone() });
            next.as_ref() == Some(&spec.holder)
        })
    }

    /// A no may be remembered, so it has to be right at some revision since the operation was asked for.
    fn no(
        &self,
        command: &Command,
        (floor, revision): (u64, u64),
        rejection: &Rejection,
    ) -> Result<(), String> {
        if let (Command::Renew(_) | Command::Release(_), Rejection::Superseded { lease, .. }) =
            (command, rejection)
            && self.model.is_there(*lease, revision)
        {
            return Err(format!("lease {lease} was said to be superseded at {revision}, and is there"));
        }
        if let (Command::Allocate(spec), Rejection::HolderHasLease { lease, .. }) = (command, rejection)
            && !(floor..=revision).any(|at| {
                self.model.lease_of(&spec.holder, at) == Some(*lease) || self.moves_to(*lease, at, spec)
            })
        {
            return Err(format!("{} was said to have lease {lease}, and had not", spec.holder));
        }
        // Nobody pins a value but to have it taken over in recovery, and nobody uses a request id for two things.
        let is_adoption = matches!(command, Command::Allocate(spec) if spec.pins != Pins::none())
            || matches!(command, Command::AdoptLease(_));
        let is_impossible = if let Rejection::Taken { lease, .. } = rejection {
            if matches!(command, Command::ClearDecline(_)) {
                !(floor..=revision).any(|at| self.model.has_retired(*lease, at))
            } else {
                !is_adoption
            }
        } else {
            matches!(rejection, Rejection::Resting { .. } | Rejection::RequestIdReused { .. })
        };
        if is_impossible { Err(format!("{command:?} was refused: {rejection:?}")) } else { Ok(()) }
    }
}

impl Checker for History {
    fn name(&self) -> &'static str {
        "history"
    }

    /// What was asked of the former cluster is asked of the new one; what was answered is as if it had never been.
    fn begin_anew(&mut self, base: &State) {
        self.model = Model::since(base);
        self.answered = base.revision().get();
        self.asked.values_mut().for_each(|(_, floor)| *floor = 0);
    }

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        match seen {
            Seen::Events { revision, events, .. } => self.model.take(revision, events),
            Seen::Asked { operation, ask } => {
                self.asked.insert(operation, (ask.clone(), self.answered));
                Ok(())
            }
            Seen::Answered { operation, outcome } => self.answer(operation, outcome),
            Seen::Members { .. }
            | Seen::Vote { .. }
            | Seen::Committed { .. }
            | Seen::Role { .. }
            | Seen::Applied { .. }
            | Seen::Digest { .. }
            | Seen::Installed { .. }
            | Seen::State { .. }
            | Seen::Uses(_)
            | Seen::Stops { .. } => Ok(()),
        }
    }
}
