//! How each sort of trouble is made.

use super::network::{CLIENT, LATE_MAX};
use super::schedule::Trouble;
use super::world::{Happening, World};

/// The longest time that a member is held up, in milliseconds: more than an election takes.
const MEMBER_PAUSE_MAX: u64 = 4_000;
/// Within how many writes the power fails.
const WRITES_MAX: u64 = 12;

impl World {
    /// Makes one trouble, and sees to the next.
    pub(super) fn trouble(&mut self) {
        if !self.is_troubled {
            return;
        }
        let (trouble, wait) = self.profile.next(&mut self.random);
        self.happen_in(wait, Happening::Trouble);
        let present = self.present();
        let id = *self.random.pick(&present);
        self.trace.note(self.real, format_args!("{trouble:?}, at {id} if it is one's"));
        match trouble {
            Trouble::Isolate => self.part(|from, to| (from == id) != (to == id)),
            Trouble::Split => {
                let side = self.random.draw();
                self.part(|from, to| side >> (from % 64) & 1 != side >> (to % 64) & 1);
            }
            Trouble::OneWay => {
                let to = *self.random.pick(&present);
                self.part(|one, other| one == id && other == to);
            }
            Trouble::CutClient => self.cut_client(),
            Trouble::Open => self.network.open_all(),
            Trouble::Crash => self.crash(id),
            Trouble::CrashAtWrite => {
                let writes = self.random.between(0, WRITES_MAX);
                self.member(id).control.borrow_mut().writes_left = Some(writes);
            }
            Trouble::CrashAll => present.into_iter().for_each(|id| self.crash(id)),
            Trouble::PauseMember => {
                self.member(id).paused_until = self.real + self.random_below(MEMBER_PAUSE_MAX);
            }
            Trouble::PauseClient => self.pause_client(),
            Trouble::WallJump => {
                let mut random = self.random.fork();
                self.member(id).clock.jump(&mut random);
            }
            Trouble::ReadError => self.member(id).control.borrow_mut().read_fails = true,
            Trouble::Rot => self.rot(id),
        }
    }

    /// Now and then a member that may have voted loses its power at once, and is back while the term lasts.
    pub(super) fn crash_after_election(&mut self) {
        if self.is_troubled && self.random.in_a_thousand(self.profile.crash_after_election) {
            let present = self.present();
            let id = *self.random.pick(&present);
            let writes = self.random.between(0, 3);
            self.member(id).control.borrow_mut().writes_left = Some(writes);
        }
    }

    /// All is well from here on: what is off is switched on, and nothing goes wrong any more.
    pub(super) fn heal(&mut self) {
        self.is_troubled = false;
        self.network.heal();
        for id in self.present() {
            let member = self.member(id);
            member.paused_until = 0;
            {
                let mut control = member.control.borrow_mut();
                control.writes_left = None;
                control.read_fails = false;
            }
            self.happen_in(1, Happening::Start(id));
        }
        for machine in &mut self.machines {
            machine.paused_until = 0;
        }
        if let Some(operator) = &mut self.operator {
            // What is still under way may arrive until then.
            operator.rest_until(self.real + LATE_MAX);
        }
        self.trace.note(self.real, format_args!("all is well from here on"));
    }

    fn random_below(&mut self, bound: u64) -> u64 {
        self.random.between(1, bound)
    }

    /// Closes the ways between members that `is_closed` names.
    fn part(&mut self, is_closed: impl Fn(u64, u64) -> bool) {
        let ids = self.present();
        for from in ids.iter().copied() {
            for to in ids.iter().copied().filter(|to| *to != from && is_closed(from, *to)) {
                self.network.close(from, to);
            }
        }
        self.counts.partitions += 1;
    }

    fn cut_client(&mut self) {
        let machine = self.random.draw() % u64::try_from(self.machines.len()).expect("a length fits");
        let cut = self.random.draw();
        for id in self.present().into_iter().filter(|id| cut >> (id % 16) & 1 == 1) {
            self.network.close(CLIENT + machine, id);
            // The way back may stay open.
            if cut >> (id % 16 + 16) & 1 == 1 {
                self.network.close(id, CLIENT + machine);
            }
        }
        self.counts.partitions += 1;
    }

    fn pause_client(&mut self) {
        let until = self.real + self.random_below(self.client_pause_max);
        let at = self.random.draw() % u64::try_from(self.machines.len()).expect("a length fits");
        self.machines[usize::try_from(at).expect("a place fits")].paused_until = until;
    }

    /// A record rots, on a minority of the members at most.
    fn rot(&mut self, id: u64) {
        let mut random = self.random.fork();
        let is_bearable = self.may_rot(id);
        let mut control = self.member(id).control.borrow_mut();
        let (first, last) = (control.written.first_key_value(), control.written.last_key_value());
        let (Some((&first, _)), Some((&last, _))) = (first, last) else { return };
        if is_bearable {
            control.rotten.insert(random.between(first, last));
        }
    }
}
