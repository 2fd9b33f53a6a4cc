//! Bad networks and bad power, by seed: messages are lost, repeated and overtaken, members crash in the middle of things.
//! Then everything heals, and nothing that was acknowledged may be missing.

use super::cluster::Cluster;
use crate::config::SnapshotLimits;
use crate::random::Random;
use crate::replica::*;

const SEEDS: u64 = 20;
const STEPS: usize = 3_000;

struct Chaos {
    cluster: Cluster,
    random: Random,
    /// What was asked: the host's name and the tokens under which it was.
    asked: Vec<(String, Vec<Token>)>,
    reads: Vec<(Token, u64)>,
}

impl Chaos {
    fn with_seed(seed: u64, limits: SnapshotLimits) -> Self {
        let cluster = Cluster::with_limits(&[1, 2, 3], seed, limits);
        Self { cluster, random: Random::seeded(seed), asked: Vec::new(), reads: Vec::new() }
    }

    fn any_running(&mut self) -> Option<u64> {
        let ids = self.cluster.ids();
        (!ids.is_empty()).then(|| ids[self.random.below(ids.len())])
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..=19 => self.tick_one(),
            20..=64 => self.deliver_one(),
            65..=79 => self.advance_one(),
            80..=91 => self.ask(),
            92..=95 => self.read(),
            96 => self.crash_one(),
            _ => self.restart_one(),
        }
    }

    fn tick_one(&mut self) {
        if let Some(id) = self.any_running() {
            self.cluster.tick_one(id);
        }
    }

    fn advance_one(&mut self) {
        if let Some(id) = self.any_running() {
            self.cluster.advance(id);
        }
        self.move_snapshots();
    }

    /// Any snapshot moves on by some parts; now and then a stream breaks.
    fn move_snapshots(&mut self) {
        for _ in 0..6 {
            if !self.cluster.storing.is_empty() {
                let at = self.random.below(self.cluster.storing.len());
                self.cluster.store_one(at);
            }
            if !self.cluster.sending.is_empty() {
                let at = self.random.below(self.cluster.sending.len());
                self.cluster.sending[at].is_broken |= self.random.below(30) == 0;
                self.cluster.send_one(at);
            }
        }
    }

    /// Any message on the wire comes next: it is delivered, lost, or delivered and kept for another time.
    fn deliver_one(&mut self) {
        for _ in 0..4 {
            if self.cluster.wire.is_empty() {
                return;
            }
            let at = self.random.below(self.cluster.wire.len());
            let (from, to, message) = self.cluster.wire.swap_remove(at);
            match self.random.below(10) {
                0 => {}
                1 => {
                    self.cluster.hand_over(to, &message);
                    self.cluster.wire.push((from, to, message));
                }
                _ => self.cluster.hand_over(to, &message),
            }
        }
    }

    /// A client asks for something new, or again, with the same request id, for what it has no answer to.
    fn ask(&mut self) {
        // Mostly at the leader, but nobody knows for sure who that is.
        let any = self.any_running();
        let leader = self.cluster.leader().filter(|_| self.random.below(3) > 0);
        let Some(id) = leader.or(any) else { return };
        let is_again = !self.asked.is_empty() && self.random.below(3) == 0;
        let at = if is_again { self.random.below(self.asked.len()) } else { self.asked.len() };
        if at == self.asked.len() {
            self.asked.push((format!("host{at}"), Vec::new()));
        }
        let name = self.asked[at].0.clone();
        let token = self.cluster.create_host(id, &name, &name);
        self.asked[at].1.push(token);
    }

    /// A client reads; what it must see is every revision that was acknowledged to anybody before.
    fn read(&mut self) {
        let Some(id) = self.any_running() else { return };
        let revision = |answer: &Answer| match answer {
            Answer::Applied { revision, .. } => revision.get(),
            Answer::Unavailable(_) | Answer::UpgradePending(_) | Answer::TooLarge { .. } => 0,
        };
        let acknowledged = self.cluster.answers.values().map(revision).max().unwrap_or(0);
        let token = self.cluster.read(id);
        self.reads.push((token, acknowledged));
    }

    fn crash_one(&mut self) {
        // Power fails before what was written is flushed, now and then in the middle of a batch.
        let Some(id) = self.any_running() else { return };
        let kept = self.random.below(4);
        self.cluster.crash(id, kept);
    }

    fn restart_one(&mut self) {
        let stopped: Vec<u64> = self.cluster.disks.keys().copied().collect();
        if !stopped.is_empty() {
            let id = stopped[self.random.below(stopped.len())];
            self.cluster.start(id);
        }
    }

    /// Everything heals: all members run, the wire is as it should be.
    fn heal(&mut self) {
        while !self.cluster.disks.is_empty() {
            self.restart_one();
        }
        self.cluster.elect();
        self.cluster.ticks(40);
    }

    fn verify(&self, seed: u64) {
        self.cluster.assert_equal();
        let hosts = super::hosts(self.cluster.running[&1].state());
        for (name, tokens) in &self.asked {
            let is_acknowledged = tokens.iter().any(|&token| self.cluster.is_applied(token));
            let copies = hosts.iter().filter(|host| *host == name).count();
            assert!(
                !is_acknowledged || copies == 1,
                "seed {seed}: {name} was acknowledged and is there {copies} times"
            );
        }
        for (token, acknowledged) in &self.reads {
            if let Some(Ok(state)) = self.cluster.reads.get(token) {
                let seen = state.revision().get();
                assert!(seen >= *acknowledged, "seed {seed}: a read saw {seen} after {acknowledged}");
            }
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_whatever_happens() {
    nothing_is_lost(SnapshotLimits::NEVER);
}

#[test]
fn nothing_acknowledged_is_lost_while_snapshots_are_taken_all_the_time() {
    let limits = SnapshotLimits { entries: 3, bytes: 1_000, entries_kept: 1 };
    let installed = nothing_is_lost(limits);
    assert!(installed > 20, "{installed} snapshots were installed");
}

/// Returns how many snapshots were installed.
fn nothing_is_lost(limits: SnapshotLimits) -> u64 {
    let (mut acknowledged, mut read, mut installed) = (0, 0, 0);
    for seed in 0..SEEDS {
        let mut chaos = Chaos::with_seed(seed, limits);
        for _ in 0..STEPS {
            chaos.step();
        }
        chaos.heal();
        chaos.verify(seed);
        acknowledged +=
            chaos.cluster.answers.values().filter(|answer| matches!(answer, Answer::Applied { .. })).count();
        installed += chaos.cluster.installed.values().sum::<u64>();
        read += chaos.cluster.reads.values().filter(|read| read.is_ok()).count();
    }
    // The chaos has to leave room for something to happen, or the test shows nothing.
    assert!(acknowledged > 1_000 && read > 250, "{acknowledged} were acknowledged, {read} were read");
    installed
}
