//! Everything known about one value: what `allocctl why` asks.

use allocd_types::value::{Value, ValueReport, ValueState};

use crate::decide::{covering, never_a_host};
use crate::event::SpaceRef;
use crate::space::Memory;
use crate::state::State;

impl State {
    /// Everything known about one value.
    #[must_use]
    pub fn explain(&self, value: &Value) -> ValueReport {
        let blank = ValueReport {
            value: value.clone(),
            state: ValueState::Foreign,
            pool: None,
            lease: None,
            last_lease: None,
            last_holder: None,
            rests_for: None,
            reservations: Vec::new(),
            exclusions: Vec::new(),
            never_a_host: None,
        };
        let Some(place) = self.allocations.place_of(value) else { return blank };
        let Some(space) = self.space(&place.space) else { return blank };
        let state = space.state(place.number);
        let is_foreign = place.space == SpaceRef::ForeignMac && state == ValueState::Free;
        let memory = space.memory_of(place.number);
        let former = memory.and_then(|memory| self.allocations.former.get(&memory.lease));
        let reservations = space.reservation_of(place.number).and_then(|name| self.reservation(name));
        let exclusions =
            covering(self, &place).filter_map(|name| self.exclusion(&name).map(|found| (**found).clone()));
        let never_a_host = match (&place.space, value) {
            (SpaceRef::Subnet(network, _), Value::Address(_, address)) => {
                never_a_host(self, network, *address)
            }
            (_, Value::Index(..) | Value::Mac(_) | Value::Address(..)) => None,
        };
        ValueReport {
            state: if is_foreign { ValueState::Foreign } else { state },
            pool: self.allocations.pool_ref(&place.space),
            lease: space
                .lease_of(place.number)
                .and_then(|lease| self.lease(lease))
                .map(|record| self.told(record)),
            last_lease: memory.map(|memory| memory.lease).filter(|lease| *lease != Memory::NOBODY),
            last_holder: former.map(|former| former.record.holder.clone()),
            rests_for: memory
                .map(|memory| self.now.until(memory.rests_until))
                .filter(|_| state == ValueState::Quarantined),
            reservations: reservations.map(|found| (**found).clone()).into_iter().collect(),
            exclusions: exclusions.collect(),
            never_a_host,
            ..blank
        }
    }
}
