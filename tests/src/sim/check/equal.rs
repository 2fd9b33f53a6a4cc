//! Members that have applied as much are equal: state, cluster time and request memory.

use std::collections::BTreeMap;

use allocd_state::state::State;
use allocd_types::id::Digest;

use super::super::observation::Seen;
use super::list::Checker;

/// The digest at each index, and whose it was first.
#[derive(Default)]
pub(super) struct Equal(BTreeMap<u64, (u64, Digest)>);

impl Checker for Equal {
    fn name(&self) -> &'static str {
        "equal"
    }

    fn begin_anew(&mut self, _: &State) {
        *self = Self::default();
    }

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        let Seen::Digest { member, index, digest } = seen else { return Ok(()) };
        let (first, there) = *self.0.entry(index).or_insert((member, digest));
        if there == digest {
            return Ok(());
        }
        Err(format!("members {first} and {member} differ after index {index}: {there} and {digest}"))
    }
}
