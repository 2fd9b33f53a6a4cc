//! The clients' machines: when their seats are woken, what reaches them, and how what they do is performed.

use super::client::{Boot, Out, Seat, Step};
use super::clock::Clock;
use super::message::Reply;
use super::network::CLIENT;
use super::observation::Seen;
use super::world::{Happening, World};

/// How many hosts have an agent.
pub const HOSTS: u64 = 3;
/// How many jails each host has: the seats of one machine.
pub const JAILS: u64 = 4;

/// How many hosts with agents there are, in the seeds that have any.
pub const MANAGED: usize = 2;

/// A machine with clients on it.
pub struct Machine {
    /// Its clocks.
    pub clock: Clock,
    /// Until when it is held up, in real time.
    pub paused_until: u64,
}

impl World {
    pub(super) fn wake_at(&mut self, seat: usize, at: u64) {
        self.wakes[seat] = at.max(self.real);
        self.happen_in(self.wakes[seat] - self.real, Happening::Wake(seat));
    }

    pub(super) fn wake(&mut self, seat: usize) {
        if self.wakes[seat] != self.real {
            return;
        }
        let paused_until = self.machines[place_of(seat)].paused_until;
        if paused_until > self.real {
            self.wake_at(seat, paused_until);
            return;
        }
        self.step(seat, |seat, step| seat.wake(step));
    }

    pub(super) fn reply(&mut self, from: u64, reply: Reply) {
        let machine = machine_of(reply.seat);
        if !self.network.is_open(from, CLIENT + machine) {
            return;
        }
        let paused_until = self.machines[place_of(reply.seat)].paused_until;
        if paused_until > self.real {
            self.happen_in(paused_until - self.real, Happening::Reply { from, reply });
            return;
        }
        self.step(reply.seat, |seat, step| seat.reply(reply, step));
    }

    /// Lets a seat do something, performs it, and sees to its next wake.
    fn step(&mut self, number: usize, act: impl FnOnce(&mut Seat, &mut Step<'_>) -> u64) {
        let mut out = Vec::new();
        let members = self.present();
        let mut step = Step {
            real: self.real,
            clock: &self.machines[place_of(number)].clock,
            random: &mut self.random,
            operations: &mut self.last_operation,
            members: &members,
            is_closing: self.is_closing,
            out: &mut out,
        };
        let next = act(&mut self.seats[number], &mut step);
        self.wake_at(number, next);
        out.into_iter().for_each(|out| self.perform_out(number, out));
    }

    fn perform_out(&mut self, seat: usize, out: Out) {
        let real = self.real;
        match out {
            Out::Send(to, request) => {
                for delay in self.network.send(CLIENT + machine_of(seat), to) {
                    self.happen_in(delay, Happening::Request { to, request: Box::new(request.clone()) });
                }
            }
            Out::Asked(operation, ask) => {
                self.trace.note(real, format_args!("seat {seat} asks {operation}: {ask:?}"));
                self.asked[seat] += 1;
                self.checkers.see(real, Seen::Asked { operation, ask: &ask });
            }
            Out::Answered(operation, outcome) => {
                self.trace.note(real, format_args!("seat {seat} is answered {operation}: {outcome:?}"));
                self.counts.operations += 1;
                self.answered[seat] += 1;
                self.checkers.see(real, Seen::Answered { operation, outcome: &outcome });
            }
            Out::Uses(begun) => {
                self.trace.note(real, format_args!("seat {seat} uses {begun:?}"));
                self.checkers.see(real, Seen::Uses(&begun));
            }
            Out::Stops(lease) => {
                self.trace.note(real, format_args!("seat {seat} stops using lease {lease}"));
                let host = self.seats[seat].host();
                self.checkers.see(real, Seen::Stops { lease, host: &host });
            }
            Out::PowerOff(host) => self.power_off(host),
            Out::PowerOn(host, boot) => self.power_on(host, boot),
        }
    }
}

impl World {
    /// Cuts the power of a host with an agent.
    fn power_off(&mut self, host: usize) {
        let seat = managed_seat(host);
        self.trace.note(self.real, format_args!("seat {seat} is without power"));
        let (stopped, host) = (self.seats[seat].power_off(), self.seats[seat].host());
        for lease in stopped {
            self.checkers.see(self.real, Seen::Stops { lease, host: &host });
        }
    }

    /// Switches it on again.
    fn power_on(&mut self, host: usize, boot: Boot) {
        let seat = managed_seat(host);
        self.trace.note(self.real, format_args!("seat {seat} has power again: {boot:?}"));
        for begun in self.seats[seat].power_on(boot) {
            self.checkers.see(self.real, Seen::Uses(&begun));
        }
        self.wake_at(seat, self.real);
    }
}

/// The operator's seat: it comes after the jails.
pub fn operator_seat() -> usize {
    usize::try_from(HOSTS * JAILS).expect("a count fits")
}

/// The seat of a host with an agent: they come after the operator.
pub fn managed_seat(host: usize) -> usize {
    operator_seat() + 1 + host
}

/// The number of the operator's machine in the network: it comes after those of the hosts.
pub const fn operator_machine() -> u64 {
    HOSTS
}

/// The place of a seat's machine in the list of machines: jails of a host share one, everybody else has one.
pub fn place_of(seat: usize) -> usize {
    let (hosts, jails) = (usize::try_from(HOSTS), usize::try_from(JAILS));
    let (hosts, jails) = (hosts.expect("a count fits"), jails.expect("a count fits"));
    match seat.checked_sub(hosts * jails) {
        None => seat / jails,
        Some(after) => hosts + after,
    }
}

/// The number of a seat's machine in the network.
pub fn machine_of(seat: usize) -> u64 {
    u64::try_from(place_of(seat)).expect("a count fits")
}
