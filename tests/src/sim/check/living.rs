//! What lives on a host with an agent is a lease of that host in the end, with everything that it lives with, also when the cluster
//! was lost on the way and began anew with a backup that knew nothing of it.

use std::collections::BTreeMap;

use allocd_state::state::State;
use allocd_types::host::HostState;
use allocd_types::id::Incarnation;

use super::super::observation::{Final, Place, Seen, Use};
use super::list::Checker;

/// Who uses what.
#[derive(Default)]
pub(super) struct Living(BTreeMap<Place, Use>);

impl Checker for Living {
    fn name(&self) -> &'static str {
        "living"
    }

    /// Holders go on, whatever becomes of the cluster.
    fn begin_anew(&mut self, _: &State) {}

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        if let Seen::Uses(begun) = seen {
            self.0.insert(begun.place(), begun.clone());
        }
        if let Seen::Stops { lease, host } = seen {
            self.0.remove(&(lease, host.clone()));
        }
        Ok(())
    }

    fn finish(&mut self, end: Final<'_>) -> Result<(), String> {
        let mut all = end.states.iter().flat_map(|(_, state)| self.0.values().map(move |used| (state, used)));
        all.try_for_each(|(state, used)| check(state, used))
    }
}

fn check(state: &State, used: &Use) -> Result<(), String> {
    let Some(host) = state.host(&used.holder.host) else {
        return Err(format!("{} lives on a host that is not there", used.holder));
    };
    // Without an agent nobody tells, and one that was declared off is to tear down.
    let is_told_of = host.incarnation != Incarnation::default() && host.state != HostState::Fenced;
    if !is_told_of || state.recovery_status().is_open() {
        return Ok(());
    }
    if state.lease(used.lease).is_none_or(|record| record.holder != used.holder) {
        return Err(format!("{} lives with lease {}, which is not its own", used.holder, used.lease));
    }
    let has = |value| state.explain(value).lease.is_some_and(|lease| lease.id == used.lease);
    match used.values.iter().find(|value| !has(value)) {
        Some(value) => Err(format!("{} lives with {value}, which lease {} has not", used.holder, used.lease)),
        None => Ok(()),
    }
}
