//! What became of a request, as it is remembered, and what a repeat of it is answered.
//!
//! No value of a lease is kept: a repeat is answered from the lease as it is now if that is still of the same generation, and
//! with SUPERSEDED if it is not. A no stays the no it was.

use allocd_types::agent::Reconciliation;
use allocd_types::decline::{Declined, Kept};
use allocd_types::grant::{Granted, Novelty};
use allocd_types::id::{Generation, LeaseId};
use allocd_types::import::{ImportFinding, ImportReport};
use allocd_types::name::ExclusionName;
use allocd_types::rejection::{Rejection, Subject};

use crate::decide::leased_within;
use crate::response::Response;
use crate::state::State;

/// What became of one request, without values that could grow old. Many are kept, so what is rare and large is boxed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is done and there is nothing to tell.
    Done,
    /// A resource, to be told as it is when it is asked for.
    Resource(Subject),
    /// An exclusion.
    Excluded(ExclusionName),
    /// A lease, as long as it is of this generation.
    Lease(LeaseId, Generation),
    /// One outcome for each of a batch, in its order.
    Batch(Vec<Result<(LeaseId, Generation), Box<Rejection>>>),
    /// The lease that was released, if there was one.
    Released(Option<LeaseId>),
    /// What a decline led to: the lease, as long as it is of this generation, and why it kept the value if it did.
    Declined(LeaseId, Generation, Option<Kept>),
    /// What a host should have done.
    Reconciled(Box<Reconciliation>),
    /// What an import did.
    Imported(Box<Imported>),
    /// How far recovery had come, to be told as it is when it is asked for.
    Recovery,
    /// The no it was.
    Rejected(Box<Rejection>),
}

/// What an import did; what it excluded, by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Imported {
    /// How many leases were written.
    pub leases: u32,
    /// How many lines were there already.
    pub unchanged: u32,
    /// How many hosts were created.
    pub hosts_created: u32,
    /// What was wrong, in the order of the lines.
    pub findings: Vec<ImportFinding>,
    /// What was excluded, each with the line it came from.
    pub exclusions: Vec<(u32, ExclusionName)>,
}

impl Outcome {
    pub(super) fn of(outcome: &Result<Response, Rejection>) -> Self {
        let response = match outcome {
            Ok(response) => response,
            Err(rejection) => return Self::Rejected(Box::new(rejection.clone())),
        };
        match response {
            Response::Done => Self::Done,
            Response::Network(spec) => Self::Resource(Subject::Network(spec.name.clone())),
            Response::Pool(spec) => Self::Resource(Subject::Pool(spec.name.clone())),
            Response::Host(host) => Self::Resource(Subject::Host(host.spec.name.clone())),
            Response::Reservation(spec) => Self::Resource(Subject::Reservation(spec.name.clone())),
            Response::Exclusion { exclusion, leased: _ } => Self::Excluded(exclusion.name.clone()),
            Response::Lease(granted) => Self::Lease(granted.lease.id, granted.lease.generation),
            Response::Batch(results) => Self::Batch(
                results
                    .iter()
                    .map(|result| match result {
                        Ok(granted) => Ok((granted.lease.id, granted.lease.generation)),
                        Err(rejection) => Err(Box::new(rejection.clone())),
                    })
                    .collect(),
            ),
            Response::Released { lease, is_awaited: _ } => Self::Released(*lease),
            Response::Declined(Declined { lease, kept }) => Self::Declined(lease.id, lease.generation, *kept),
            Response::Reconciled(found) => Self::Reconciled(Box::new(found.clone())),
            Response::Imported(report) => Self::Imported(Box::new(Imported::of(report))),
            Response::Recovery(_) => Self::Recovery,
        }
    }

    /// How many outcomes it is: more than one of a batch or an import.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Done
            | Self::Resource(_)
            | Self::Excluded(_)
            | Self::Lease(..)
            | Self::Released(_)
            | Self::Declined(..)
            | Self::Recovery
            | Self::Rejected(_) => 1,
            Self::Batch(results) => results.len().max(1),
            Self::Reconciled(found) => found.len().max(1),
            Self::Imported(imported) => 1 + imported.findings.len() + imported.exclusions.len(),
        }
    }

    /// The answer from what is now: never with old values.
    pub(super) fn answer(&self, state: &State) -> Result<Response, Rejection> {
        Ok(match self {
            Self::Done => Response::Done,
            Self::Resource(subject) => current(state, subject)?,
            Self::Excluded(name) => {
                let found = state
                    .exclusion(name)
                    .ok_or_else(|| Rejection::NotFound(Subject::Exclusion(name.clone())))?;
                let leased = leased_within(state, &found.values);
                Response::Exclusion { exclusion: (**found).clone(), leased }
            }
            Self::Lease(lease, generation) => Response::Lease(still(state, *lease, *generation)?),
            Self::Batch(results) => Response::Batch(
                results
                    .iter()
                    .map(|result| match result {
                        Ok((lease, generation)) => still(state, *lease, *generation),
                        Err(rejection) => Err((**rejection).clone()),
                    })
                    .collect(),
            ),
            Self::Released(lease) => {
                let is_awaited = lease.is_some_and(|lease| state.lease(lease).is_some());
                Response::Released { lease: *lease, is_awaited }
            }
            Self::Declined(lease, generation, kept) => {
                let Granted { lease, .. } = still(state, *lease, *generation)?;
                Response::Declined(Declined { lease, kept: *kept })
            }
            // It was right when it was answered, and the host looks again in any case.
            Self::Reconciled(found) => Response::Reconciled((**found).clone()),
            Self::Imported(imported) => Response::Imported(imported.report(state)),
            Self::Recovery => Response::Recovery(state.recovery_status()),
            Self::Rejected(rejection) => return Err((**rejection).clone()),
        })
    }
}

impl Imported {
    fn of(report: &ImportReport) -> Self {
        let ImportReport { leases, unchanged, hosts_created, findings, exclusions } = report;
        Self {
            leases: *leases,
            unchanged: *unchanged,
            hosts_created: *hosts_created,
            findings: findings.clone(),
            exclusions: exclusions.iter().map(|(line, spec)| (*line, spec.name.clone())).collect(),
        }
    }

    /// The report again, with those exclusions that were not lifted since.
    fn report(&self, state: &State) -> ImportReport {
        let there = self.exclusions.iter().filter_map(|(line, name)| {
            let spec = state.exclusion(name)?;
            Some((*line, (**spec).clone()))
        });
        ImportReport {
            leases: self.leases,
            unchanged: self.unchanged,
            hosts_created: self.hosts_created,
            findings: self.findings.clone(),
            exclusions: there.collect(),
        }
    }
}

/// The lease, if it is still of the generation that was answered.
fn still(state: &State, lease: LeaseId, generation: Generation) -> Result<Granted, Rejection> {
    let record = state.lease(lease).filter(|record| record.generation == generation);
    let record = record.ok_or(Rejection::Superseded { lease, generation })?;
    Ok(Granted { lease: state.told(record), novelty: Novelty::Existing })
}

fn current(state: &State, subject: &Subject) -> Result<Response, Rejection> {
    let found = match subject {
        Subject::Network(name) => state.network(name).map(|spec| Response::Network((**spec).clone())),
        Subject::Pool(name) => state.pool(name).map(|spec| Response::Pool((**spec).clone())),
        Subject::Host(name) => state.host(name).map(Response::Host),
        Subject::Reservation(name) => {
            state.reservation(name).map(|spec| Response::Reservation((**spec).clone()))
        }
        Subject::Lease(_) | Subject::Exclusion(_) => None,
    };
    found.ok_or_else(|| Rejection::NotFound(subject.clone()))
}
