//! The request memory: what became of each request, so that a repeated one is answered and not done again.
//!
//! It is bounded by count for each caller, by count in total and by age, and evicts deterministically: it is replicated like
//! the state, with a digest of its own. It keeps no values: a repeat is answered from the lease as it is now if that is still
//! of the same generation, and with SUPERSEDED if it is not.

use allocd_types::grant::{Granted, Novelty};
use allocd_types::id::{Caller, Digest, Generation, LeaseId, RequestId};
use allocd_types::import::ImportReport;
use allocd_types::limits::{
    REQUESTS_REMEMBERED_MAX, REQUESTS_REMEMBERED_PER_CALLER_MAX, REQUESTS_REMEMBERED_SECONDS,
};
use allocd_types::rejection::{Rejection, Subject};
use allocd_types::time::{ClusterTime, Span};
use imbl::OrdMap;

use crate::command::Request;
use crate::digest::digest_of;
use crate::response::Response;
use crate::state::State;

/// What became of recent requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RequestMemory {
    next: u64,
    by_age: OrdMap<u64, (ClusterTime, Caller)>,
    callers: OrdMap<Caller, CallerMemory>,
}

/// The requests of one caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct CallerMemory {
    by_id: OrdMap<RequestId, Remembered>,
    by_age: OrdMap<u64, RequestId>,
}

/// What is kept of one request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Remembered {
    number: u64,
    payload: Digest,
    outcome: Outcome,
}

/// What became of one request, without values that could grow old.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Outcome {
    Done,
    Resource(Subject),
    Excluded(allocd_types::name::ExclusionName, u64),
    Lease(LeaseId, Generation),
    Batch(Vec<Result<(LeaseId, Generation), Rejection>>),
    Released(Option<LeaseId>),
    Imported { leases: u32, unchanged: u32, hosts_created: u32 },
    Rejected(Rejection),
}

impl RequestMemory {
    /// The answer to a request that was answered before, or nothing if it is new.
    #[must_use]
    pub fn recall(&self, state: &State, request: &Request) -> Option<Result<Response, Rejection>> {
        let remembered = self.callers.get(&request.caller)?.by_id.get(&request.request_id)?;
        if remembered.payload != digest_of(&request.command) {
            return Some(Err(Rejection::RequestIdReused { request_id: request.request_id.clone() }));
        }
        Some(remembered.outcome.answer(state))
    }

    /// Remembers what became of a request, and forgets the oldest beyond the bounds.
    pub fn remember(&mut self, now: ClusterTime, request: &Request, outcome: &Result<Response, Rejection>) {
        let number = self.next;
        self.next += 1;
        let payload = digest_of(&request.command);
        let remembered = Remembered { number, payload, outcome: Outcome::of(outcome) };
        let caller = self.callers.entry(request.caller.clone()).or_default();
        caller.by_id.insert(request.request_id.clone(), remembered);
        caller.by_age.insert(number, request.request_id.clone());
        self.by_age.insert(number, (now, request.caller.clone()));
        self.evict(now, &request.caller);
    }

    /// How many requests are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_age.len()
    }

    /// True if none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_age.is_empty()
    }

    /// The SHA-256 of the memory: equal on members that have applied the same entries.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(self)
    }

    fn evict(&mut self, now: ClusterTime, caller: &Caller) {
        let of_caller = self.callers.get(caller);
        if let Some(memory) =
            of_caller.filter(|memory| memory.by_age.len() > REQUESTS_REMEMBERED_PER_CALLER_MAX)
            && let Some((oldest, _)) = memory.by_age.get_min().cloned()
        {
            self.forget(oldest);
        }
        let age = Span::from_seconds(REQUESTS_REMEMBERED_SECONDS);
        while let Some((oldest, (at, _))) = self.by_age.get_min() {
            if self.by_age.len() <= REQUESTS_REMEMBERED_MAX && at.after(age) >= now {
                break;
            }
            let oldest = *oldest;
            self.forget(oldest);
        }
    }

    fn forget(&mut self, number: u64) {
        let Some((_, caller)) = self.by_age.remove(&number) else { return };
        let Some(memory) = self.callers.get_mut(&caller) else { return };
        if let Some(request_id) = memory.by_age.remove(&number) {
            memory.by_id.remove(&request_id);
        }
        if memory.by_age.is_empty() {
            self.callers.remove(&caller);
        }
    }
}

impl Outcome {
    fn of(outcome: &Result<Response, Rejection>) -> Self {
        let response = match outcome {
            Ok(response) => response,
            Err(rejection) => return Self::Rejected(rejection.clone()),
        };
        match response {
            Response::Done => Self::Done,
            Response::Network(spec) => Self::Resource(Subject::Network(spec.name.clone())),
            Response::Pool(spec) => Self::Resource(Subject::Pool(spec.name.clone())),
            Response::Host(host) => Self::Resource(Subject::Host(host.spec.name.clone())),
            Response::Reservation(spec) => Self::Resource(Subject::Reservation(spec.name.clone())),
            Response::Exclusion { exclusion, leased } => Self::Excluded(exclusion.name.clone(), *leased),
            Response::Lease(granted) => Self::Lease(granted.lease.id, granted.lease.generation),
            Response::Batch(results) => Self::Batch(
                results
                    .iter()
                    .map(|result| match result {
                        Ok(granted) => Ok((granted.lease.id, granted.lease.generation)),
                        Err(rejection) => Err(rejection.clone()),
                    })
                    .collect(),
            ),
            Response::Released(lease) => Self::Released(*lease),
            Response::Imported(report) => {
                let ImportReport { leases, unchanged, hosts_created, findings: _, exclusions: _ } = report;
                Self::Imported { leases: *leases, unchanged: *unchanged, hosts_created: *hosts_created }
            }
        }
    }

    /// The answer from what is now: never with old values.
    fn answer(&self, state: &State) -> Result<Response, Rejection> {
        Ok(match self {
            Self::Done => Response::Done,
            Self::Resource(subject) => current(state, subject)?,
            Self::Excluded(name, leased) => {
                let found = state
                    .exclusion(name)
                    .ok_or_else(|| Rejection::NotFound(Subject::Exclusion(name.clone())))?;
                Response::Exclusion { exclusion: (**found).clone(), leased: *leased }
            }
            Self::Lease(lease, generation) => Response::Lease(still(state, *lease, *generation)?),
            Self::Batch(results) => Response::Batch(
                results
                    .iter()
                    .map(|result| match result {
                        Ok((lease, generation)) => still(state, *lease, *generation),
                        Err(rejection) => Err(rejection.clone()),
                    })
                    .collect(),
            ),
            Self::Released(lease) => Response::Released(*lease),
            Self::Imported { leases, unchanged, hosts_created } => Response::Imported(ImportReport {
                leases: *leases,
                unchanged: *unchanged,
                hosts_created: *hosts_created,
                ..ImportReport::default()
            }),
            Self::Rejected(rejection) => return Err(rejection.clone()),
        })
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
