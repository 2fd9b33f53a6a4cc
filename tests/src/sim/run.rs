//! One run: trouble first, then peace, in which the cluster has to get on, and in the end everything is compared.

use std::panic::{AssertUnwindSafe, catch_unwind};

use allocd_replica::{Level, Role};
use allocd_state::state::State;
use serde::Serialize;

use super::check::Violation;
use super::counts::Counts;
use super::fault::Fault;
use super::member::Member;
use super::observation::{Final, Seen};
use super::trace::Trace;
use super::world::World;

/// How long the trouble lasts, in milliseconds of real time.
pub(super) const TROUBLE_MILLIS: u64 = 90_000;
/// Within what time of peace every client has to get answers: longer than a call takes, and longer than a value rests.
const PROGRESS_MILLIS: u64 = 40_000;
/// How many answers every client has to get by then, unless it has asked for fewer things.
const ANSWERS_MIN: u64 = 2;
/// Within what time after the last call all members have to be equal.
const QUIET_MILLIS: u64 = 30_000;
/// The longest pause of a client's machine within the bounds of design §5: shorter than any quarantine.
const CLIENT_PAUSE_MAX: u64 = 2_500;
/// The longest pause beyond the bounds.
const CLIENT_PAUSE_BEYOND: u64 = 30_000;

/// What a run is to be like, apart from its seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// A deliberate fault.
    pub fault: Option<Fault>,
    /// True if holders may be held up for longer than values rest, which design §5 excludes.
    pub is_beyond_bounds: bool,
    /// True if no member is to come or go: a seed is then what it was before any did.
    pub is_steady: bool,
}

impl Options {
    /// How long a client's machine may be held up, in milliseconds.
    pub(super) const fn client_pause_max(self) -> u64 {
        if self.is_beyond_bounds { CLIENT_PAUSE_BEYOND } else { CLIENT_PAUSE_MAX }
    }
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// What happened how often.
    #[serde(flatten)]
    pub counts: Counts,
    /// The digest of the whole trace.
    pub digest: String,
    /// What is wrong, if anything is.
    #[serde(skip)]
    pub violation: Option<Violation>,
}

/// Runs a seed.
#[must_use]
pub fn run(seed: u64, options: Options, trace: Trace) -> Report {
    let mut world = World::new(seed, options, trace);
    let ended = catch_unwind(AssertUnwindSafe(|| story(&mut world)));
    if let Err(panic) = ended {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        world.checkers.note("panics", world.real, text.unwrap_or_else(|| "a panic without words".to_owned()));
    }
    let violation = world.checkers.violation().cloned();
    Report { seed, counts: world.counts, digest: world.trace.digest(), violation }
}

fn story(world: &mut World) {
    world.run_until(TROUBLE_MILLIS);
    world.heal();
    let before: Vec<_> = world.asked.iter().copied().zip(world.answered.iter().copied()).collect();
    let end = world.real + PROGRESS_MILLIS;
    world.run_until(end);
    for (seat, (asked, answered)) in before.into_iter().enumerate() {
        let (asked, answers) = (world.asked[seat] - asked, world.answered[seat] - answered);
        // As long as a member is not heard of, nothing is asked for the first time that it might not understand.
        let waits_for_upgrade = world.seats[seat].needs_agents_level() && !is_agents_level_in_use(world);
        if waits_for_upgrade {
            continue;
        }
        // By chance a holder that is content may ask for nothing all that time.
        if answers < ANSWERS_MIN && (answers < asked || world.seats[seat].is_calling()) {
            let what = format!("seat {seat} got {answers} answers in {PROGRESS_MILLIS} ms of peace");
            world.checkers.note("liveness", world.real, what);
        }
    }
    if !world.is_settled() {
        let what = format!("a change of members did not come to its end in {PROGRESS_MILLIS} ms of peace");
        world.checkers.note("liveness", world.real, what);
    }
    world.is_closing = true;
    let end = world.real + QUIET_MILLIS;
    while world.real < end && !is_quiet(world) && world.checkers.violation().is_none() {
        world.run_until(world.real + 100);
    }
    if world.checkers.violation().is_some() {
        return;
    }
    if !is_quiet(world) {
        world.checkers.note("liveness", world.real, "members do not become equal in peace".to_owned());
    }
    finish(world);
}

/// Whether what hosts with agents say was said once.
fn is_agents_level_in_use(world: &World) -> bool {
    let statuses =
        world.sound().filter_map(|(_, member)| member.replica().map(allocd_replica::Replica::status));
    statuses.map(|status| status.level_in_use).max() >= Some(Level::AGENTS)
}

/// Nobody waits, somebody leads, and all that run have applied the same.
fn is_quiet(world: &World) -> bool {
    if world.seats.iter().any(super::client::Seat::is_calling) {
        return false;
    }
    let status = |(_, member): (u64, &Member)| member.replica().map(allocd_replica::Replica::status);
    let statuses: Vec<_> = world.sound().map(status).collect();
    let leads = |status: &allocd_replica::Status| {
        status.standing.role == Role::Leader && status.applied == status.last
    };
    let applied = statuses.iter().flatten().find(|status| leads(status)).map(|status| status.applied);
    applied.is_some() && statuses.iter().all(|status| status.map(|status| status.applied) == applied)
}

fn finish(world: &mut World) {
    let replicas: Vec<_> = world.sound().filter_map(|(id, member)| Some((id, member.replica()?))).collect();
    let digests: Vec<_> =
        replicas.iter().map(|(id, replica)| (*id, replica.status().applied, replica.digest())).collect();
    let states: Vec<(u64, State)> =
        replicas.iter().map(|(id, replica)| (*id, replica.state().clone())).collect();
    for (member, index, digest) in digests {
        world.checkers.see(world.real, Seen::Digest { member, index, digest });
    }
    let states: Vec<(u64, &State)> = states.iter().map(|(id, state)| (*id, state)).collect();
    world.checkers.finish(world.real, Final { states: &states, told: &[] });
}
