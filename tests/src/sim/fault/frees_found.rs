//! Members that free a suspect although its host has found it again: nothing that the host says of it comes into the log.

use allocd_state::command::Command;
use allocd_state::response::Response;
use allocd_state::state::State;
use allocd_types::agent::AgentReport;
use allocd_types::grant::{Granted, Novelty};
use allocd_types::id::LeaseId;
use allocd_types::lease::Lease;

use super::super::message::{Ask, Outcome, Request};
use super::door::Door;

/// The door of such members.
pub(super) struct FreesFound;

impl Door for FreesFound {
    fn enter(&mut self, request: &mut Request, state: &State, leads: bool) -> Option<Outcome> {
        let Ask::Do(command) = &mut request.ask else { return None };
        if let Command::ReconcileHost(inventory) = command {
            inventory.leases.retain(|lease| suspect(state, *lease).is_none());
        }
        if let (Command::BindLease(report), true) = (command, leads) { taken_up(state, report) } else { None }
    }

    fn leave(&mut self, _: &Request, outcome: Outcome) -> Outcome {
        outcome
    }
}

/// The answer to a host that takes a suspect up again.
fn taken_up(state: &State, report: &AgentReport) -> Option<Outcome> {
    let lease =
        suspect(state, report.lease.lease).filter(|lease| lease.generation == report.lease.generation)?;
    let granted = Granted { lease: Lease { suspicion: None, ..lease }, novelty: Novelty::Existing };
    let result = Box::new(Ok(Response::Lease(granted)));
    Some(Outcome::Applied { revision: state.revision().get(), result })
}

/// The lease, if it is suspect.
fn suspect(state: &State, lease: LeaseId) -> Option<Lease> {
    Some(state.told(state.lease(lease)?)).filter(|lease| lease.suspicion.is_some())
}
