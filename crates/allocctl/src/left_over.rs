//! What is left over: leases that nobody seems to use any more, as a report that can be acted on later.
//!
//! A report is a statement about one cluster at one revision. Whoever acts on it looks again: a lease that has changed since, or
//! for which the reason has gone, is left alone.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use allocd_types::contact::{ContactState, KnownHost};
use allocd_types::filter::LeaseFilter;
use allocd_types::host::HostState;
use allocd_types::id::{ClusterId, Generation, LeaseId, Revision};
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::name::HostName;
use allocd_types::time::Span;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::session::Session;

/// The form of a report; another one is refused.
const FORMAT: u32 = 1;

/// What is left over in a cluster.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    format: u32,
    /// Which cluster it is about.
    pub(crate) cluster_id: String,
    /// At which revision.
    pub(crate) revision: u64,
    /// What is left over.
    pub(crate) leases: Vec<LeftOver>,
}

/// A lease that nobody seems to use any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOver {
    /// The lease.
    pub(crate) lease: String,
    /// Its fencing token then.
    pub(crate) generation: String,
    /// Whose it was then.
    pub(crate) holder: String,
    /// Why it is taken for left over.
    pub(crate) why: Why,
    /// How long it has been suspect, in milliseconds of cluster time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lost_for_ms: Option<u64>,
    /// What is left until it ends by itself, in milliseconds of cluster time: its network frees suspects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ends_in_ms: Option<u64>,
}

/// Why a lease is taken for left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Why {
    /// Its host had it in use once and has lost it.
    Suspect,
    /// Its host was declared off.
    HostFenced,
    /// Nothing is heard of its host.
    HostSilent,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Suspect => "suspect",
            Self::HostFenced => "host-fenced",
            Self::HostSilent => "host-silent",
        })
    }
}

impl Report {
    /// What is left over now.
    pub(crate) async fn now(session: &Session) -> Result<Self, Failure> {
        let cluster = session.client.cluster_status().await?.value.cluster_id;
        let hosts = session.client.all_hosts().await?.value;
        let leases = session.client.all_leases(&LeaseFilter::default()).await?;
        Ok(Self::of(&cluster, leases.revision, &hosts, &leases.value))
    }

    fn of(cluster: &ClusterId, revision: Revision, hosts: &[KnownHost], leases: &[Lease]) -> Self {
        let hosts: BTreeMap<&HostName, &KnownHost> =
            hosts.iter().map(|known| (&known.host.spec.name, known)).collect();
        let left = leases.iter().filter_map(|lease| {
            let why = why(lease, hosts.get(&lease.holder.host).copied())?;
            let suspicion = lease.suspicion;
            Some(LeftOver {
                lease: lease.id.resource_name(),
                generation: lease.generation.to_string(),
                holder: lease.holder.to_string(),
                why,
                lost_for_ms: suspicion.map(|suspicion| suspicion.lost_for.millis()),
                ends_in_ms: suspicion.and_then(|suspicion| suspicion.ends_in).map(Span::millis),
            })
        });
        Self {
            format: FORMAT,
            cluster_id: cluster.to_string(),
            revision: revision.get(),
            leases: left.collect(),
        }
    }

    /// The report as it is written.
    pub(crate) fn text(&self) -> Result<String, Failure> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::from).map_err(Failure::Output)?;
        Ok(text + "\n")
    }

    /// Reads a report.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let report: Self = serde_json::from_str(text).map_err(|error| {
            Failure::input(format!("it is no report of `allocctl check --report`: {error}"))
        })?;
        if report.format != FORMAT {
            let message =
                format!("the report has the form {}, and this program knows {FORMAT}", report.format);
            return Err(Failure::input(message));
        }
        for left in &report.leases {
            left.id()?;
            left.generation()?;
        }
        Ok(report)
    }

    /// What this report, which is newer, says of a lease of an older one: that it is still left over just so, or why not.
    pub(crate) fn confirm(&self, left: &LeftOver) -> Result<(), &'static str> {
        match self.leases.iter().find(|now| now.lease == left.lease) {
            Some(now) if now.generation != left.generation => Err("it has changed since"),
            Some(now) if now.why == left.why => Ok(()),
            Some(_) | None => Err("it is gone, or the reason is"),
        }
    }
}

impl LeftOver {
    /// The lease.
    pub(crate) fn id(&self) -> Result<LeaseId, Failure> {
        LeaseId::from_resource_name(&self.lease).map_err(Failure::input)
    }

    /// Its fencing token then.
    pub(crate) fn generation(&self) -> Result<Generation, Failure> {
        self.generation.parse::<Generation>().map_err(Failure::input)
    }
}

/// Why a lease is left over, if it is. One that waits for its host already is not: nothing can be done for it but to wait.
fn why(lease: &Lease, host: Option<&KnownHost>) -> Option<Why> {
    let host = host?;
    match (lease.state, host.host.state, host.contact.state) {
        (LeaseState::Releasing, _, _) => None,
        (LeaseState::Granted | LeaseState::Bound, HostState::Fenced, _) => Some(Why::HostFenced),
        (LeaseState::Granted | LeaseState::Bound, HostState::Active | HostState::Draining, _)
            if lease.suspicion.is_some() =>
        {
            Some(Why::Suspect)
        }
        (
            LeaseState::Granted | LeaseState::Bound,
            HostState::Active | HostState::Draining,
            ContactState::Silent,
        ) => Some(Why::HostSilent),
        (
            LeaseState::Granted | LeaseState::Bound,
            HostState::Active | HostState::Draining,
            ContactState::NoAgent | ContactState::Unknown | ContactState::Heard,
        ) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(generation: &str, why: Why) -> LeftOver {
        LeftOver {
            lease: "leases/17".to_owned(),
            generation: generation.to_owned(),
            holder: "h1/web01/net0".to_owned(),
            why,
            lost_for_ms: None,
            ends_in_ms: None,
        }
    }

    fn report(leases: Vec<LeftOver>) -> Report {
        Report { format: FORMAT, cluster_id: "c".to_owned(), revision: 9, leases }
    }

    #[test]
    fn only_what_is_left_over_just_so_is_confirmed() {
        let then = left("1.7", Why::Suspect);
        let later = LeftOver { lost_for_ms: Some(9), ends_in_ms: Some(1), ..then.clone() };
        assert_eq!(report(vec![later]).confirm(&then), Ok(()), "time alone changes nothing");
        for now in [vec![], vec![left("1.8", Why::Suspect)], vec![left("1.7", Why::HostSilent)]] {
            assert!(report(now).confirm(&then).is_err());
        }
    }

    #[test]
    fn a_report_reads_back_and_nothing_else_does() {
        let text = serde_json::to_string(&report(vec![left("1.7", Why::HostFenced)])).unwrap();
        assert_eq!(Report::read(&text).unwrap().leases, [left("1.7", Why::HostFenced)]);
        for (from, to) in [
            ("leases/17", "h1/web01"),
            ("1.7", "7"),
            ("\"format\":1", "\"format\":2"),
            ("host-fenced", "old"),
        ] {
            assert!(Report::read(&text.replace(from, to)).is_err(), "{to}");
        }
    }
}
