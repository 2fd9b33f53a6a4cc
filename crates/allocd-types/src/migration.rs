//! Moving a lease from one host to another: jail migration, in two phases.
//!
//! The lease keeps its MACs and addresses and takes a unit on the new host. It is never on both: the old host has it until it
//! has confirmed, at the generation that the move made, that nothing of the lease is left there; only then the new host gets it.

use crate::allocation::LeaseRef;
use crate::id::{Generation, MoveId};
use crate::index::UnitIndex;
use crate::name::HostName;
use crate::time::WallTime;

/// A wish to move a lease.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MoveSpec {
    /// Which lease.
    pub lease: LeaseRef,
    /// The generation the asker knows; a stale one is refused.
    pub generation: Option<Generation>,
    /// Where to.
    pub to: HostName,
}

/// A wish to leave a lease where it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CancelMoveSpec {
    /// Which lease.
    pub lease: LeaseRef,
    /// Which of its moves; nothing said: the one that is under way.
    pub id: Option<MoveId>,
}

/// A move that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Migration {
    /// Its identity.
    pub id: MoveId,
    /// Where to.
    pub to: HostName,
    /// The unit that the interface gets there, if its kind has one.
    pub index: Option<UnitIndex>,
    /// When it began, by a wall clock, for people.
    pub begun_at: WallTime,
}
