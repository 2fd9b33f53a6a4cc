//! Members that are switched on, and those whose power fails.

use allocd_replica::StartError;

use super::fault::Fault;
use super::world::{Happening, World};

/// After how long a member that found nobody who knows it asks again, in milliseconds.
const ASK_AGAIN_MILLIS: u64 = 500;

impl World {
    pub(super) fn start(&mut self, id: u64) {
        let real = self.real;
        let mut random = self.random.fork();
        let member = self.member(id);
        if member.replica().is_some() || member.is_lost || member.is_away || member.is_removed {
            return;
        }
        let joins = if member.has_to_ask() {
            let Some(found) = self.ask_who(id) else {
                self.trace.note(real, format_args!("member {id} finds nobody who knows it"));
                return self.happen_in(ASK_AGAIN_MILLIS, Happening::Start(id));
            };
            Some(found)
        } else {
            None
        };
        match self.member(id).start(real, joins, &mut random) {
            Ok(effects) => {
                let member = self.member(id);
                member.round_at = Some(real);
                member.applied = 0;
                self.trace.note(real, format_args!("member {id} starts"));
                self.happen_in(0, Happening::Round(id));
                self.see_started(id);
                self.perform(id, effects);
                self.see_applied(id);
            }
            Err(why) => self.not_started(id, &why),
        }
    }

    fn not_started(&mut self, id: u64, why: &StartError) {
        let real = self.real;
        let is_rotten = !self.member(id).control.borrow().rotten.is_empty();
        let is_meant = self.member(id).control.borrow().has_failed;
        self.trace.note(real, format_args!("member {id} does not start: {why}"));
        if is_rotten {
            self.member(id).is_lost = true;
        } else if is_meant {
            self.happen_in(1_000, Happening::Start(id));
        } else if matches!(why, StartError::HasVoted { .. }) && self.fault.is_some_and(Fault::is_of_disks) {
            // It is noticed that the disk is empty.
            self.member(id).is_lost = true;
        } else if matches!(why, StartError::Removed { .. }) {
            self.member(id).is_removed = true;
        } else {
            self.checkers.note("stops", real, format!("member {id} does not start: {why:?}"));
        }
    }

    pub(super) fn crash(&mut self, id: u64) {
        let mut random = self.random.fork();
        let real = self.real;
        if self.member(id).replica().is_none() {
            return;
        }
        let kept = self.member(id).crash(&mut random);
        self.counts.crashes += 1;
        self.trace.note(real, format_args!("member {id} has no power; {kept} unflushed writes are kept"));
        let delay =
            if random.in_a_thousand(400) { random.between(5, 100) } else { random.between(100, 6_000) };
        self.happen_in(delay, Happening::Start(id));
    }
}
