//! The machine's no, as the request memory keeps it.

mod agent;

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::rejection::Kind;
use allocd_proto::storage::v1::subject;
use allocd_types::address::Prefix;
use allocd_types::holder::Holder;
use allocd_types::id::{Incarnation, LeaseId};
use allocd_types::name::{HostName, NetworkName, ReservationName, VrfName};
use allocd_types::pool::PoolRef;
use allocd_types::rejection::{Difference, Rejection, Subject};
use allocd_types::time::Span;
use allocd_types::usage::Counts;
use allocd_types::value::Value;

use super::{CodecError, Stored, load_all, load_required, store_all};

/// How deep a no may lie in others: what lies deeper is damage.
const DEPTH_MAX: usize = 4;

impl Stored for Rejection {
    type Message = v1::Rejection;

    fn store(&self) -> v1::Rejection {
        let kind = match self {
            Self::NotFound(subject) => Kind::NotFound(subject.store()),
            Self::Exists(subject) => Kind::Exists(subject.store()),
            Self::HolderHasLease { holder, lease, differences } => has_lease(holder, *lease, differences),
            Self::Taken { value, lease, holder } => taken(value, *lease, holder),
            Self::Resting { value, rests_for } => Kind::Resting(v1::ValueResting {
                value: Some(value.store()),
                rests_for_ms: rests_for.millis(),
            }),
            Self::Reserved { value, reservation, holder } => reserved(value, reservation, holder),
            Self::Excluded { value, exclusion } => {
                Kind::Excluded(v1::ValueExcluded { value: Some(value.store()), exclusion: exclusion.store() })
            }
            Self::NotAHost { address, why } => {
                Kind::NotAHost(v1::NotAHost { address: address.store(), why: why.store() })
            }
            Self::OutsidePool { value, network } => {
                Kind::OutsidePool(v1::OutsidePool { value: Some(value.store()), network: network.store() })
            }
            Self::NotOfKind { value, kind } => {
                Kind::NotOfKind(v1::NotOfKind { value: Some(value.store()), kind: kind.store() })
            }
            Self::NoSubnet { network, family } => {
                Kind::NoSubnet(v1::NoSubnet { network: network.store(), family: family.store() })
            }
            Self::SubnetOverlap { prefix, other, network, vrf } => {
                subnet_overlap(*prefix, *other, network, vrf)
            }
            Self::BlockOverlap { block, other, pool } => {
                let (block, other) = (Some(block.store()), Some(other.store()));
                Kind::BlockOverlap(v1::BlockOverlap { block, other, pool: pool.store() })
            }
            Self::NoMacPool { pool } => Kind::NoMacPool(pool.store()),
            Self::InUse { subject, users, by } => in_use(subject, *users, by),
            Self::Fenced { lease, given, current } => {
                let (given, current) = (Some(given.store()), Some(current.store()));
                Kind::Fenced(v1::Fenced { lease: lease.get(), given, current })
            }
            Self::StaleIncarnation { host, given, current } => stale_incarnation(host, *given, *current),
            Self::HostUuidInUse { host, other } => {
                Kind::HostUuidInUse(v1::HostUuidInUse { host: host.store(), other: other.store() })
            }
            Self::RequestIdReused { request_id } => Kind::RequestIdReused(request_id.store()),
            Self::Superseded { lease, generation } => {
                Kind::Superseded(v1::Superseded { lease: lease.get(), generation: Some(generation.store()) })
            }
            Self::Permanent { lease } => Kind::Permanent(lease.get()),
            Self::Exhausted { pool, counts, next_free_in } => exhausted(pool, *counts, *next_free_in),
            Self::LeasesPerHost { host, leases_max } => {
                Kind::LeasesPerHost(v1::LeasesPerHost { host: host.store(), leases_max: *leases_max })
            }
            Self::Expired { request_id } => Kind::Expired(request_id.store()),
            Self::InBatch { position, rejection } => in_batch(*position, rejection),
            Self::Recovering { hosts, rests_for } => recovering(*hosts, *rests_for),
            Self::NotRecovering => Kind::NotRecovering(v1::Nothing {}),
            Self::HostNotActive { host, state } => agent::host_not_active(host, *state),
            Self::HostFenced { host } => Kind::HostFenced(host.store()),
            Self::HostNotReturned { host } => Kind::HostNotReturned(host.store()),
            Self::OnOtherHost { lease, host, holder } => agent::on_other_host(*lease, host, holder),
            Self::Releasing { lease, holder } => agent::releasing(*lease, holder),
            Self::NothingToConfirm { lease } => Kind::NothingToConfirm(lease.get()),
            Self::Moving { lease, to, id } => agent::moving(*lease, to, *id),
            Self::NotMoving { lease } => Kind::NotMoving(lease.get()),
            Self::MovesToItself { lease, host } => agent::moves_to_itself(*lease, host),
            Self::NotOfLease { lease, part } => agent::not_of_lease(*lease, *part),
            Self::NotDeclined { value } => Kind::NotDeclined(value.store()),
        };
        v1::Rejection { kind: Some(kind) }
    }

    fn load(message: v1::Rejection) -> Result<Self, CodecError> {
        load_within(message, DEPTH_MAX)
    }
}

fn has_lease(holder: &Holder, lease: LeaseId, differences: &[Difference]) -> Kind {
    let (holder, differences) = (Some(holder.store()), store_all(differences));
    Kind::HolderHasLease(v1::HolderHasLease { holder, lease: lease.get(), differences })
}

fn taken(value: &Value, lease: LeaseId, holder: &Holder) -> Kind {
    let (value, holder) = (Some(value.store()), Some(holder.store()));
    Kind::Taken(v1::ValueTaken { value, lease: lease.get(), holder })
}

fn reserved(value: &Value, reservation: &ReservationName, holder: &Holder) -> Kind {
    let (value, holder) = (Some(value.store()), Some(holder.store()));
    Kind::Reserved(v1::ValueReserved { value, reservation: reservation.store(), holder })
}

fn subnet_overlap(prefix: Prefix, other: Prefix, network: &NetworkName, vrf: &VrfName) -> Kind {
    let (prefix, other) = (Some(prefix.store()), Some(other.store()));
    Kind::SubnetOverlap(v1::SubnetOverlap { prefix, other, network: network.store(), vrf: vrf.store() })
}

fn in_use(subject: &Subject, users: u64, by: &str) -> Kind {
    Kind::InUse(v1::InUse { subject: Some(subject.store()), users, by: by.to_owned() })
}

fn exhausted(pool: &PoolRef, counts: Counts, next_free_in: Option<Span>) -> Kind {
    let (pool, counts) = (Some(pool.store()), Some(counts.store()));
    Kind::Exhausted(v1::Exhausted { pool, counts, next_free_in_ms: next_free_in.map(Span::millis) })
}

fn stale_incarnation(host: &HostName, given: Incarnation, current: Incarnation) -> Kind {
    let (given, current) = (given.get(), current.get());
    Kind::StaleIncarnation(v1::StaleIncarnation { host: host.store(), given, current })
}

const fn recovering(hosts: u64, rests_for: Span) -> Kind {
    Kind::Recovering(v1::Recovering { hosts, rests_for_ms: rests_for.millis() })
}

fn in_batch(position: u32, rejection: &Rejection) -> Kind {
    Kind::InBatch(Box::new(v1::InBatch { position, rejection: Some(Box::new(rejection.store())) }))
}

fn load_within(message: v1::Rejection, depth: usize) -> Result<Rejection, CodecError> {
    let value = |value| load_required("value", value);
    let kind = message.kind.ok_or(CodecError::Unknown { field: "rejection" })?;
    Ok(match kind {
        Kind::NotFound(subject) => Rejection::NotFound(Stored::load(subject)?),
        Kind::Exists(subject) => Rejection::Exists(Stored::load(subject)?),
        Kind::HolderHasLease(found) => load_has_lease(found)?,
        Kind::Taken(found) => load_taken(found)?,
        Kind::Resting(found) => {
            let rests_for = Span::from_millis(found.rests_for_ms);
            Rejection::Resting { value: value(found.value)?, rests_for }
        }
        Kind::Reserved(found) => load_reserved(found)?,
        Kind::Excluded(found) => {
            Rejection::Excluded { value: value(found.value)?, exclusion: Stored::load(found.exclusion)? }
        }
        Kind::NotAHost(found) => {
            Rejection::NotAHost { address: Stored::load(found.address)?, why: Stored::load(found.why)? }
        }
        Kind::OutsidePool(found) => {
            Rejection::OutsidePool { value: value(found.value)?, network: Stored::load(found.network)? }
        }
        Kind::NotOfKind(found) => {
            Rejection::NotOfKind { value: value(found.value)?, kind: Stored::load(found.kind)? }
        }
        Kind::NoSubnet(found) => {
            Rejection::NoSubnet { network: Stored::load(found.network)?, family: Stored::load(found.family)? }
        }
        Kind::SubnetOverlap(found) => load_subnet_overlap(found)?,
        Kind::BlockOverlap(found) => load_block_overlap(found)?,
        Kind::NoMacPool(pool) => Rejection::NoMacPool { pool: Stored::load(pool)? },
        Kind::InUse(v1::InUse { subject, users, by }) => {
            Rejection::InUse { subject: load_required("resource", subject)?, users, by: by.into() }
        }
        Kind::Fenced(found) => load_fenced(found)?,
        Kind::StaleIncarnation(found) => {
            let (given, current) = (Incarnation::new(found.given), Incarnation::new(found.current));
            Rejection::StaleIncarnation { host: Stored::load(found.host)?, given, current }
        }
        Kind::HostUuidInUse(found) => {
            Rejection::HostUuidInUse { host: Stored::load(found.host)?, other: Stored::load(found.other)? }
        }
        Kind::RequestIdReused(id) => Rejection::RequestIdReused { request_id: Stored::load(id)? },
        Kind::Superseded(found) => {
            let generation = load_required("generation", found.generation)?;
            Rejection::Superseded { lease: LeaseId::new(found.lease), generation }
        }
        Kind::Permanent(lease) => Rejection::Permanent { lease: LeaseId::new(lease) },
        Kind::Exhausted(found) => load_exhausted(found)?,
        Kind::LeasesPerHost(v1::LeasesPerHost { host, leases_max }) => {
            Rejection::LeasesPerHost { host: Stored::load(host)?, leases_max }
        }
        Kind::Expired(id) => Rejection::Expired { request_id: Stored::load(id)? },
        Kind::InBatch(found) => load_in_batch(*found, depth)?,
        Kind::Recovering(v1::Recovering { hosts, rests_for_ms }) => {
            Rejection::Recovering { hosts, rests_for: Span::from_millis(rests_for_ms) }
        }
        Kind::NotRecovering(v1::Nothing {}) => Rejection::NotRecovering,
        Kind::HostNotActive(found) => agent::load_host_not_active(found)?,
        Kind::HostFenced(host) => Rejection::HostFenced { host: Stored::load(host)? },
        Kind::HostNotReturned(host) => Rejection::HostNotReturned { host: Stored::load(host)? },
        Kind::OnOtherHost(found) => agent::load_on_other_host(found)?,
        Kind::Releasing(found) => agent::load_releasing(found)?,
        Kind::NothingToConfirm(lease) => Rejection::NothingToConfirm { lease: LeaseId::new(lease) },
        Kind::Moving(found) => agent::load_moving(found)?,
        Kind::NotMoving(lease) => Rejection::NotMoving { lease: LeaseId::new(lease) },
        Kind::MovesToItself(found) => agent::load_moves_to_itself(found)?,
        Kind::NotOfLease(found) => agent::load_not_of_lease(found)?,
        Kind::NotDeclined(value) => Rejection::NotDeclined { value: Stored::load(value)? },
    })
}

fn load_has_lease(found: v1::HolderHasLease) -> Result<Rejection, CodecError> {
    Ok(Rejection::HolderHasLease {
        holder: load_required("holder", found.holder)?,
        lease: LeaseId::new(found.lease),
        differences: load_all(found.differences)?,
    })
}

fn load_taken(found: v1::ValueTaken) -> Result<Rejection, CodecError> {
    Ok(Rejection::Taken {
        value: load_required("value", found.value)?,
        lease: LeaseId::new(found.lease),
        holder: load_required("holder", found.holder)?,
    })
}

fn load_reserved(found: v1::ValueReserved) -> Result<Rejection, CodecError> {
    Ok(Rejection::Reserved {
        value: load_required("value", found.value)?,
        reservation: Stored::load(found.reservation)?,
        holder: load_required("holder", found.holder)?,
    })
}

fn load_subnet_overlap(found: v1::SubnetOverlap) -> Result<Rejection, CodecError> {
    Ok(Rejection::SubnetOverlap {
        prefix: load_required("prefix", found.prefix)?,
        other: load_required("prefix", found.other)?,
        network: Stored::load(found.network)?,
        vrf: Stored::load(found.vrf)?,
    })
}

fn load_block_overlap(found: v1::BlockOverlap) -> Result<Rejection, CodecError> {
    Ok(Rejection::BlockOverlap {
        block: load_required("block", found.block)?,
        other: load_required("block", found.other)?,
        pool: Stored::load(found.pool)?,
    })
}

fn load_fenced(found: v1::Fenced) -> Result<Rejection, CodecError> {
    Ok(Rejection::Fenced {
        lease: LeaseId::new(found.lease),
        given: load_required("generation", found.given)?,
        current: load_required("generation", found.current)?,
    })
}

fn load_exhausted(found: v1::Exhausted) -> Result<Rejection, CodecError> {
    Ok(Rejection::Exhausted {
        pool: load_required("pool", found.pool)?,
        counts: load_required("counts", found.counts)?,
        next_free_in: found.next_free_in_ms.map(Span::from_millis),
    })
}

fn load_in_batch(found: v1::InBatch, depth: usize) -> Result<Rejection, CodecError> {
    let unknown = || CodecError::Unknown { field: "rejection in a batch" };
    let depth = depth.checked_sub(1).ok_or_else(unknown)?;
    let rejection = load_within(*found.rejection.ok_or_else(unknown)?, depth)?;
    Ok(Rejection::InBatch { position: found.position, rejection: Box::new(rejection) })
}

impl Stored for Difference {
    type Message = v1::Difference;

    fn store(&self) -> v1::Difference {
        v1::Difference { field: self.field.to_string(), has: self.has.clone(), wanted: self.wanted.clone() }
    }

    fn load(message: v1::Difference) -> Result<Self, CodecError> {
        Ok(Self { field: message.field.into(), has: message.has, wanted: message.wanted })
    }
}

impl Stored for Subject {
    type Message = v1::Subject;

    fn store(&self) -> v1::Subject {
        let kind = match self {
            Self::Network(name) => subject::Kind::Network(name.store()),
            Self::Pool(name) => subject::Kind::Pool(name.store()),
            Self::Host(name) => subject::Kind::Host(name.store()),
            Self::Lease(lease) => subject::Kind::Lease(lease.store()),
            Self::Reservation(name) => subject::Kind::Reservation(name.store()),
            Self::Exclusion(name) => subject::Kind::Exclusion(name.store()),
        };
        v1::Subject { kind: Some(kind) }
    }

    fn load(message: v1::Subject) -> Result<Self, CodecError> {
        Ok(match message.kind.ok_or(CodecError::Unknown { field: "resource" })? {
            subject::Kind::Network(name) => Self::Network(Stored::load(name)?),
            subject::Kind::Pool(name) => Self::Pool(Stored::load(name)?),
            subject::Kind::Host(name) => Self::Host(Stored::load(name)?),
            subject::Kind::Lease(lease) => Self::Lease(Stored::load(lease)?),
            subject::Kind::Reservation(name) => Self::Reservation(Stored::load(name)?),
            subject::Kind::Exclusion(name) => Self::Exclusion(Stored::load(name)?),
        })
    }
}
