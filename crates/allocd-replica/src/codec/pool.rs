//! Pools of MAC addresses and of indices.

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::pool::Values;
use allocd_types::mac::{Mac, MacBlock};
use allocd_types::name::PoolName;
use allocd_types::pool::{IndexScope, PoolSpec, PoolValues};
use allocd_types::time::Span;

use super::{CodecError, Stored, load_all, load_required, store_all, valid};

impl Stored for PoolSpec {
    type Message = v1::Pool;

    fn store(&self) -> v1::Pool {
        let values = match &self.values {
            PoolValues::Mac { blocks } => Values::Mac(v1::MacPool { blocks: store_all(blocks) }),
            PoolValues::Index { kind, first, last, scope } => Values::Index(v1::IndexPool {
                kind: kind.store(),
                first: first.store(),
                last: last.store(),
                scope: scope.store(),
            }),
        };
        v1::Pool {
            name: self.name.as_str().to_owned(),
            values: Some(values),
            quarantine_ms: self.quarantine.millis(),
            thresholds: Some(self.thresholds.store()),
            labels: self.labels.store(),
        }
    }

    fn load(message: v1::Pool) -> Result<Self, CodecError> {
        let values = match message.values.ok_or(CodecError::Unknown { field: "pool's values" })? {
            Values::Mac(mac) => PoolValues::Mac { blocks: load_all(mac.blocks)? },
            Values::Index(index) => PoolValues::Index {
                kind: Stored::load(index.kind)?,
                first: Stored::load(index.first)?,
                last: Stored::load(index.last)?,
                scope: Stored::load(index.scope)?,
            },
        };
        Ok(Self {
            name: valid("pool", PoolName::new(&message.name))?,
            values,
            quarantine: Span::from_millis(message.quarantine_ms),
            thresholds: load_required("thresholds", message.thresholds)?,
            labels: Stored::load(message.labels)?,
        })
    }
}

impl Stored for MacBlock {
    type Message = v1::MacBlock;

    fn store(&self) -> v1::MacBlock {
        v1::MacBlock { base: self.first().store(), prefix_length: self.prefix_bits().into() }
    }

    fn load(message: v1::MacBlock) -> Result<Self, CodecError> {
        let length = valid("MAC block", u8::try_from(message.prefix_length))?;
        valid("MAC block", Self::new(Mac::load(message.base)?, length))
    }
}

impl Stored for IndexScope {
    type Message = i32;

    fn store(&self) -> i32 {
        let scope = match self {
            Self::Host => v1::IndexScope::Host,
            Self::Cluster => v1::IndexScope::Cluster,
        };
        scope.into()
    }

    fn load(number: i32) -> Result<Self, CodecError> {
        match v1::IndexScope::try_from(number) {
            Ok(v1::IndexScope::Host) => Ok(Self::Host),
            Ok(v1::IndexScope::Cluster) => Ok(Self::Cluster),
            Ok(v1::IndexScope::Unspecified) | Err(_) => {
                Err(CodecError::Unknown { field: "scope of indices" })
            }
        }
    }
}
