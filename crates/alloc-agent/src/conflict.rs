//! What is known of conflicts on the wire: how far the kernel's messages have been judged, for which leases they count, and what
//! has come of it.
//!
//! ```text
//! lines since the mark -> judge -> cases -> decline -> answers, each for its time
//! ```
//!
//! A line counts for a lease only if the lease was bound at its generation when the mark was made, so what was said before
//! declines nothing, whoever had the value then. Mark, leases and cases are written in one step and read at the beginning of each
//! pass: an agent that starts anew goes on where the last one was. Whoever has no mark yet judges nothing that is there.
//!
//! A case ends with its generation, or when its answer's time is over: what goes on then is said by the kernel anew.

mod case;
mod file;
mod judge;
mod mark;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;

use allocd_types::decline::{Evidence, KeptWhy, LeasePart};
use allocd_types::id::{Generation, LeaseId};
use allocd_types::lease::{Lease, LeaseState};

pub(crate) use case::{Answer, Case, Matter, Why};

use crate::files::{FileError, Files};
use crate::sealed;
use crate::want::Purpose;
use mark::Mark;

/// The file below the directory for state.
const NAME: &str = "conflicts.json";
/// What is in it is nobody else's business.
const MODE: u32 = 0o600;

/// What is known of conflicts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conflicts {
    /// How far the kernel's messages have been judged; none if nobody has listened yet.
    mark: Option<Mark>,
    /// The leases that were in use when the mark was made.
    watched: BTreeMap<LeaseId, Watched>,
    cases: BTreeMap<(LeaseId, Matter), Case>,
}

/// A lease for which messages count.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Watched {
    generation: Generation,
    addresses: Vec<IpAddr>,
}

/// What was heard of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) lease: LeaseId,
    pub(crate) matter: Matter,
    /// True if it was not known.
    pub(crate) is_news: bool,
}

impl Conflicts {
    /// Reads what is kept below a directory; with what is wrong if that is not to be believed, and then nothing is known.
    ///
    /// # Errors
    /// [`FileError`] if it cannot be read.
    pub(crate) fn read(files: &Files, directory: &str) -> Result<(Self, Option<String>), FileError> {
        Ok(match files.read(&path_in(directory))?.as_deref().map(file::read) {
            None => (Self::default(), None),
            Some(Ok(conflicts)) => (conflicts, None),
            Some(Err(why)) => (Self::default(), Some(why)),
        })
    }

    /// Keeps it below a directory. Afterwards it is on disk.
    ///
    /// # Errors
    /// [`FileError`] if it cannot be written.
    pub(crate) fn write(&self, files: &Files, directory: &str) -> Result<(), FileError> {
        files.write(&path_in(directory), &file::text(self), MODE)
    }

    /// Hears the kernel's messages that are there now, and puts the mark behind them. What was heard of which lease.
    pub(crate) fn hear(
        &mut self,
        lines: &[String],
        leases: &BTreeMap<LeaseId, Lease>,
        now_ms: u64,
    ) -> Vec<Heard> {
        let in_use: Vec<&Lease> = leases.values().filter(|lease| is_in_use(lease)).collect();
        let new = self.mark.as_ref().map_or(&[][..], |mark| mark.new_of(lines));
        let mut all = Vec::new();
        for (lease, matter, evidence) in judge::judge(new, &in_use) {
            let of = leases.get(&lease).filter(|lease| self.is_watched(lease));
            if let Some(generation) = of.map(|lease| lease.generation) {
                let is_news = self.note((lease, matter), generation, evidence, now_ms);
                all.push(Heard { lease, matter, is_news });
            }
        }
        self.mark = Some(Mark::behind(lines));
        self.watched = in_use.into_iter().map(|lease| (lease.id, Watched::new(lease))).collect();
        all
    }

    /// True if messages already counted for a lease as it is when the mark was made.
    pub(crate) fn is_watched(&self, lease: &Lease) -> bool {
        self.watched.get(&lease.id).is_some_and(|watched| watched.generation == lease.generation)
    }

    /// The addresses that a lease in use had when the mark was made, whatever its generation; none if it was not in use.
    pub(crate) fn watched_addresses(&self, lease: LeaseId) -> Option<&[IpAddr]> {
        self.watched.get(&lease).map(|watched| watched.addresses.as_slice())
    }

    /// Notes a conflict; what the cluster has answered to stays as it is. True if it is news.
    pub(crate) fn note(
        &mut self,
        key: (LeaseId, Matter),
        generation: Generation,
        evidence: Evidence,
        now_ms: u64,
    ) -> bool {
        let known = self.cases.get(&key).filter(|case| case.generation == generation);
        let (is_news, answer) = (known.is_none(), key.1.answer(now_ms));
        if is_news || answer.is_some() {
            self.cases.insert(key, Case { generation, evidence, answer });
        }
        is_news
    }

    /// Forgets what is of leases that are not in use as they were, and whose time is over.
    pub(crate) fn forget(&mut self, leases: &BTreeMap<LeaseId, Lease>, now_ms: u64) {
        self.cases.retain(|(lease, _), case| {
            let is_same = leases
                .get(lease)
                .is_some_and(|lease| lease.generation == case.generation && is_in_use(lease));
            is_same && !case.answer.as_mut().is_some_and(|answer| answer.is_over(now_ms))
        });
    }

    /// All cases, by their leases.
    pub(crate) fn cases(&self) -> impl Iterator<Item = (LeaseId, Matter, &Case)> {
        self.cases.iter().map(|((lease, matter), case)| (*lease, *matter, case))
    }

    /// What is known of a matter of a lease.
    pub(crate) fn case(&self, lease: LeaseId, matter: Matter) -> Option<&Case> {
        self.cases.get(&(lease, matter))
    }

    /// What is still to be declined.
    pub(crate) fn unsaid(&self) -> Vec<(LeaseId, LeasePart, Case)> {
        let unsaid = self.cases.iter().filter(|(_, case)| case.answer.is_none());
        let part = |((lease, matter), case): (&(LeaseId, Matter), &Case)| match matter {
            Matter::Taken(part) => Some((*lease, *part, case.clone())),
            Matter::Suspected(_) | Matter::NextDoor(..) | Matter::Elsewhere | Matter::Loop => None,
        };
        unsaid.filter_map(part).collect()
    }

    /// The answer that holds for every value of the host as long as it holds: too many were declined of late.
    pub(crate) fn hold(&self) -> Option<Answer> {
        let answers = self.cases.values().filter_map(|case| case.answer);
        let is_of_host = |answer: &Answer| answer.why == Why::Kept(KeptWhy::HostRate);
        answers.filter(is_of_host).max_by_key(|answer| answer.said_ms.saturating_add(answer.wait_ms))
    }

    /// Notes what has come of declining a value.
    pub(crate) fn answer(&mut self, lease: LeaseId, part: LeasePart, answer: Answer) {
        if let Some(case) = self.cases.get_mut(&(lease, Matter::Taken(part))) {
            case.answer = Some(answer);
        }
    }

    /// Forgets a value that has been exchanged.
    pub(crate) fn settle(&mut self, lease: LeaseId, part: LeasePart) {
        self.cases.remove(&(lease, Matter::Taken(part)));
    }
}

impl Watched {
    fn new(lease: &Lease) -> Self {
        let addresses = lease.addresses.iter().map(|leased| leased.address).collect();
        Self { generation: lease.generation, addresses }
    }
}

/// True of a lease whose values are in use here.
pub(crate) fn is_in_use(lease: &Lease) -> bool {
    let is_bound = match lease.state {
        LeaseState::Bound => true,
        LeaseState::Granted | LeaseState::Releasing => false,
    };
    is_bound && !lease.is_unconfirmed && Purpose::of(lease) == Purpose::Use
}

/// Where it is kept below a directory.
fn path_in(directory: &str) -> String {
    sealed::path_in(directory, NAME)
}
