//! Moves of leases.

use allocd_proto::storage::v1;
use allocd_types::id::MoveId;
use allocd_types::migration::{CancelMoveSpec, Migration, MoveSpec};
use allocd_types::time::WallTime;

use super::value::load_optional;
use super::{CodecError, Stored, load_required};

impl Stored for MoveSpec {
    type Message = v1::Move;

    fn store(&self) -> v1::Move {
        v1::Move {
            lease: Some(self.lease.store()),
            generation: self.generation.as_ref().map(Stored::store),
            to: self.to.store(),
        }
    }

    fn load(message: v1::Move) -> Result<Self, CodecError> {
        Ok(Self {
            lease: load_required("lease", message.lease)?,
            generation: load_optional(message.generation)?,
            to: Stored::load(message.to)?,
        })
    }
}

impl Stored for CancelMoveSpec {
    type Message = v1::CancelMove;

    fn store(&self) -> v1::CancelMove {
        v1::CancelMove { lease: Some(self.lease.store()), id: self.id.map(MoveId::get) }
    }

    fn load(message: v1::CancelMove) -> Result<Self, CodecError> {
        let id = message.id.map(MoveId::new);
        Ok(Self { lease: load_required("lease", message.lease)?, id })
    }
}

impl Stored for Migration {
    type Message = v1::Migration;

    fn store(&self) -> v1::Migration {
        v1::Migration {
            id: self.id.get(),
            to: self.to.store(),
            index: self.index.as_ref().map(Stored::store),
            begun_at_ms: self.begun_at.unix_millis(),
        }
    }

    fn load(message: v1::Migration) -> Result<Self, CodecError> {
        Ok(Self {
            id: MoveId::new(message.id),
            to: Stored::load(message.to)?,
            index: load_optional(message.index)?,
            begun_at: WallTime::from_unix_millis(message.begun_at_ms),
        })
    }
}
