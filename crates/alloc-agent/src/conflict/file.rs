//! What is known of conflicts as JSON.

use std::net::IpAddr;

use allocd_types::decline::{Evidence, EvidenceSource, KeptWhy, LeasePart};
use allocd_types::id::{Generation, LeaseId};
use serde::{Deserialize, Serialize};

use super::case::{Answer, Case, Matter, Why};
use super::{Conflicts, Mark, Watched};
use crate::sealed::{open, seal};

/// What it is kept under.
const NAME: &str = "conflicts";
/// How the MACs of a lease and its unit are called.
const MACS: &str = "macs";
const INDEX: &str = "index";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConflictsFile {
    mark: Option<MarkFile>,
    watched: Vec<WatchedFile>,
    cases: Vec<CaseFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkFile {
    lines: String,
    last: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WatchedFile {
    lease: u64,
    generation: String,
    addresses: Vec<IpAddr>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    lease: u64,
    generation: String,
    matter: MatterFile,
    source: String,
    text: String,
    offender: Option<String>,
    answer: Option<AnswerFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum MatterFile {
    Taken { part: String },
    Suspected { address: String },
    NextDoor { address: String, lease: u64 },
    Elsewhere,
    Loop,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerFile {
    why: WhyFile,
    said_ms: u64,
    wait_ms: u64,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WhyFile {
    Hint,
    Policy,
    Refused,
    HostRate,
    PoolShare,
    Exhausted,
}

/// Writes it.
pub(super) fn text(conflicts: &Conflicts) -> String {
    let mark = conflicts.mark.as_ref().map(|mark| {
        let (lines, last) = mark.text();
        MarkFile { lines, last: last.to_owned() }
    });
    let watched = conflicts.watched.iter().map(|(lease, watched)| WatchedFile {
        lease: lease.get(),
        generation: watched.generation.to_string(),
        addresses: watched.addresses.clone(),
    });
    let cases = conflicts.cases.iter().map(|((lease, matter), case)| CaseFile::new(*lease, *matter, case));
    seal(NAME, &ConflictsFile { mark, watched: watched.collect(), cases: cases.collect() })
}

/// Reads it.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub(super) fn read(text: &str) -> Result<Conflicts, String> {
    let file: ConflictsFile = open(NAME, text)?;
    let mark = file.mark.map(|mark| Mark::read(&mark.lines, mark.last).ok_or("its mark is none"));
    let mut conflicts = Conflicts { mark: mark.transpose()?, ..Conflicts::default() };
    for WatchedFile { lease, generation, addresses } in file.watched {
        let watched = Watched { generation: read_generation(&generation)?, addresses };
        conflicts.watched.insert(LeaseId::new(lease), watched);
    }
    for case in file.cases {
        let (key, case) = case.case()?;
        conflicts.cases.insert(key, case);
    }
    Ok(conflicts)
}

fn read_generation(text: &str) -> Result<Generation, String> {
    text.parse().map_err(|_| format!("{text:?} is no generation"))
}

fn read_value<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text:?} is no address"))
}

impl CaseFile {
    fn new(lease: LeaseId, matter: Matter, case: &Case) -> Self {
        let answer = case.answer.map(|Answer { why, said_ms, wait_ms }| AnswerFile {
            why: WhyFile::of(why),
            said_ms,
            wait_ms,
        });
        Self {
            lease: lease.get(),
            generation: case.generation.to_string(),
            matter: MatterFile::of(matter),
            source: case.evidence.source.to_string(),
            text: case.evidence.text.clone(),
            offender: case.evidence.offender.map(|mac| mac.to_string()),
            answer,
        }
    }

    fn case(self) -> Result<((LeaseId, Matter), Case), String> {
        let source = EvidenceSource::ALL.into_iter().find(|source| source.as_str() == self.source);
        let source = source.ok_or_else(|| format!("{:?} is no source of evidence", self.source))?;
        let offender = self.offender.as_deref().map(read_value).transpose()?;
        let answer = self.answer.map(|AnswerFile { why, said_ms, wait_ms }| Answer {
            why: why.why(),
            said_ms,
            wait_ms,
        });
        let evidence = Evidence::new(source, &self.text, offender);
        let case = Case { generation: read_generation(&self.generation)?, evidence, answer };
        Ok(((LeaseId::new(self.lease), self.matter.matter()?), case))
    }
}

impl MatterFile {
    fn of(matter: Matter) -> Self {
        match matter {
            Matter::Taken(LeasePart::Macs) => Self::Taken { part: MACS.to_owned() },
            Matter::Taken(LeasePart::Index) => Self::Taken { part: INDEX.to_owned() },
            Matter::Taken(LeasePart::Address(address)) => Self::Taken { part: address.to_string() },
            Matter::Suspected(address) => Self::Suspected { address: address.to_string() },
            Matter::NextDoor(address, lease) => {
                Self::NextDoor { address: address.to_string(), lease: lease.get() }
            }
            Matter::Elsewhere => Self::Elsewhere,
            Matter::Loop => Self::Loop,
        }
    }

    fn matter(self) -> Result<Matter, String> {
        Ok(match self {
            Self::Taken { part } if part == MACS => Matter::Taken(LeasePart::Macs),
            Self::Taken { part } if part == INDEX => Matter::Taken(LeasePart::Index),
            Self::Taken { part } => Matter::Taken(LeasePart::Address(read_value(&part)?)),
            Self::Suspected { address } => Matter::Suspected(read_value(&address)?),
            Self::NextDoor { address, lease } => Matter::NextDoor(read_value(&address)?, LeaseId::new(lease)),
            Self::Elsewhere => Matter::Elsewhere,
            Self::Loop => Matter::Loop,
        })
    }
}

impl WhyFile {
    const fn of(why: Why) -> Self {
        match why {
            Why::Hint => Self::Hint,
            Why::Policy => Self::Policy,
            Why::Refused => Self::Refused,
            Why::Kept(KeptWhy::HostRate) => Self::HostRate,
            Why::Kept(KeptWhy::PoolShare) => Self::PoolShare,
            Why::Kept(KeptWhy::Exhausted) => Self::Exhausted,
        }
    }

    const fn why(self) -> Why {
        match self {
            Self::Hint => Why::Hint,
            Self::Policy => Why::Policy,
            Self::Refused => Why::Refused,
            Self::HostRate => Why::Kept(KeptWhy::HostRate),
            Self::PoolShare => Why::Kept(KeptWhy::PoolShare),
            Self::Exhausted => Why::Kept(KeptWhy::Exhausted),
        }
    }
}
