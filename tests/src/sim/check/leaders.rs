//! A term has one leader at most.

use std::collections::BTreeMap;

use allocd_replica::Role;
use allocd_state::state::State;

use super::super::observation::Seen;
use super::list::Checker;

/// Who led in which term.
#[derive(Default)]
pub(super) struct Leaders(BTreeMap<u64, u64>);

impl Checker for Leaders {
    fn name(&self) -> &'static str {
        "leaders"
    }

    fn begin_anew(&mut self, _: &State) {
        *self = Self::default();
    }

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        let Seen::Role { member, standing } = seen else { return Ok(()) };
        if standing.role != Role::Leader {
            return Ok(());
        }
        let first = *self.0.entry(standing.term).or_insert(member);
        if first == member {
            return Ok(());
        }
        Err(format!("members {first} and {member} both lead in term {}", standing.term))
    }
}
