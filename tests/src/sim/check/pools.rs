//! A pool's values are partitioned into free, leased, reserved, quarantined and excluded, and no value is in two leases.
//!
//! Looked at one by one: every address of the subnet, and every lease there is.

use std::collections::{BTreeMap, BTreeSet};

use allocd_state::state::State;
use allocd_types::address::{Prefix, address_bits};
use allocd_types::id::LeaseId;
use allocd_types::name::VrfName;
use allocd_types::pool::PoolRef;
use allocd_types::usage::Counts;
use allocd_types::value::{Value, ValueState};

use super::super::observation::{Final, Seen};
use super::super::values::of_record;
use super::list::Checker;

/// At every how manieth revision of a member it is looked at.
const EVERY_REVISIONS: u64 = 8;

/// What was looked at already.
#[derive(Default)]
pub(super) struct Pools(BTreeSet<u64>);

impl Checker for Pools {
    fn name(&self) -> &'static str {
        "pools"
    }

    fn begin_anew(&mut self, _: &State) {
        *self = Self::default();
    }

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        let Seen::State { member, state } = seen else { return Ok(()) };
        let portion = state.revision().get() / EVERY_REVISIONS;
        if !self.0.insert(portion) {
            return Ok(());
        }
        check(state).map_err(|what| format!("on member {member} at {}: {what}", state.revision()))
    }

    fn finish(&mut self, end: Final<'_>) -> Result<(), String> {
        for (member, state) in end.states {
            check(state).map_err(|what| format!("on member {member} in the end: {what}"))?;
        }
        Ok(())
    }
}

fn check(state: &State) -> Result<(), String> {
    let mut leased: BTreeMap<Value, LeaseId> = BTreeMap::new();
    for record in state.leases() {
        let retired = record.retired.iter().flat_map(|retired| retired.iter().cloned());
        for value in of_record(record).into_iter().chain(retired) {
            if let Some(other) = leased.insert(value.clone(), record.id) {
                return Err(format!("{value} is in lease {other} and in lease {}", record.id));
            }
        }
    }
    state.usages().iter().try_for_each(|usage| match &usage.pool {
        PoolRef::Subnet(_, prefix) => check_subnet(state, &leased, *prefix, usage.counts),
        PoolRef::Mac(_) | PoolRef::HostIndex(..) | PoolRef::ClusterIndex(_) | PoolRef::Family(..) => Ok(()),
    })
}

/// Looks at the addresses of a subnet one by one: the simulator's are small.
fn check_subnet(
    state: &State,
    leased: &BTreeMap<Value, LeaseId>,
    prefix: Prefix,
    counts: Counts,
) -> Result<(), String> {
    let mut counted = Counts::default();
    for bits in address_bits(prefix.first())..=address_bits(prefix.last()) {
        let value = Value::Address(VrfName::unsaid(), prefix.family().address(bits));
        let report = state.explain(&value);
        let by = report.lease.map(|lease| lease.id);
        if by != leased.get(&value).copied() {
            return Err(format!("{value} is said to be in lease {by:?} and is in {:?}", leased.get(&value)));
        }
        match report.state {
            ValueState::Free => counted.free += 1,
            ValueState::Leased => counted.leased += 1,
            ValueState::Reserved => counted.reserved += 1,
            ValueState::Quarantined => counted.quarantined += 1,
            ValueState::Excluded => counted.excluded += 1,
            ValueState::Foreign => return Err(format!("{value} is in no pool")),
        }
    }
    if counted != counts {
        return Err(format!("the values of {prefix} are {counted:?} and are said to be {counts:?}"));
    }
    Ok(())
}
