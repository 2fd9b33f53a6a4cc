//! The simulator in CI: honest seeds show nothing, deliberate faults are seen, and a seed repeats exactly.
//!
//! Without optimisation a seed takes many times as long, so a debug build runs fewer of them, and of the faults only those that
//! show within a few seeds. `cargo test -p allocd-tests --release --test sim` runs everything that is stated here.

use allocd_tests::sim::fault::Fault;
use allocd_tests::sim::run::{Options, Report, run};
use allocd_tests::sim::trace::Trace;

/// Whether seeds are cheap enough for all that is stated.
const IS_FAST: bool = !cfg!(debug_assertions);
/// Honest seeds: many in an optimised build, few in any other.
const SEEDS: u64 = if IS_FAST { 200 } else { 8 };
/// Faults that need more seeds than this are left to an optimised build.
const FAULT_SEEDS_MAX: u64 = if IS_FAST { u64::MAX } else { 10 };
/// Within how many seeds pauses beyond the bounds give a value to two.
const BEYOND_SEEDS_MAX: u64 = 50;

fn honest(seed: u64) -> Report {
    run(seed, Options::default(), Trace::silent())
}

#[test]
fn honest_seeds_show_no_violation_and_are_not_idle() {
    let reports: Vec<Report> = (0..SEEDS).map(honest).collect();
    for report in &reports {
        assert_eq!(report.violation, None, "seed {}", report.seed);
    }
    let total = |count: fn(&Report) -> u64| reports.iter().map(count).sum::<u64>();
    assert!(total(|report| report.counts.operations) > 150 * SEEDS, "operations");
    assert!(total(|report| report.counts.elections) > 4 * SEEDS, "elections");
    assert!(total(|report| report.counts.crashes) > 4 * SEEDS, "crashes");
    assert!(total(|report| report.counts.partitions) > 4 * SEEDS, "partitions");
    assert!(total(|report| report.counts.snapshots_taken) > 20 * SEEDS, "snapshots taken");
    assert!(total(|report| report.counts.snapshots) > SEEDS / 2, "snapshots installed");
    assert!(!IS_FAST || total(|report| report.counts.snapshots_failed) > SEEDS / 4, "snapshots that failed");
    assert!(total(|report| report.counts.membership_changes) > 3 * SEEDS, "changes of members");
    assert!(!IS_FAST || total(|report| report.counts.restores) > SEEDS / 10, "restores");
    for (what, count) in [
        ("confirmations", total(|report| report.counts.confirmed)),
        ("moves", total(|report| report.counts.moved)),
        ("declines", total(|report| report.counts.declined)),
        ("suspects that were freed", total(|report| report.counts.suspects_freed)),
        ("hosts declared off", total(|report| report.counts.fenced)),
        ("returns of those", total(|report| report.counts.returned)),
    ] {
        assert!(!IS_FAST || count > SEEDS / 4, "{what}: {count}");
    }
    let (restores, recoveries) =
        (total(|report| report.counts.restores), total(|report| report.counts.recoveries));
    assert!(recoveries * 4 >= restores * 3, "{recoveries} of {restores} recoveries came to their end");
}

#[test]
fn seeds_of_the_corpus_show_no_violation() {
    let corpus = include_str!("../corpus/seeds.txt");
    for line in corpus.lines().filter(|line| !line.starts_with('#')) {
        let (seed, why) = line.split_once(' ').expect("a seed and why it is there");
        let seed = seed.parse().expect("a seed");
        for is_steady in [true, false] {
            let report = run(seed, Options { is_steady, ..Options::default() }, Trace::silent());
            assert_eq!(report.violation, None, "seed {seed}, steady: {is_steady}: {why}");
        }
    }
}

#[test]
fn every_fault_is_seen_within_its_seeds() {
    for fault in Fault::ALL.into_iter().filter(|fault| fault.seeds_max() <= FAULT_SEEDS_MAX) {
        let options = Options { fault: Some(fault), ..Options::default() };
        let seen = (0..fault.seeds_max()).any(|seed| run(seed, options, Trace::silent()).violation.is_some());
        assert!(seen, "{} is not seen within {} seeds", fault.name(), fault.seeds_max());
    }
}

#[test]
fn a_log_that_lost_its_end_silently_loses_what_was_acknowledged() {
    let fault = Fault::SilentTruncation;
    let options = Options { fault: Some(fault), ..Options::default() };
    let mut violations =
        (0..fault.seeds_max()).filter_map(|seed| run(seed, options, Trace::silent()).violation);
    assert!(violations.any(|violation| violation.checker == "durable"), "the durable checker sees it");
}

#[test]
fn a_pause_longer_than_quarantine_gives_one_value_to_two() {
    let options = Options { is_beyond_bounds: true, ..Options::default() };
    let mut violations =
        (0..BEYOND_SEEDS_MAX).filter_map(|seed| run(seed, options, Trace::silent()).violation);
    assert_eq!(violations.next().map(|violation| violation.checker), Some("holders"));
}

#[test]
fn no_member_comes_or_goes_in_a_steady_run() {
    let changed =
        (0..).map(honest).find(|report| report.counts.membership_changes > 0).expect("members change");
    let options = Options { is_steady: true, ..Options::default() };
    let steady = run(changed.seed, options, Trace::silent());
    assert_eq!(steady.counts.membership_changes, 0);
    assert_ne!(steady.digest, changed.digest);
}

#[test]
fn a_seed_repeats_exactly_and_another_differs() {
    let first = honest(3);
    assert_eq!(first, honest(3));
    assert_ne!(first.digest, honest(4).digest);
}
