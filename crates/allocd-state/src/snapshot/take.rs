//! A machine into records, one after the other.

use std::iter;

use super::{End, FormerLeaseRecord, Head, HostRecord, SnapshotRecord, ValueRecord};
use crate::event::RestingValue;
use crate::machine::Machine;
use crate::state::{Allocations, FormerLease, HostEntry, NetworkEntry, PoolEntry, State};

impl Machine {
    /// The whole content, in the order in which [`super::MachineBuilder`] takes it. Takes no more memory than one record.
    pub fn records(&self) -> impl Iterator<Item = SnapshotRecord> + '_ {
        let (state, memory) = self.parts();
        let State { now, revision, allocations } = state;
        let head = Head {
            now: *now,
            revision: *revision,
            timeline: allocations.timeline,
            recovery: allocations.recovery.clone(),
            next_lease: allocations.next_lease,
            next_request: memory.next_number(),
        };
        let body = iter::once(SnapshotRecord::Head(head))
            .chain(allocations.records())
            .chain(memory.requests().map(SnapshotRecord::Request));
        // The end says how many came before it.
        body.map(Some).chain([None]).scan(0, |records, record| {
            let end = SnapshotRecord::End(End { records: *records });
            *records += 1;
            Some(record.unwrap_or(end))
        })
    }
}

impl Allocations {
    fn records(&self) -> impl Iterator<Item = SnapshotRecord> + '_ {
        let Self {
            timeline: _,
            recovery: _,
            next_lease: _,
            networks,
            pools,
            foreign_macs: _,
            hosts,
            leases,
            former,
            reservations,
            exclusions,
            declines,
            // These follow from the others.
            subnets: _,
            mac_blocks: _,
            index_pools: _,
            host_uuids: _,
            reserved_for: _,
            lease_deadlines: _,
            suspect_deadlines: _,
            rest_deadlines: _,
            unsettled: _,
            declines_by_age: _,
        } = self;
        let pools = pools.values().map(|pool| {
            let PoolEntry { spec, space: _ } = &**pool;
            SnapshotRecord::Pool(spec.clone())
        });
        let networks = networks.values().map(|network| {
            let NetworkEntry { spec, spaces: _, leases: _ } = &**network;
            SnapshotRecord::Network(spec.clone())
        });
        pools
            .chain(hosts.values().map(|host| host.record()))
            .chain(networks)
            .chain(exclusions.values().cloned().map(SnapshotRecord::Exclusion))
            .chain(reservations.values().cloned().map(SnapshotRecord::Reservation))
            .chain(leases.values().cloned().map(SnapshotRecord::Lease))
            .chain(former.values().map(|former| self.former_record(former)))
            .chain(self.value_records())
            .chain(declines.values().cloned().map(SnapshotRecord::Decline))
    }

    fn former_record(&self, former: &FormerLease) -> SnapshotRecord {
        let FormerLease { record, remembered_by: _ } = former;
        let is_last_of_holder = self.is_last_of_holder(record);
        SnapshotRecord::FormerLease(FormerLeaseRecord { lease: record.clone(), is_last_of_holder })
    }

    /// What the spaces remember.
    fn value_records(&self) -> impl Iterator<Item = SnapshotRecord> + '_ {
        self.space_refs().into_iter().flat_map(|reference| {
            let values = self.space(&reference).into_iter().flat_map(|space| space.remembered_values());
            values.map(move |(number, memory, rest)| {
                let value = RestingValue { space: reference.clone(), number };
                SnapshotRecord::Value(ValueRecord { value, memory, rest })
            })
        })
    }
}

impl HostEntry {
    fn record(&self) -> SnapshotRecord {
        let Self {
            spec,
            state,
            incarnation,
            uuid,
            release,
            suspects,
            // These follow from the leases.
            holders: _,
            incoming: _,
            awaited: _,
            former_holders: _,
            indices: _,
        } = self;
        SnapshotRecord::Host(HostRecord {
            spec: spec.clone(),
            state: *state,
            incarnation: *incarnation,
            uuid: uuid.clone(),
            release: release.clone(),
            suspects: suspects.iter().map(|(lease, since)| (*lease, *since)).collect(),
        })
    }
}
