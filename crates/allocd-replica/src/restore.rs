//! The first member of a cluster that begins with a backup.
//!
//! It is a new cluster of one member, whose log begins behind a snapshot: raft knows no other way to begin with a state, and so
//! one machine alone decides what that state is. The others join it as new members do.

use allocd_state::machine::Machine;
use allocd_types::id::MemberId;

use crate::codec::{Level, Snapshot};
use crate::log::{HardState, LogError, LogStore, Position, SNAPSHOT_CHUNK_BYTES_MAX, SnapshotMark};
use crate::membership::Membership;

/// Where the log of such a cluster begins.
const BEGINS_AT: Position = Position { index: 1, term: 1 };

/// Writes a machine into an empty log as what a cluster of this one member begins with. Who joins has to understand the level.
///
/// # Errors
/// [`LogError::Failed`] if it cannot be written; the log must not be used then.
///
/// # Panics
/// If the log is not empty.
pub fn begin_with<S: LogStore>(
    log: &mut S,
    member: MemberId,
    (level, machine): (Level, Machine),
) -> Result<(), LogError> {
    assert!(log.configuration().is_none() && log.last_index() == 0, "only an empty log can begin");
    let configuration = Membership::founding([member.get()]).configuration();
    let snapshot = Snapshot { index: BEGINS_AT.index, term: BEGINS_AT.term, level, machine };
    log.begin_snapshot()?;
    for chunk in snapshot.parts(SNAPSHOT_CHUNK_BYTES_MAX) {
        log.write_snapshot(&chunk)?;
    }
    log.finish_snapshot(SnapshotMark { at: BEGINS_AT, configuration: configuration.clone() })?;
    log.set_configuration(configuration)?;
    log.set_hard_state(HardState { term: BEGINS_AT.term, vote: 0, commit: BEGINS_AT.index })?;
    log.flush()
}
