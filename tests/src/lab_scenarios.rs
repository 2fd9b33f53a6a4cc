//! The scenarios of the lab: what happens to jails on a wire with leases and without, shown by real packets.
//!
//! Each has a file, builds its hosts, looks at every cable as the kernel reports it, and says what has come of it. What must come
//! of it differs: one scenario has to be clean, and another has to show the trouble that leases are against. Nothing is judged
//! by the time it takes.

pub mod jail;
mod judgement;
mod kill;
mod leased;
mod moved;
mod partition;
mod reboot;
mod restored;
mod rogue;
mod rogue_4;
mod services;
pub mod site;
mod station;
mod stock;
mod stock_15;
mod wrong_order;

use std::any::Any;
use std::path::Path;
use std::time::Instant;

use serde::Serialize;
use station::Station;

/// One scenario.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// What it is called.
    pub name: &'static str,
    /// What must come of it, in a few words.
    pub about: &'static str,
    /// True if it is mostly waiting, so that others may be played meanwhile.
    pub is_small: bool,
    play: Play,
}

/// What has come of a scenario.
#[derive(Debug)]
struct Outcome {
    hosts: usize,
    jails: usize,
    /// Echo requests that jails sent.
    echoes: usize,
    /// Steps at which an agent was killed.
    kills: usize,
    is_as_it_must_be: bool,
    verdict: String,
    stations: Vec<Station>,
}

/// What is told of a scenario that has ended.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Its name.
    pub scenario: &'static str,
    /// How many hosts there were.
    pub hosts: usize,
    /// How many jails were on all of them.
    pub jails: usize,
    /// How many echo requests the jails sent.
    pub echoes: usize,
    /// At how many steps an agent was killed.
    pub kills: usize,
    /// How many packets the kernels counted on all cables.
    pub packets: u64,
    /// True if what had to come of it has.
    pub is_as_it_must_be: bool,
    /// What has come of it.
    pub verdict: String,
    /// How long it took.
    pub took_ms: u128,
    /// The ends of all cables.
    pub stations: Vec<Station>,
}

/// All scenarios, in the order in which they are played.
pub const SCENARIOS: &[Scenario] = &[
    large("stock", "duplicates without leases are seen", stock::play),
    large("stock-15", "the same by the rule of FreeBSD 15", stock_15::play),
    large("leased", "no duplicate, and all echoes are answered", leased::play),
    small("wrong-order", "a MAC that is set too late is seen", wrong_order::play),
    small("reboot", "files are enough after a reboot", reboot::play),
    small("services", "services find the network ready", services::play),
    small("move", "a jail that moves is on one host at a time", moved::play),
    small("rogue", "an address that somebody else has is replaced", rogue::play),
    small("rogue-4", "the same of IPv4, while the jail runs", rogue_4::play),
    small("restore", "a restored cluster hears what lives", restored::play),
    small("partition", "a host that is cut off is down in time", partition::play),
    large("kill", "an agent that is killed leaves nothing behind", kill::play),
];

/// Plays a scenario.
type Play = fn(&Path) -> Result<Outcome, String>;

const fn large(name: &'static str, about: &'static str, play: Play) -> Scenario {
    Scenario { name, about, is_small: false, play }
}

const fn small(name: &'static str, about: &'static str, play: Play) -> Scenario {
    Scenario { name, about, is_small: true, play }
}

impl Scenario {
    /// Plays it; the program is `lab-freebsd`.
    #[must_use]
    pub fn play(self, program: &Path) -> Report {
        let began = Instant::now();
        let program = program.to_owned();
        // What a scene has begun ends with the thread that made it, so a panic leaves nothing behind.
        let played = std::thread::spawn(move || (self.play)(&program)).join();
        let outcome = played.unwrap_or_else(|panic| Err(said(&*panic)));
        let outcome = outcome.unwrap_or_else(Outcome::failed);
        let Outcome { hosts, jails, echoes, kills, is_as_it_must_be, verdict, stations } = outcome;
        Report {
            scenario: self.name,
            hosts,
            jails,
            echoes,
            kills,
            packets: stations.iter().map(|station| station.received + station.sent).sum(),
            is_as_it_must_be,
            verdict,
            took_ms: began.elapsed().as_millis(),
            stations,
        }
    }
}

impl Outcome {
    /// What there was, of which nothing is said yet.
    const fn of(hosts: usize, jails: usize, stations: Vec<Station>) -> Self {
        Self { hosts, jails, echoes: 0, kills: 0, is_as_it_must_be: false, verdict: String::new(), stations }
    }

    /// A scenario that did not come to its end.
    fn failed(why: String) -> Self {
        Self { verdict: why, ..Self::of(0, 0, Vec::new()) }
    }
}

/// Waits for a future on this thread, with which ends whatever it has begun.
fn until_done<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    Ok(runtime.map_err(|error| error.to_string())?.block_on(future))
}

/// What a verdict says of something that is so or not.
const fn yes_or_no(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "it ended with a panic".to_owned())
}
