//! Recovery: what is remembered of it, and the operator's words.

use std::collections::BTreeSet;

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::skip_to::Values;
use allocd_state::recovery::Recovery;
use allocd_types::id::{Generation, LeaseId};
use allocd_types::recovery::{OtherHosts, RecoveryConfirmation, SkipTo};
use allocd_types::time::ClusterTime;

use super::{CodecError, Stored, load_all, load_required};

impl Stored for Recovery {
    type Message = v1::Recovery;

    fn store(&self) -> v1::Recovery {
        let Self { unconfirmed, ends_no_earlier, open, first_lease, adopted, absent } = self;
        v1::Recovery {
            unconfirmed: unconfirmed.iter().map(Stored::store).collect(),
            ends_no_earlier_ms: ends_no_earlier.millis(),
            open: open.iter().map(Stored::store).collect(),
            first_lease: first_lease.get(),
            adopted: adopted.iter().map(store_adopted).collect(),
            absent: absent.iter().map(|lease| lease.get()).collect(),
        }
    }

    fn load(message: v1::Recovery) -> Result<Self, CodecError> {
        Ok(Self {
            unconfirmed: load_all(message.unconfirmed)?.into_iter().collect(),
            ends_no_earlier: ClusterTime::from_millis(message.ends_no_earlier_ms),
            open: load_all(message.open)?.into_iter().collect(),
            first_lease: LeaseId::new(message.first_lease),
            adopted: message.adopted.into_iter().map(load_adopted).collect::<Result<_, _>>()?,
            absent: message.absent.into_iter().map(LeaseId::new).collect(),
        })
    }
}

fn store_adopted((lease, generation): (&LeaseId, &Generation)) -> v1::AdoptedLease {
    v1::AdoptedLease { lease: lease.get(), generation: Some(generation.store()) }
}

fn load_adopted(message: v1::AdoptedLease) -> Result<(LeaseId, Generation), CodecError> {
    Ok((LeaseId::new(message.lease), load_required("generation", message.generation)?))
}

impl Stored for RecoveryConfirmation {
    type Message = v1::RecoveryConfirmation;

    fn store(&self) -> v1::RecoveryConfirmation {
        v1::RecoveryConfirmation {
            hosts: self.hosts.iter().map(Stored::store).collect(),
            no_other_hosts: match self.others {
                OtherHosts::Unsaid => false,
                OtherHosts::None => true,
            },
        }
    }

    fn load(message: v1::RecoveryConfirmation) -> Result<Self, CodecError> {
        let hosts: BTreeSet<_> = load_all(message.hosts)?.into_iter().collect();
        let others = if message.no_other_hosts { OtherHosts::None } else { OtherHosts::Unsaid };
        Ok(Self { hosts, others })
    }
}

impl Stored for SkipTo {
    type Message = v1::SkipTo;

    fn store(&self) -> v1::SkipTo {
        let values = match self {
            Self::Addresses { network, last } => {
                Values::Addresses(v1::SkippedAddresses { network: network.store(), last: last.store() })
            }
            Self::Indices { host, kind, last } => {
                let units = Some((host.clone(), *kind).store());
                Values::Units(v1::SkippedUnits { units, last: last.store() })
            }
            Self::Macs { pool } => Values::Macs(pool.store()),
        };
        v1::SkipTo { values: Some(values) }
    }

    fn load(message: v1::SkipTo) -> Result<Self, CodecError> {
        Ok(match message.values.ok_or(CodecError::Unknown { field: "skipped values" })? {
            Values::Addresses(v1::SkippedAddresses { network, last }) => {
                Self::Addresses { network: Stored::load(network)?, last: Stored::load(last)? }
            }
            Values::Units(v1::SkippedUnits { units, last }) => {
                let (host, kind) = load_required("units", units)?;
                Self::Indices { host, kind, last: Stored::load(last)? }
            }
            Values::Macs(pool) => Self::Macs { pool: Stored::load(pool)? },
        })
    }
}
