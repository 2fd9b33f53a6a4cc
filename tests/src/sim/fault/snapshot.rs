//! Faults of what carries snapshots from one member to another: something is left out on the way, and the rest is whole.

use std::sync::Arc;

use allocd_replica::Snapshot;
use allocd_state::snapshot::{End, MachineBuilder, SnapshotRecord};
use allocd_types::network::NetworkSpec;
use allocd_types::pool::PoolSpec;
use allocd_types::time::Span;

/// What is left out of a snapshot that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotFault {
    /// Nothing.
    None,
    /// The request memory.
    WithoutMemory,
    /// The values that rest, with the leases that they remember.
    WithoutQuarantine,
    /// What was told of values that are in use by others.
    WithoutDeclines,
}

impl SnapshotFault {
    /// What arrives, of what is sent.
    #[must_use]
    pub fn carried(self, snapshot: Snapshot) -> Snapshot {
        match self {
            Self::None => snapshot,
            Self::WithoutMemory => {
                changed(&snapshot, |record| (!matches!(record, SnapshotRecord::Request(_))).then_some(record))
            }
            Self::WithoutDeclines => {
                changed(&snapshot, |record| (!matches!(record, SnapshotRecord::Decline(_))).then_some(record))
            }
            Self::WithoutQuarantine => changed(&snapshot, |record| {
                let rests = matches!(record, SnapshotRecord::Value(_) | SnapshotRecord::FormerLease(_));
                (!rests).then_some(record)
            }),
        }
    }
}

/// A snapshot whose networks and pools let nothing rest.
#[must_use]
pub(super) fn without_quarantine(snapshot: &Snapshot) -> Snapshot {
    changed(snapshot, |record| match record {
        SnapshotRecord::Pool(spec) => {
            let spec = PoolSpec { quarantine: Span::ZERO, ..(*spec).clone() };
            Some(SnapshotRecord::Pool(Arc::new(spec)))
        }
        SnapshotRecord::Network(spec) => {
            let spec = NetworkSpec { quarantine: Span::ZERO, ..(*spec).clone() };
            Some(SnapshotRecord::Network(Arc::new(spec)))
        }
        SnapshotRecord::Head(_)
        | SnapshotRecord::Host(_)
        | SnapshotRecord::Exclusion(_)
        | SnapshotRecord::Reservation(_)
        | SnapshotRecord::Lease(_)
        | SnapshotRecord::FormerLease(_)
        | SnapshotRecord::Value(_)
        | SnapshotRecord::Decline(_)
        | SnapshotRecord::Request(_)
        | SnapshotRecord::End(_) => Some(record),
    })
}

/// The snapshot of the machine that other records make.
fn changed(snapshot: &Snapshot, change: impl Fn(SnapshotRecord) -> Option<SnapshotRecord>) -> Snapshot {
    let mut builder = MachineBuilder::new();
    for (records, record) in (0..).zip(snapshot.machine.records().filter_map(change)) {
        let is_end = matches!(record, SnapshotRecord::End(_));
        let record = if is_end { SnapshotRecord::End(End { records }) } else { record };
        builder.add(record).expect("what is left fits");
    }
    let machine = builder.build().expect("what is left is sound");
    Snapshot { machine, ..*snapshot }
}
