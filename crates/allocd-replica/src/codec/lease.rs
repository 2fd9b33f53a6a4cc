//! What is asked about leases: grants, renewals, releases.

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::lease_reference::By;
use allocd_types::allocation::{
    AllocationSpec, ExistingLease, FamilyWish, LeaseRef, Pins, ReleaseSpec, RenewalSpec, Teardown,
};
use allocd_types::id::{Generation, LeaseId, Revision};
use allocd_types::name::NetworkName;
use allocd_types::time::Span;

use super::command::{load_missing, store_missing};
use super::value::load_optional;
use super::{CodecError, Stored, load_all, load_required, store_all, valid};

impl Stored for AllocationSpec {
    type Message = v1::Allocation;

    fn store(&self) -> v1::Allocation {
        v1::Allocation {
            holder: Some(self.holder.store()),
            network: self.network.as_str().to_owned(),
            kind: self.kind.store(),
            ipv4: self.ipv4.store(),
            ipv6: self.ipv6.store(),
            pinned_index: self.pins.index.as_ref().map(Stored::store),
            pinned_macs: Some(self.pins.macs.store()),
            pinned_addresses: store_all(&self.pins.addresses),
            ttl_ms: self.ttl.map(Span::millis),
            create_only: match self.existing {
                ExistingLease::Return => false,
                ExistingLease::Refuse => true,
            },
            labels: self.labels.store(),
        }
    }

    fn load(message: v1::Allocation) -> Result<Self, CodecError> {
        Ok(Self {
            holder: load_required("holder", message.holder)?,
            network: valid("network", NetworkName::new(&message.network))?,
            kind: Stored::load(message.kind)?,
            ipv4: Stored::load(message.ipv4)?,
            ipv6: Stored::load(message.ipv6)?,
            pins: Pins {
                index: load_optional(message.pinned_index)?,
                macs: load_required("pinned MAC addresses", message.pinned_macs)?,
                addresses: load_all(message.pinned_addresses)?,
            },
            ttl: message.ttl_ms.map(Span::from_millis),
            existing: if message.create_only { ExistingLease::Refuse } else { ExistingLease::Return },
            labels: Stored::load(message.labels)?,
        })
    }
}

impl Stored for FamilyWish {
    type Message = i32;

    fn store(&self) -> i32 {
        let wish = match self {
            Self::IfSubnets => v1::FamilyWish::IfSubnets,
            Self::Required => v1::FamilyWish::Required,
            Self::Unwanted => v1::FamilyWish::Unwanted,
        };
        wish.into()
    }

    fn load(number: i32) -> Result<Self, CodecError> {
        match v1::FamilyWish::try_from(number) {
            Ok(v1::FamilyWish::IfSubnets) => Ok(Self::IfSubnets),
            Ok(v1::FamilyWish::Required) => Ok(Self::Required),
            Ok(v1::FamilyWish::Unwanted) => Ok(Self::Unwanted),
            Ok(v1::FamilyWish::Unspecified) | Err(_) => {
                Err(CodecError::Unknown { field: "wish for a family" })
            }
        }
    }
}

impl Stored for LeaseRef {
    type Message = v1::LeaseReference;

    fn store(&self) -> v1::LeaseReference {
        let by = match self {
            Self::Id(id) => By::Id(id.get()),
            Self::Holder(holder) => By::Holder(holder.store()),
        };
        v1::LeaseReference { by: Some(by) }
    }

    fn load(message: v1::LeaseReference) -> Result<Self, CodecError> {
        match message.by.ok_or(CodecError::Unknown { field: "lease" })? {
            By::Id(id) => Ok(Self::Id(LeaseId::new(id))),
            By::Holder(holder) => Ok(Self::Holder(Stored::load(holder)?)),
        }
    }
}

impl Stored for Generation {
    type Message = v1::Generation;

    fn store(&self) -> v1::Generation {
        v1::Generation { timeline: self.timeline, revision: self.revision.get() }
    }

    fn load(message: v1::Generation) -> Result<Self, CodecError> {
        Ok(Self { timeline: message.timeline, revision: Revision::new(message.revision) })
    }
}

impl Stored for RenewalSpec {
    type Message = v1::Renewal;

    fn store(&self) -> v1::Renewal {
        v1::Renewal {
            lease: Some(self.lease.store()),
            generation: self.generation.as_ref().map(Stored::store),
            ttl_ms: self.ttl.map(Span::millis),
        }
    }

    fn load(message: v1::Renewal) -> Result<Self, CodecError> {
        Ok(Self {
            lease: load_required("lease", message.lease)?,
            generation: load_optional(message.generation)?,
            ttl: message.ttl_ms.map(Span::from_millis),
        })
    }
}

impl Stored for ReleaseSpec {
    type Message = v1::Release;

    fn store(&self) -> v1::Release {
        v1::Release {
            lease: Some(self.lease.store()),
            generation: self.generation.as_ref().map(Stored::store),
            allow_missing: store_missing(self.missing),
            stated: match self.teardown {
                Teardown::Awaited => false,
                Teardown::Stated => true,
            },
        }
    }

    fn load(message: v1::Release) -> Result<Self, CodecError> {
        Ok(Self {
            lease: load_required("lease", message.lease)?,
            generation: load_optional(message.generation)?,
            missing: load_missing(message.allow_missing),
            teardown: if message.stated { Teardown::Stated } else { Teardown::Awaited },
        })
    }
}
