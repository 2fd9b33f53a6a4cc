//! The records of a machine and the messages that stand for them. The head and the end carry more than the machine tells, so
//! they are put together where a snapshot is framed.

use std::iter;
use std::sync::Arc;

use allocd_proto::storage::v1;
use allocd_state::event::RestingValue;
use allocd_state::record::{LeaseRecord, Lifetime};
use allocd_state::snapshot::{FormerLeaseRecord, HostRecord, ValueRecord};
use allocd_state::space::{Memory, Rest};
use allocd_types::host::{HostState, HostUuid};
use allocd_types::id::{Incarnation, LeaseId};
use allocd_types::lease::LeaseState;
use allocd_types::time::{ClusterTime, Span, WallTime};

use crate::codec::host::load_release;
use crate::codec::value::load_optional;
use crate::codec::{CodecError, Stored, load_all, load_required, store_all, valid};

impl Stored for HostRecord {
    type Message = v1::KnownHost;

    fn store(&self) -> v1::KnownHost {
        let Self { spec, state, incarnation, uuid, release, suspects } = self;
        v1::KnownHost {
            host: Some(spec.store()),
            state: state.store(),
            incarnation: incarnation.get(),
            uuid: uuid.as_ref().map(|uuid| uuid.as_str().to_owned()),
            release: release.as_ref().map(|release| release.as_str().to_owned()),
            suspects: suspects.iter().map(|(lease, _)| lease.get()).collect(),
            suspected_at_ms: suspects.iter().map(|(_, since)| since.millis()).collect(),
        }
    }

    fn load(message: v1::KnownHost) -> Result<Self, CodecError> {
        let uuid = message.uuid.map(|uuid| HostUuid::new(&uuid)).transpose();
        Ok(Self {
            spec: Arc::new(load_required("host", message.host)?),
            state: Stored::load(message.state)?,
            incarnation: Incarnation::new(message.incarnation),
            uuid: valid("hostuuid", uuid)?,
            release: load_release(message.release)?,
            suspects: load_suspects(message.suspects, &message.suspected_at_ms)?,
        })
    }
}

/// Where nobody has written since when, it is since ever: what is suspect then counts from when its network begins to free suspects,
/// and none did.
fn load_suspects(
    suspects: Vec<u64>,
    suspected_at_ms: &[u64],
) -> Result<Vec<(LeaseId, ClusterTime)>, CodecError> {
    if !suspected_at_ms.is_empty() && suspected_at_ms.len() != suspects.len() {
        return Err(CodecError::Unknown { field: "moment of a suspicion" });
    }
    let since = suspected_at_ms.iter().copied().chain(iter::repeat(0)).map(ClusterTime::from_millis);
    Ok(suspects.into_iter().map(LeaseId::new).zip(since).collect())
}

impl Stored for HostState {
    type Message = i32;

    fn store(&self) -> i32 {
        match self {
            Self::Active => v1::HostState::Active.into(),
            Self::Draining => v1::HostState::Draining.into(),
            Self::Fenced => v1::HostState::Fenced.into(),
        }
    }

    fn load(number: i32) -> Result<Self, CodecError> {
        match v1::HostState::try_from(number) {
            Ok(v1::HostState::Active) => Ok(Self::Active),
            Ok(v1::HostState::Draining) => Ok(Self::Draining),
            Ok(v1::HostState::Fenced) => Ok(Self::Fenced),
            Ok(v1::HostState::Unspecified) | Err(_) => Err(CodecError::Unknown { field: "state of a host" }),
        }
    }
}

impl Stored for LeaseRecord {
    type Message = v1::Lease;

    fn store(&self) -> v1::Lease {
        v1::Lease {
            id: self.id.get(),
            holder: Some(self.holder.store()),
            network: self.network.store(),
            kind: self.kind.store(),
            index: self.index.as_ref().map(Stored::store),
            macs: Some(self.macs.store()),
            addresses: store_all(&self.addresses),
            state: self.state.store(),
            generation: Some(self.generation.store()),
            lifetime: self.lifetime.as_ref().map(Stored::store),
            granted_at_ms: self.granted_at.unix_millis(),
            labels: self.labels.store(),
            is_delivered: self.is_delivered,
            migration: self.migration.as_ref().map(|migration| migration.store()),
            retired: self.retired.as_ref().map(|retired| store_all(retired)).unwrap_or_default(),
        }
    }

    fn load(message: v1::Lease) -> Result<Self, CodecError> {
        Ok(Self {
            id: LeaseId::new(message.id),
            holder: load_required("holder", message.holder)?,
            network: Stored::load(message.network)?,
            kind: Stored::load(message.kind)?,
            index: load_optional(message.index)?,
            macs: load_required("MAC addresses", message.macs)?,
            addresses: load_all(message.addresses)?,
            state: Stored::load(message.state)?,
            generation: load_required("generation", message.generation)?,
            lifetime: load_optional(message.lifetime)?,
            granted_at: WallTime::from_unix_millis(message.granted_at_ms),
            labels: Stored::load(message.labels)?,
            is_delivered: message.is_delivered,
            migration: load_optional(message.migration)?.map(Arc::new),
            retired: (!message.retired.is_empty())
                .then(|| load_all(message.retired).map(Arc::new))
                .transpose()?,
        })
    }
}

impl Stored for LeaseState {
    type Message = i32;

    fn store(&self) -> i32 {
        match self {
            Self::Granted => v1::LeaseState::Granted.into(),
            Self::Bound => v1::LeaseState::Bound.into(),
            Self::Releasing => v1::LeaseState::Releasing.into(),
        }
    }

    fn load(number: i32) -> Result<Self, CodecError> {
        match v1::LeaseState::try_from(number) {
            Ok(v1::LeaseState::Granted) => Ok(Self::Granted),
            Ok(v1::LeaseState::Bound) => Ok(Self::Bound),
            Ok(v1::LeaseState::Releasing) => Ok(Self::Releasing),
            Ok(v1::LeaseState::Unspecified) | Err(_) => {
                Err(CodecError::Unknown { field: "state of a lease" })
            }
        }
    }
}

impl Stored for Lifetime {
    type Message = v1::Lifetime;

    fn store(&self) -> v1::Lifetime {
        v1::Lifetime { ttl_ms: self.ttl.millis(), ends_at_ms: self.ends_at.millis() }
    }

    fn load(message: v1::Lifetime) -> Result<Self, CodecError> {
        Ok(Self {
            ttl: Span::from_millis(message.ttl_ms),
            ends_at: ClusterTime::from_millis(message.ends_at_ms),
        })
    }
}

impl Stored for FormerLeaseRecord {
    type Message = v1::FormerLease;

    fn store(&self) -> v1::FormerLease {
        let Self { lease, is_last_of_holder } = self;
        v1::FormerLease { lease: Some(lease.store()), is_last_of_holder: *is_last_of_holder }
    }

    fn load(message: v1::FormerLease) -> Result<Self, CodecError> {
        let lease = Arc::new(load_required("lease", message.lease)?);
        Ok(Self { lease, is_last_of_holder: message.is_last_of_holder })
    }
}

impl Stored for ValueRecord {
    type Message = v1::RememberedValue;

    fn store(&self) -> v1::RememberedValue {
        let Self { value: RestingValue { space, number }, memory: Memory { lease, rests_until }, rest } =
            self;
        v1::RememberedValue {
            space: Some(space.store()),
            number: Some(number.store()),
            lease: lease.get(),
            rests_until_ms: rests_until.millis(),
            has_rested: match rest {
                Rest::Resting => false,
                Rest::Rested => true,
            },
        }
    }

    fn load(message: v1::RememberedValue) -> Result<Self, CodecError> {
        Ok(Self {
            value: RestingValue {
                space: load_required("space", message.space)?,
                number: load_required("number", message.number)?,
            },
            memory: Memory {
                lease: LeaseId::new(message.lease),
                rests_until: ClusterTime::from_millis(message.rests_until_ms),
            },
            rest: if message.has_rested { Rest::Rested } else { Rest::Resting },
        })
    }
}
