//! A cluster that is lost and begins anew with a backup: the backup, the loss, the new member, and the operator who ends recovery.
//!
//! The operator does what docs/backup.md says. Hosts with agents tell what is on them. Jails of others that live tell what they have, and are taken over; one whose lease cannot be
//! made out is taken down. Once everything that is in use is what the cluster has a lease for, and has been for as long as values
//! rest, the operator vouches for the hosts without agents.

use allocd_replica::{Replica, Role};
use allocd_state::machine::Machine;
use allocd_state::state::State;
use allocd_types::lease::Lease;
use allocd_types::name::HostName;

use super::client::Seat;
use super::clock::Clock;
use super::disk::Disk;
use super::fault::Fault;
use super::machine::{MANAGED, operator_seat};
use super::member::{Begins, Member};
use super::members::Latest;
use super::observation::Seen;
use super::operator::Operator;
use super::run::TROUBLE_MILLIS;
use super::schedule::Restore;
use super::values::{ADDRESS_QUARANTINE, of_lease, of_record};
use super::wish;
use super::world::{Happening, World, managed_host};

/// How often the operator compares, in milliseconds.
const COMPARE_MILLIS: u64 = 500;
/// How long a jail may take to be made out before it is taken down, in milliseconds.
const PATIENCE_MILLIS: u64 = 6_000;

/// How far a restore has come.
#[derive(Debug, Default)]
pub(super) struct Restoring {
    backup: Option<Machine>,
    restored_at: Option<u64>,
    /// Since when all that is in use is what the cluster has leases for.
    clear_since: Option<u64>,
}

impl World {
    /// A member that runs is backed up, perhaps one that is behind, once it has anything worth it. The loss follows.
    pub(super) fn back_up(&mut self) {
        let Some(plan) = self.profile.restore else { return };
        if !self.is_troubled {
            return;
        }
        let machines = self.sound().filter_map(|(_, member)| member.replica().map(Replica::machine));
        let worth: Vec<Machine> = machines.filter(|machine| self.is_worth_it(machine.state())).collect();
        if worth.is_empty() {
            return self.happen_in(COMPARE_MILLIS, Happening::BackUp);
        }
        let backup = self.operator_random.pick(&worth).clone();
        self.trace.note(self.real, format_args!("a backup of {}", backup.state().revision()));
        self.restoring.backup = Some(backup);
        self.happen_in(plan.lost_after, Happening::LoseAll);
    }

    /// There are leases, and where hosts have agents one of them has taken one up. The network of these is there then, and their
    /// hosts are: what was made after a backup must not be made again in recovery.
    fn is_worth_it(&self, state: &State) -> bool {
        let has_agents = self.seats.iter().any(Seat::needs_agents_level);
        let is_there = |number| state.host(&managed_host(number)).is_some();
        let is_in_use = || state.leases().any(|record| record.is_delivered);
        state.lease_count() > 0 && (!has_agents || ((0..MANAGED).all(is_there) && is_in_use()))
    }

    /// Everybody is off, for good. A new machine is set up.
    pub(super) fn lose_all(&mut self) {
        // The new cluster has to be there before all is well.
        let is_in_time = |plan: &Restore| self.real + plan.restored_after < TROUBLE_MILLIS;
        let Some(plan) = self.profile.restore.filter(is_in_time) else { return };
        self.trace.note(self.real, format_args!("all members are lost"));
        let id = self.members.keys().max().expect("there are members") + 1;
        for member in self.members.values_mut() {
            member.is_away = true;
            member.switch_off();
        }
        let clock = Clock::drawn(&mut self.operator_random);
        let member = Member::new(id, Begins::Restored, clock, self.profile.snapshots, self.fault);
        self.members.insert(id, member);
        self.latest = Latest::founding(std::iter::once(id));
        self.operator = None;
        self.operates_at = None;
        self.happen_in(plan.restored_after, Happening::Restore);
    }

    /// The new cluster begins.
    pub(super) fn restore(&mut self) {
        let Some(backup) = self.restoring.backup.take() else { return };
        let id = *self.members.keys().max().expect("there are members");
        let machine = if self.fault == Some(Fault::NoRecovery) { backup } else { backup.restored() };
        self.trace.note(self.real, format_args!("member {id} begins with the backup"));
        self.checkers.begin_anew(machine.state());
        self.applied = 0;
        self.seats.iter_mut().for_each(Seat::begin_anew);
        self.member(id).restore(machine);
        self.counts.restores += 1;
        self.restoring.restored_at = Some(self.real);
        self.happen_in(0, Happening::Start(id));
        self.happen_in(COMPARE_MILLIS, Happening::Compare);
        if let Some(changes) = self.profile.changes {
            self.operator = Some(Operator::new(changes, self.profile.members, self.operator_random.fork()));
            self.operates_at = Some(self.real);
            self.happen_in(0, Happening::Operate);
        }
    }

    /// The operator compares what is in use with what the cluster has leases for, and ends recovery when it may.
    pub(super) fn compare(&mut self) {
        let Some(restored_at) = self.restoring.restored_at else { return };
        let leader = self.sound().filter_map(|(_, member)| member.replica()).find(|replica| leads(replica));
        let Some(state) = leader.map(|replica| replica.machine().state().clone()) else {
            return self.happen_in(COMPARE_MILLIS, Happening::Compare);
        };
        let Some(open) = state.recovery_status().open else {
            self.counts.recoveries += 1;
            return;
        };
        let unknown: Vec<usize> = (0..self.seats.len())
            .filter(|seat| self.seats[*seat].uses().is_some_and(|lease| !is_known(&state, lease)))
            .collect();
        if !unknown.is_empty() {
            self.restoring.clear_since = None;
            if self.real > restored_at + PATIENCE_MILLIS {
                unknown.into_iter().for_each(|seat| self.take_down(seat));
            }
        } else if *self.restoring.clear_since.get_or_insert(self.real) + rests() < self.real {
            let hosts: Vec<HostName> = open.hosts.into_iter().map(|host| host.name).collect();
            let has_agent = |host: &HostName| (0..MANAGED).any(|number| managed_host(number) == *host);
            if !hosts.iter().any(has_agent) {
                self.seats[operator_seat()].say_next(wish::confirm(hosts));
            }
        }
        self.happen_in(COMPARE_MILLIS, Happening::Compare);
    }

    fn take_down(&mut self, seat: usize) {
        if let Some(lease) = self.seats[seat].take_down() {
            self.trace.note(self.real, format_args!("the operator takes seat {seat} down"));
            let host = self.seats[seat].host();
            self.checkers.see(self.real, Seen::Stops { lease, host: &host });
        }
    }
}

fn leads(replica: &Replica<Disk>) -> bool {
    replica.status().standing.role == Role::Leader
}

/// Whether the cluster has these values for this holder.
fn is_known(state: &State, lease: &Lease) -> bool {
    state.lease_of(&lease.holder).is_some_and(|record| of_record(record) == of_lease(lease))
}

/// How long the longest rest takes by real time, however slow a clock is.
const fn rests() -> u64 {
    ADDRESS_QUARANTINE.millis() * 102 / 100
}
