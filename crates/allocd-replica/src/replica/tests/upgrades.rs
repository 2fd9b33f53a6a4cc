//! Upgrades: members of two versions in one cluster. Deleting a host stands for what the newer one has learned: a script's table
//! says that it needs level 2.

use std::collections::BTreeMap;

use allocd_state::command::Command;
use allocd_types::allocation::MissingResource;
use allocd_types::cluster::MemberChange;
use allocd_types::name::HostName;

use super::cluster::Cluster;
use super::{OFTEN, names};
use crate::change::ChangeRefused;
use crate::codec::{LevelOf, level_of};
use crate::config::SnapshotLimits;
use crate::levels::UpgradePending;
use crate::replica::*;

const OLD: Level = Level::FIRST;
const NEW: Level = Level::new(2);

/// Which allocd each member runs, and what came of it.
pub(super) struct Programs {
    pub(super) level_of: LevelOf,
    understands: BTreeMap<u64, Level>,
    /// Why members stopped.
    stopped: BTreeMap<u64, Fault>,
    /// Members that were sent a snapshot which they do not understand, as the sender knew.
    sent_in_vain: Vec<u64>,
}

impl Default for Programs {
    fn default() -> Self {
        let (understands, stopped) = (BTreeMap::new(), BTreeMap::new());
        Self { level_of, understands, stopped, sent_in_vain: Vec::new() }
    }
}

impl Programs {
    pub(super) fn understands(&self, id: u64) -> Level {
        self.understands.get(&id).copied().unwrap_or(Level::NEWEST)
    }

    /// Only a member that runs an older program than another one may stop.
    pub(super) fn note_stop(&mut self, id: u64, fault: Fault) {
        let newest = self.understands.values().copied().max().unwrap_or(Level::NEWEST);
        assert!(self.understands(id) < newest, "{id} stops: {fault}");
        self.stopped.insert(id, fault);
    }

    pub(super) fn note_sent(&mut self, to: u64, level: Level, understood: Level) {
        if level > understood {
            self.sent_in_vain.push(to);
        }
    }
}

impl Cluster {
    /// Members of which each understands what is said, and a table in which a command needs more than the first.
    fn of_programs(programs: &[(u64, Level)], limits: SnapshotLimits) -> Self {
        let voters: Vec<u64> = programs.iter().map(|&(id, _)| id).collect();
        let mut cluster = Self::with_limits(&voters, 1, limits);
        cluster.programs.level_of =
            |command| if matches!(command, Command::DeleteHost(..)) { NEW } else { level_of(command) };
        for &(id, level) in programs {
            cluster.crash(id, 0);
            cluster.run(id, level);
        }
        cluster
    }

    /// Starts a member that is off with a program that understands this.
    fn run(&mut self, id: u64, level: Level) {
        self.programs.understands.insert(id, level);
        self.start(id);
    }

    /// Exchanges a member's program.
    fn exchange(&mut self, id: u64, level: Level) {
        self.crash(id, usize::MAX);
        self.run(id, level);
    }

    /// Every message comes with what its sender understands.
    pub(super) fn tell_level(&mut self, from: u64, to: u64) {
        let level = self.programs.understands(from);
        if let Some(receiver) = self.running.get_mut(&to) {
            receiver.note_level(MemberId::new(from), level);
        }
    }

    /// Ends a member that has to stop.
    pub(super) fn stop(&mut self, id: u64, fault: Fault) {
        self.crash(id, usize::MAX);
        self.disks.remove(&id);
        self.programs.note_stop(id, fault);
    }

    /// Asks for what only the newer program knows.
    fn ask_for_new(&mut self, id: u64, request_id: &str) -> Answer {
        let nobody = HostName::new("nobody").unwrap();
        let token = self.propose(id, request_id, Command::DeleteHost(nobody, MissingResource::Allow));
        self.settle();
        self.answers.remove(&token).expect("a proposal is answered")
    }

    /// Who is in the way of what only the newer program knows.
    fn in_the_way(&mut self, id: u64, request_id: &str) -> Vec<(u64, Option<Level>)> {
        match self.ask_for_new(id, request_id) {
            Answer::UpgradePending(UpgradePending { needed: NEW, behind }) => {
                behind.into_iter().map(|(member, level)| (member.get(), level)).collect()
            }
            Answer::Applied { .. } => Vec::new(),
            answer @ (Answer::UpgradePending(_) | Answer::Unavailable(_) | Answer::TooLarge { .. }) => {
                panic!("{answer:?}")
            }
        }
    }
}

fn add(id: u64) -> MemberChange {
    MemberChange::Add { member: Some(MemberId::new(id)), address: format!("10.0.0.{id}:7421") }
}

#[test]
fn one_member_after_the_other_is_exchanged_while_it_is_written_to() {
    for limits in [SnapshotLimits::NEVER, OFTEN] {
        let mut cluster = Cluster::of_programs(&[(1, OLD), (2, OLD), (3, OLD)], limits);
        cluster.elect();
        for id in 1..=3 {
            // What all understand goes on. What is new is refused for as long as there is an older member, whoever leads.
            let leader = cluster.elect();
            cluster.create_hosts(leader, names(&format!("before{id}-"), 30));
            let behind: Vec<_> = (id..=3).map(|id| (id, Some(OLD))).collect();
            assert_eq!(cluster.in_the_way(leader, &format!("new{id}")), behind);
            cluster.exchange(id, NEW);
            cluster.elect();
            cluster.ticks(5);
        }
        let leader = cluster.leader().unwrap();
        assert_eq!(
            cluster.status(leader).level_in_use,
            OLD,
            "nothing was written that an older one could not read"
        );
        assert_eq!(cluster.in_the_way(leader, "at-last"), []);
        cluster.ticks(5);
        for id in 1..=3 {
            assert_eq!(cluster.status(id).level_in_use, NEW, "member {id}");
        }
        cluster.assert_equal();
        assert!(cluster.programs.stopped.is_empty());
    }
}

#[test]
fn a_member_that_was_not_heard_of_counts_as_the_oldest_there_is() {
    let mut cluster = Cluster::of_programs(&[(1, NEW), (2, NEW), (3, NEW)], SnapshotLimits::NEVER);
    cluster.crash(3, 0);
    let leader = cluster.elect();
    assert_eq!(cluster.in_the_way(leader, "a"), [(3, None)]);
    let pending = cluster.ask_for_new(leader, "b");
    let Answer::UpgradePending(pending) = pending else { panic!("{pending:?}") };
    assert_eq!(pending.to_string(), "it needs level 2 of the log, and member 3 was not heard of yet");
    // It says what it understands as soon as it is there.
    cluster.start(3);
    cluster.ticks(20);
    assert_eq!(cluster.in_the_way(leader, "c"), []);
}

#[test]
fn a_learner_counts_and_one_that_was_removed_does_not() {
    let mut cluster = Cluster::of_programs(&[(1, NEW), (2, NEW), (3, NEW)], SnapshotLimits::NEVER);
    let leader = cluster.elect();
    cluster.change(leader, &add(4)).unwrap();
    assert_eq!(cluster.in_the_way(leader, "a"), [(4, None)]);
    cluster.programs.understands.insert(4, OLD);
    cluster.join(4, leader);
    cluster.ticks(20);
    assert_eq!(cluster.in_the_way(leader, "b"), [(4, Some(OLD))]);
    cluster.change(leader, &MemberChange::Remove(MemberId::new(4))).unwrap();
    assert_eq!(cluster.in_the_way(leader, "c"), []);
}

#[test]
fn what_is_in_use_is_not_asked_about_again_by_a_new_leader_or_after_a_snapshot() {
    for limits in [SnapshotLimits::NEVER, OFTEN] {
        let mut cluster = Cluster::of_programs(&[(1, NEW), (2, NEW), (3, NEW)], limits);
        let leader = cluster.elect();
        cluster.ticks(5);
        assert_eq!(cluster.in_the_way(leader, "a"), []);
        cluster.create_hosts(leader, names("h", 50));
        // All lose their power, and one does not come back: nobody has heard of it since.
        for id in 1..=3 {
            cluster.crash(id, usize::MAX);
        }
        cluster.start(1);
        cluster.start(2);
        let leader = cluster.elect();
        assert_eq!(cluster.status(leader).level_in_use, NEW);
        assert_eq!(cluster.in_the_way(leader, "b"), []);
    }
}

/// Three of the newer program, of which one is exchanged for the older while it is away, and what is new is used meanwhile.
fn one_goes_back(limits: SnapshotLimits, entries: usize) -> (Cluster, u64, u64) {
    let mut cluster = Cluster::of_programs(&[(1, NEW), (2, NEW), (3, NEW)], limits);
    let leader = cluster.elect();
    cluster.ticks(5);
    let away = cluster.others(leader)[0];
    cluster.crash(away, usize::MAX);
    assert_eq!(cluster.in_the_way(leader, "a"), []);
    cluster.create_hosts(leader, names("h", entries));
    cluster.run(away, OLD);
    cluster.ticks(20);
    (cluster, leader, away)
}

#[test]
fn a_member_that_meets_a_newer_entry_stops_and_says_what_to_do() {
    let (cluster, _, away) = one_goes_back(SnapshotLimits::NEVER, 3);
    let fault = &cluster.programs.stopped[&away];
    assert!(matches!(fault, Fault::NewerEntry { found: NEW, understood: OLD, .. }), "{fault}");
    let told =
        "is of level 2, and this allocd understands levels up to 1; install a newer allocd on this member";
    assert!(fault.to_string().contains(told), "{fault}");
}

#[test]
fn a_member_that_cannot_read_the_leaders_snapshot_stops_and_the_sender_knows() {
    let (cluster, _, away) = one_goes_back(OFTEN, 60);
    let fault = &cluster.programs.stopped[&away];
    assert!(matches!(fault, Fault::NewerSnapshot { found: NEW, understood: OLD }), "{fault}");
    assert_eq!(cluster.programs.sent_in_vain, [away]);
}

#[test]
fn a_member_does_not_go_back_behind_what_it_has_applied() {
    for (limits, entries) in [(SnapshotLimits::NEVER, 3), (OFTEN, 60)] {
        let mut cluster = Cluster::of_programs(&[(1, NEW)], limits);
        cluster.elect();
        assert_eq!(cluster.in_the_way(1, "a"), []);
        cluster.create_hosts(1, names("h", entries));
        cluster.programs.understands.insert(2, NEW);
        cluster.exchange(1, OLD);
        let fault = &cluster.programs.stopped[&1];
        let is_by_snapshot = matches!(fault, Fault::NewerSnapshot { .. });
        assert!(is_by_snapshot || matches!(fault, Fault::NewerEntry { .. }), "{fault}");
        assert_eq!(is_by_snapshot, limits == OFTEN);
    }
}

#[test]
fn a_learner_below_what_is_in_use_does_not_come_to_vote() {
    let mut cluster = Cluster::of_programs(&[(1, NEW), (2, NEW), (3, NEW)], SnapshotLimits::NEVER);
    let leader = cluster.elect();
    cluster.change(leader, &add(4)).unwrap();
    cluster.programs.understands.insert(4, NEW);
    cluster.join(4, leader);
    cluster.ticks(20);
    // While it is exchanged for an older one, what is new is used.
    cluster.crash(4, usize::MAX);
    assert_eq!(cluster.in_the_way(leader, "a"), []);
    cluster.run(4, OLD);
    // It has answered a heartbeat, and has not yet met the entry at which it will stop.
    cluster.tick_one(leader);
    cluster.advance(leader);
    for _ in 0..2 {
        cluster.deliver();
        cluster.advance(4);
    }
    let token = Token(901);
    let promote = MemberChange::Promote(MemberId::new(4));
    cluster.member(leader).change_members(token, &promote).unwrap();
    cluster.advance(leader);
    let member = MemberId::new(4);
    let too_old = ChangeRefused::TooOld { member, understood: OLD, in_use: NEW };
    assert_eq!(cluster.changes.remove(&token), Some(Err(too_old)));
}
