//! What is remembered of requests.

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::batch_item;
use allocd_proto::storage::v1::import_finding::Flaw;
use allocd_proto::storage::v1::outcome::Kind;
use allocd_state::memory::RememberedRequest;
use allocd_state::memory::outcome::{Imported, Outcome};
use allocd_types::id::{Digest, Generation, LeaseId};
use allocd_types::import::{ImportFinding, ImportFlaw};
use allocd_types::name::ExclusionName;
use allocd_types::rejection::Rejection;
use allocd_types::time::ClusterTime;

use super::value::load_optional;
use super::{CodecError, Stored, load_all, load_required, store_all};

impl Stored for RememberedRequest {
    type Message = v1::RequestOutcome;

    fn store(&self) -> v1::RequestOutcome {
        let Self { number, answered_at, caller, request_id, payload, outcome } = self;
        v1::RequestOutcome {
            number: *number,
            answered_at_ms: answered_at.millis(),
            caller: caller.store(),
            request_id: request_id.store(),
            payload: payload.0.to_vec(),
            outcome: Some(outcome.store()),
        }
    }

    fn load(message: v1::RequestOutcome) -> Result<Self, CodecError> {
        Ok(Self {
            number: message.number,
            answered_at: ClusterTime::from_millis(message.answered_at_ms),
            caller: Stored::load(message.caller)?,
            request_id: Stored::load(message.request_id)?,
            payload: load_digest("payload's digest", &message.payload)?,
            outcome: load_required("outcome", message.outcome)?,
        })
    }
}

/// Loads a SHA-256.
pub(super) fn load_digest(field: &'static str, bytes: &[u8]) -> Result<Digest, CodecError> {
    bytes.try_into().map(Digest).map_err(|_| {
        let reason = format!("{} bytes are no SHA-256", bytes.len());
        CodecError::Invalid { field, reason }
    })
}

impl Stored for Outcome {
    type Message = v1::Outcome;

    fn store(&self) -> v1::Outcome {
        let kind = match self {
            Self::Done => Kind::Done(v1::Nothing {}),
            Self::Resource(subject) => Kind::Resource(subject.store()),
            Self::Excluded(name) => Kind::Excluded(name.store()),
            Self::Lease(lease, generation) => Kind::Lease((*lease, *generation).store()),
            Self::Batch(items) => Kind::Batch(v1::BatchOutcome { items: store_all(items) }),
            Self::Released(lease) => Kind::Released(v1::ReleaseOutcome { lease: lease.map(LeaseId::get) }),
            Self::Imported(imported) => Kind::Imported(imported.store()),
            Self::Rejected(rejection) => Kind::Rejected(rejection.store()),
            Self::Recovery => Kind::Recovery(v1::Nothing {}),
            Self::Reconciled(found) => Kind::Reconciled(found.store()),
            Self::Declined(lease, generation, kept) => Kind::Declined(v1::DeclineOutcome {
                lease: lease.get(),
                generation: Some(generation.store()),
                kept: kept.as_ref().map(Stored::store),
            }),
        };
        v1::Outcome { kind: Some(kind) }
    }

    fn load(message: v1::Outcome) -> Result<Self, CodecError> {
        Ok(match message.kind.ok_or(CodecError::Unknown { field: "outcome" })? {
            Kind::Done(v1::Nothing {}) => Self::Done,
            Kind::Resource(subject) => Self::Resource(Stored::load(subject)?),
            Kind::Excluded(name) => Self::Excluded(Stored::load(name)?),
            Kind::Lease(lease) => {
                let (lease, generation) = Stored::load(lease)?;
                Self::Lease(lease, generation)
            }
            Kind::Batch(batch) => Self::Batch(load_all(batch.items)?),
            Kind::Released(released) => Self::Released(released.lease.map(LeaseId::new)),
            Kind::Imported(imported) => Self::Imported(Box::new(Stored::load(imported)?)),
            Kind::Rejected(rejection) => Self::Rejected(Box::new(Stored::load(rejection)?)),
            Kind::Recovery(v1::Nothing {}) => Self::Recovery,
            Kind::Reconciled(found) => Self::Reconciled(Box::new(Stored::load(found)?)),
            Kind::Declined(v1::DeclineOutcome { lease, generation, kept }) => Self::Declined(
                LeaseId::new(lease),
                load_required("generation", generation)?,
                load_optional(kept)?,
            ),
        })
    }
}

/// A lease as it was answered.
impl Stored for (LeaseId, Generation) {
    type Message = v1::LeaseOutcome;

    fn store(&self) -> v1::LeaseOutcome {
        v1::LeaseOutcome { lease: self.0.get(), generation: Some(self.1.store()) }
    }

    fn load(message: v1::LeaseOutcome) -> Result<Self, CodecError> {
        Ok((LeaseId::new(message.lease), load_required("generation", message.generation)?))
    }
}

/// What became of one wish of a batch.
impl Stored for Result<(LeaseId, Generation), Box<Rejection>> {
    type Message = v1::BatchItem;

    fn store(&self) -> v1::BatchItem {
        let kind = match self {
            Ok(lease) => batch_item::Kind::Lease(lease.store()),
            Err(rejection) => batch_item::Kind::Rejected(rejection.store()),
        };
        v1::BatchItem { kind: Some(kind) }
    }

    fn load(message: v1::BatchItem) -> Result<Self, CodecError> {
        Ok(match message.kind.ok_or(CodecError::Unknown { field: "outcome" })? {
            batch_item::Kind::Lease(lease) => Ok(Stored::load(lease)?),
            batch_item::Kind::Rejected(rejection) => Err(Box::new(Stored::load(rejection)?)),
        })
    }
}

impl Stored for Imported {
    type Message = v1::ImportOutcome;

    fn store(&self) -> v1::ImportOutcome {
        let Self { leases, unchanged, hosts_created, findings, exclusions } = self;
        v1::ImportOutcome {
            leases: *leases,
            unchanged: *unchanged,
            hosts_created: *hosts_created,
            findings: store_all(findings),
            exclusions: store_all(exclusions),
        }
    }

    fn load(message: v1::ImportOutcome) -> Result<Self, CodecError> {
        Ok(Self {
            leases: message.leases,
            unchanged: message.unchanged,
            hosts_created: message.hosts_created,
            findings: load_all(message.findings)?,
            exclusions: load_all(message.exclusions)?,
        })
    }
}

/// An exclusion that an import made, with its line.
impl Stored for (u32, ExclusionName) {
    type Message = v1::ImportExclusion;

    fn store(&self) -> v1::ImportExclusion {
        v1::ImportExclusion { line: self.0, exclusion: self.1.store() }
    }

    fn load(message: v1::ImportExclusion) -> Result<Self, CodecError> {
        Ok((message.line, Stored::load(message.exclusion)?))
    }
}

impl Stored for ImportFinding {
    type Message = v1::ImportFinding;

    fn store(&self) -> v1::ImportFinding {
        let flaw = match &self.flaw {
            ImportFlaw::AddressTwice { address, line } => {
                Flaw::AddressTwice(v1::AddressTwice { address: address.store(), line: *line })
            }
            ImportFlaw::IndexTwice { index, host, line } => {
                Flaw::IndexTwice(v1::IndexTwice { index: index.store(), host: host.store(), line: *line })
            }
            ImportFlaw::JailTwice { jail, host, line } => {
                Flaw::JailTwice(v1::JailTwice { jail: jail.clone(), host: host.store(), line: *line })
            }
            ImportFlaw::JailsMeet { jail, other, line, name } => Flaw::JailsMeet(v1::JailsMeet {
                jail: jail.clone(),
                other: other.clone(),
                line: *line,
                name: name.store(),
            }),
            ImportFlaw::NoSubnet { address, bridge } => {
                Flaw::NoSubnet(v1::AddressOnBridge { address: address.store(), bridge: bridge.store() })
            }
            ImportFlaw::NotAHost { address, why } => {
                Flaw::NotAHost(v1::NotAHost { address: address.store(), why: why.store() })
            }
            ImportFlaw::NoNetwork { bridge } => Flaw::NoNetwork(bridge.store()),
            ImportFlaw::AmbiguousBridge { bridge, networks } => Flaw::AmbiguousBridge(v1::AmbiguousBridge {
                bridge: bridge.store(),
                networks: store_all(networks),
            }),
            ImportFlaw::Refused { message } => Flaw::Refused(message.clone()),
        };
        v1::ImportFinding { number: self.number, flaw: Some(flaw) }
    }

    fn load(message: v1::ImportFinding) -> Result<Self, CodecError> {
        let flaw = match message.flaw.ok_or(CodecError::Unknown { field: "finding" })? {
            Flaw::AddressTwice(v1::AddressTwice { address, line }) => {
                ImportFlaw::AddressTwice { address: Stored::load(address)?, line }
            }
            Flaw::IndexTwice(v1::IndexTwice { index, host, line }) => {
                ImportFlaw::IndexTwice { index: Stored::load(index)?, host: Stored::load(host)?, line }
            }
            Flaw::JailTwice(v1::JailTwice { jail, host, line }) => {
                ImportFlaw::JailTwice { jail, host: Stored::load(host)?, line }
            }
            Flaw::JailsMeet(v1::JailsMeet { jail, other, line, name }) => {
                ImportFlaw::JailsMeet { jail, other, line, name: Stored::load(name)? }
            }
            Flaw::NoSubnet(v1::AddressOnBridge { address, bridge }) => {
                ImportFlaw::NoSubnet { address: Stored::load(address)?, bridge: Stored::load(bridge)? }
            }
            Flaw::NotAHost(v1::NotAHost { address, why }) => {
                ImportFlaw::NotAHost { address: Stored::load(address)?, why: Stored::load(why)? }
            }
            Flaw::NoNetwork(bridge) => ImportFlaw::NoNetwork { bridge: Stored::load(bridge)? },
            Flaw::AmbiguousBridge(v1::AmbiguousBridge { bridge, networks }) => {
                ImportFlaw::AmbiguousBridge { bridge: Stored::load(bridge)?, networks: load_all(networks)? }
            }
            Flaw::Refused(message) => ImportFlaw::Refused { message },
        };
        Ok(Self { number: message.number, flaw })
    }
}
