//! Taking a grant back, as if it had never been: what a batch of all or nothing needs if one of its wishes cannot be met.
//!
//! The batch is decided on the state itself, for a copy of the state makes every change copy what it touches. A grant is taken
//! back before anything else has changed, the last one first.

use std::sync::Arc;

use allocd_types::id::LeaseId;

use super::lease::leave;
use crate::record::LeaseRecord;
use crate::space::{Memory, Rest};
use crate::state::{Allocations, FormerLease, Place};

/// A grant, and what it displaced.
#[derive(Debug)]
pub(crate) struct GrantMade {
    record: Arc<LeaseRecord>,
    next_lease: LeaseId,
    /// What was remembered of its values.
    memories: Vec<(Place, Memory, Rest)>,
    /// The leases that had them, and whether each was the last of its holder.
    former: Vec<(FormerLease, bool)>,
}

impl GrantMade {
    /// What the grant of this lease, which has not happened, will displace.
    pub(crate) fn to_come(all: &Allocations, record: &Arc<LeaseRecord>) -> Self {
        let (mut memories, mut former) = (Vec::new(), Vec::new());
        for place in all.places(record) {
            let Some((memory, rest)) =
                all.space(&place.space).and_then(|space| space.remembered_of(place.number))
            else {
                continue;
            };
            if let Some(lease) = all.former.get(&memory.lease) {
                former.push((lease.clone(), all.is_last_of_holder(&lease.record)));
            }
            memories.push((place, memory, rest));
        }
        Self { record: Arc::clone(record), next_lease: all.next_lease, memories, former }
    }

    /// Takes the grant back.
    pub(crate) fn take_back(self, all: &mut Allocations) {
        let Self { record, next_lease, memories, former } = self;
        leave(all, &record);
        if let Some(host) = all.host_mut(&record.holder.host) {
            host.holders.remove(&record.holder, record.id);
        }
        for place in all.places(&record) {
            all.edit(&place.space, |space| {
                space.unlease(place.number);
                None
            });
        }
        for (lease, is_last_of_holder) in former {
            let holder = &lease.record.holder;
            if is_last_of_holder && let Some(host) = all.host_mut(&holder.host) {
                host.former_holders.insert(holder, lease.record.id);
            }
            all.former.insert(lease.record.id, lease);
        }
        for (place, memory, rest) in memories {
            all.edit(&place.space, |space| {
                space.remember(place.number, memory, rest);
                None
            });
        }
        all.next_lease = next_lease;
    }
}
