//! Takes interfaces down whose leases are over, whatever has become of the agent and the cluster.
//!
//! ```text
//! each second:  cache.json -> until when leases may be in use -> what carries the mark of one that is over is down
//! ```
//!
//! A process of its own: it asks nobody, and what it goes by is on disk before a lease is used. It keeps the last that it could
//! read, and what it cannot tell the time of is over. As long as it runs it has a lock, and without that the agent uses no lease that
//! ends by itself. To take the host's end of a cable down is enough, for nothing passes it then in either direction
//! (sys/net/if_epair.c); the jail is left to the agent.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use allocd_types::id::LeaseId;
use allocd_types::name::InterfaceName;
use freebsd_host::interface::Interface;
use freebsd_host::{CommandError, Host, Runner, Sysctl};

use crate::cache::{self, Cache};
use crate::clock::Clock;
use crate::files::Files;
use crate::lifetime::{Boot, Lifetimes};
use crate::observe::mark_of;

/// In how many looks it is looked again whether what was down stays down.
const LOOKS_TO_REST: u8 = 5;

/// The watchdog.
#[derive(Debug)]
pub(crate) struct Watchdog<'a, R> {
    host: &'a Host<R>,
    files: &'a Files,
    clock: &'a dyn Clock,
    /// Where the agent keeps what it knows.
    cache: String,
    /// What the cache was when it was read last.
    text: String,
    lifetimes: Lifetimes,
    /// What this boot was called, before and after changes of the date.
    boots: BTreeSet<Boot>,
    /// How many looks may go by before the interfaces are listed again.
    rest: u8,
}

/// What came of a look.
#[derive(Debug)]
pub(crate) enum Said {
    /// An interface is down now.
    Down { name: InterfaceName, lease: LeaseId },
    /// It could not be taken down, and is gone now.
    Destroyed { name: InterfaceName, lease: LeaseId },
    /// It is neither.
    StillUp { name: String, lease: LeaseId, why: String },
    /// What it goes by cannot be read; what was read last holds.
    Unreadable(String),
    /// The host cannot be looked at.
    Unseen(CommandError),
}

/// The lock that says that the watchdog of a directory for state runs.
pub(crate) fn lock_path(state_dir: &str) -> String {
    format!("{}/watchdog.lock", state_dir.trim_end_matches('/'))
}

impl<'a, R: Runner> Watchdog<'a, R> {
    /// One that has seen nothing yet.
    pub(crate) fn new(host: &'a Host<R>, files: &'a Files, clock: &'a dyn Clock, state_dir: &str) -> Self {
        Self {
            host,
            files,
            clock,
            cache: cache::path_in(state_dir),
            text: String::new(),
            lifetimes: Lifetimes::default(),
            boots: BTreeSet::new(),
            rest: 0,
        }
    }

    /// Looks, and takes down what is up and over.
    pub(crate) fn look(&mut self) -> Vec<Said> {
        let mut said: Vec<Said> = self.read().err().map(Said::Unreadable).into_iter().collect();
        match self.over() {
            Ok(over) if over.is_empty() => {}
            Ok(_) if self.rest > 0 => self.rest -= 1,
            Ok(over) => match self.host.interfaces() {
                Ok(interfaces) => {
                    let before = said.len();
                    said.extend(interfaces.iter().filter_map(|interface| self.take_down(interface, &over)));
                    if said.len() == before {
                        self.rest = LOOKS_TO_REST;
                    }
                }
                Err(error) => said.push(Said::Unseen(error)),
            },
            Err(error) => said.push(Said::Unseen(error)),
        }
        said
    }

    /// Reads until when leases may be in use, if that has changed.
    fn read(&mut self) -> Result<(), String> {
        let text = self.files.read(&self.cache).map_err(|error| format!("{error}: {}", error.source))?;
        // Without a file there is nothing new to know.
        let Some(text) = text.filter(|text| *text != self.text) else { return Ok(()) };
        let read = Cache::read(&text);
        self.text = text;
        self.rest = 0;
        self.lifetimes = read.map_err(|why| format!("{} is damaged: {why}", self.cache))?.lifetimes;
        Ok(())
    }

    /// The leases of which nothing may be up.
    fn over(&mut self) -> Result<Vec<LeaseId>, CommandError> {
        let Some(boot) = self.lifetimes.boot.clone().filter(|_| !self.lifetimes.ends.is_empty()) else {
            return Ok(Vec::new());
        };
        if !self.boots.contains(&boot)
            && let Some(now) = self.host.stack().sysctl(Sysctl::BOOT_TIME)?
        {
            self.boots.insert(Boot::new(&now));
        }
        if self.boots.contains(&boot) {
            Ok(self.lifetimes.over(self.clock.now()).collect())
        } else {
            Ok(self.lifetimes.ends.keys().copied().collect())
        }
    }

    /// Takes an interface down if it is up and its lease is over.
    fn take_down(&self, interface: &Interface, over: &[LeaseId]) -> Option<Said> {
        let lease = mark_of(interface).filter(|lease| over.contains(lease) && interface.is_up())?;
        let Some(name) = interface.name.name().cloned() else {
            let why = "its name cannot be given to ifconfig(8)".to_owned();
            return Some(Said::StillUp { name: interface.name.to_string(), lease, why });
        };
        let stack = self.host.stack();
        let Err(error) = stack.take_down(&name) else { return Some(Said::Down { name, lease }) };
        Some(match stack.destroy(&name) {
            Ok(()) => Said::Destroyed { name, lease },
            Err(_) => Said::StillUp { name: name.to_string(), lease, why: error.to_string() },
        })
    }
}
