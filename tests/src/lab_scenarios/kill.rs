//! The agent is killed at every step of a jail's start and of its stop; the next pass has to end right, and nothing to be left.
//!
//! Nobody waits for a moment: the agent counts its own steps and kills itself at the one whose turn it is (`kill/steps.c`). A start
//! by jail(8) is one step to it, so it is also killed before each command of jail(8), which goes on while the next agent begins, and
//! once more with jail(8), so that nobody goes on: the jail is there then, and its services are missing.
//! One life of a jail has two blows, at its start and at its stop; a series ends with the first number that hits neither. Hosts
//! share the work, for most of it is waiting until duplicates have been looked for.

mod life;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use life::{Blow, Life, Victim};

use super::site::Site;
use super::station::Station;
use super::{Outcome, said, until_done};
use crate::preload::library;

const RELEASE: &str = "14.1";
/// Hosts among which the work is shared.
const HOSTS: usize = 9;

/// An agent that looks again before long: what it finds may be another's work that goes on.
const SOON: &str = "interval_seconds = 5\n";

/// A way to start jails, and a kind of blow.
struct Series {
    name: &'static str,
    configuration: &'static str,
    blow: fn(usize) -> Blow,
}

const SERIES: [Series; 4] = [
    Series { name: "by file", configuration: "", blow: Blow::AtStep },
    Series { name: "direct", configuration: "[jails]\ntarget = \"direct\"\n", blow: Blow::AtStep },
    Series { name: "under jail(8)", configuration: SOON, blow: Blow::AtCommand },
    Series { name: "with jail(8)", configuration: SOON, blow: Blow::WithJail },
];

/// How far the work is.
#[derive(Default)]
struct Work {
    series: usize,
    number: usize,
    /// Starts and stops at which an agent was killed, of each series.
    hits: [[BTreeSet<usize>; 2]; SERIES.len()],
    lives: usize,
    /// What files each life left, with its series and number.
    left: Vec<(usize, usize, BTreeSet<PathBuf>)>,
    stations: Vec<Station>,
    failed: Option<String>,
}

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let site = until_done(Site::new(program, RELEASE, HOSTS))??;
    let library = library("src/lab_scenarios/kill/steps.c", site.scene().directory());
    let work = Mutex::new(Work { number: 1, ..Work::default() });
    let undisturbed = std::thread::scope(|scope| {
        let share = |at: usize| Victim { site: &site, at, library: &library };
        let workers: Vec<_> = (1..HOSTS)
            .map(|at| {
                let (victim, work) = (share(at), &work);
                scope.spawn(move || victim.take_blows(work))
            })
            .collect();
        let victim = share(0);
        // What a life leaves that nobody disturbs is what one has to leave; hosts are alike.
        let undisturbed = victim.live(Blow::None).map(|_| victim.files());
        victim.take_blows(&work);
        for worker in workers {
            if let Err(panic) = worker.join() {
                lock(&work).failed.get_or_insert(said(&*panic));
            }
        }
        undisturbed
    })?;
    let work = work.into_inner().expect("all workers have been joined");
    if let Some(why) = work.failed.or_else(|| too_many(&work.left, &undisturbed)) {
        return Err(why);
    }
    let mut is_every_step = true;
    let mut parts = Vec::new();
    for (series, hits) in SERIES.iter().zip(&work.hits) {
        // One that was left out would be a number that is missing.
        is_every_step &= hits.iter().all(|hits| !hits.is_empty() && hits.last() == Some(&hits.len()));
        let [starts, stops] = hits.each_ref().map(BTreeSet::len);
        parts.push(format!("{} {starts}+{stops}", series.name));
    }
    Ok(Outcome {
        kills: work.hits.iter().flatten().map(BTreeSet::len).sum(),
        echoes: 2 * work.lives,
        is_as_it_must_be: is_every_step,
        verdict: format!(
            "killed at steps of start+stop: {}; then all was right and nothing left",
            parts.join(", ")
        ),
        ..Outcome::of(HOSTS, work.lives, work.stations)
    })
}

/// What is said if a life left more files than one that nobody disturbed.
fn too_many(left: &[(usize, usize, BTreeSet<PathBuf>)], undisturbed: &BTreeSet<PathBuf>) -> Option<String> {
    left.iter().find_map(|(series, number, files)| {
        let more: Vec<&PathBuf> = files.difference(undisturbed).collect();
        (!more.is_empty())
            .then(|| format!("{}, blow {number}: files are left: {more:?}", SERIES[*series].name))
    })
}

fn lock(work: &Mutex<Work>) -> std::sync::MutexGuard<'_, Work> {
    work.lock().expect("nobody panics while he has the work")
}

impl Work {
    /// The next series and number; none when all is done or something has failed.
    fn take(&mut self) -> Option<(usize, usize)> {
        if self.failed.is_some() || self.series == SERIES.len() {
            return None;
        }
        self.number += 1;
        Some((self.series, self.number - 1))
    }

    fn note(&mut self, (series, number): (usize, usize), life: Life, files: BTreeSet<PathBuf>) {
        self.lives += 1;
        self.left.push((series, number, files));
        self.stations.extend(life.ends);
        for (hits, is_hit) in self.hits[series].iter_mut().zip([life.is_start_hit, life.is_stop_hit]) {
            if is_hit {
                hits.insert(number);
            }
        }
        // Others may be beyond its end already, and hit nothing.
        if !life.is_start_hit && !life.is_stop_hit && self.series == series {
            (self.series, self.number) = (series + 1, 1);
        }
    }
}

impl Victim<'_> {
    /// Takes blows until there are no more.
    fn take_blows(&self, work: &Mutex<Work>) {
        loop {
            let taken = lock(work).take();
            let Some((series, number)) = taken else { return };
            let Series { name, configuration, blow } = &SERIES[series];
            self.site.configure(self.at, configuration);
            match self.live(blow(number)) {
                Ok(life) => {
                    let files = self.files();
                    lock(work).note((series, number), life, files);
                }
                Err(why) => {
                    lock(work).failed.get_or_insert(format!("{name}, blow {number}: {why}"));
                }
            }
        }
    }
}
