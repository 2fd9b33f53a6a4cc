//! The events are the state: every member tells the same ones, each revision once and in order, and whoever replays them has
//! what the members have, byte for byte.

use std::collections::BTreeMap;

use allocd_state::event::Event;
use allocd_state::evolve::evolve;
use allocd_state::state::State;
use allocd_types::id::Digest;

use super::super::observation::Seen;
use super::list::Checker;

/// A watcher of every member.
#[derive(Default)]
pub(super) struct Replay {
    /// What the events so far make.
    replayed: State,
    /// The revision that the cluster began with.
    base: u64,
    /// What each revision since changed, and the digest after it.
    told: Vec<(Vec<Event>, Digest)>,
    /// The last revision that each member told.
    last: BTreeMap<u64, u64>,
}

impl Replay {
    fn events(&mut self, member: u64, revision: u64, events: &[Event]) -> Result<(), String> {
        let last = self.last.insert(member, revision).unwrap_or(self.base);
        // After a start without a snapshot a member tells everything again.
        if revision != last + 1 && revision != self.base + 1 {
            return Err(format!("member {member} tells revision {revision} after {last}"));
        }
        let known = self.base + u64::try_from(self.told.len()).expect("a length fits");
        if revision == known + 1 {
            events.iter().for_each(|event| evolve(&mut self.replayed, event));
            self.told.push((events.to_vec(), self.replayed.digest()));
            return Ok(());
        }
        let at = usize::try_from(revision - self.base - 1).expect("a revision fits");
        match self.told.get(at) {
            Some((told, _)) if told == events => Ok(()),
            Some(_) => Err(format!("member {member} tells revision {revision} otherwise than it was told")),
            None => Err(format!("member {member} tells revision {revision}, of which the last is {known}")),
        }
    }

    fn state(&self, member: u64, state: &State) -> Result<(), String> {
        let revision = state.revision().get();
        let since = usize::try_from(revision.saturating_sub(self.base)).expect("a revision fits");
        let Some(at) = since.checked_sub(1) else { return Ok(()) };
        match self.told.get(at) {
            Some((_, digest)) if *digest == state.digest() => Ok(()),
            Some(_) => Err(format!("member {member} is not at {revision} what the events up to there make")),
            None => Err(format!("member {member} is at {revision}, of which nobody was told")),
        }
    }
}

impl Checker for Replay {
    fn name(&self) -> &'static str {
        "replay"
    }

    fn begin_anew(&mut self, base: &State) {
        *self = Self { replayed: base.clone(), base: base.revision().get(), ..Self::default() };
    }

    fn see(&mut self, _: u64, seen: Seen<'_>) -> Result<(), String> {
        match seen {
            Seen::Events { member, revision, events } => self.events(member, revision, events),
            Seen::Installed { member, revision } => {
                self.last.insert(member, revision);
                Ok(())
            }
            Seen::State { member, state } => self.state(member, state),
            Seen::Members { .. }
            | Seen::Vote { .. }
            | Seen::Committed { .. }
            | Seen::Role { .. }
            | Seen::Applied { .. }
            | Seen::Digest { .. }
            | Seen::Asked { .. }
            | Seen::Answered { .. }
            | Seen::Uses(_)
            | Seen::Stops { .. } => Ok(()),
        }
    }
}
