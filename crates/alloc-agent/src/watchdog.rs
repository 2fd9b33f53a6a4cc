//! Takes interfaces down whose leases are over, whatever has become of the agent and the cluster.
//!
//! ```text
//! each second:  cache.json -> until when leases may be in use -> what carries the mark of one that is over is down
//! ```
//!
//! A process of its own: it asks nobody, and what it goes by is on disk before a lease is used. It keeps the last that it could
//! read, and what it has read of a lease until nothing of that is left, whatever the file says then; what it cannot tell the time of
//! is over. As long as it runs it has a lock, and without that the agent uses no lease that
//! ends by itself. To take the host's end of a cable down is enough, for nothing passes it then in either direction
//! (sys/net/if_epair.c); the jail is left to the agent.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use allocd_types::id::LeaseId;
use allocd_types::name::InterfaceName;
use freebsd_host::interface::Interface;
use freebsd_host::{CommandError, Host, Runner, Sysctl};

use crate::cache::{self, Cache};
use crate::clock::Clock;
use crate::files::Files;
use crate::lifetime::{Boot, End, Lifetimes};
use crate::observe::mark_of;
use crate::sealed;

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
    /// The leases that it does not mention any more, and of which something may be left.
    dropped: BTreeMap<LeaseId, End>,
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
    sealed::path_in(state_dir, "watchdog.lock")
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
            dropped: BTreeMap::new(),
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
                    let is_left =
                        |lease| interfaces.iter().any(|interface| mark_of(interface) == Some(lease));
                    self.dropped.retain(|lease, _| !over.contains(lease) || is_left(*lease));
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
        let read = read.map_err(|why| format!("{} is damaged: {why}", self.cache))?.lifetimes;
        let before = std::mem::replace(&mut self.lifetimes, read);
        self.dropped.extend(before.ends);
        self.dropped.retain(|lease, _| !self.lifetimes.ends.contains_key(lease));
        Ok(())
    }

    /// The leases of which nothing may be up.
    fn over(&mut self) -> Result<Vec<LeaseId>, CommandError> {
        let now = self.clock.now();
        let dropped = self.dropped.iter().filter(|(_, end)| now >= end.at).map(|(lease, _)| *lease);
        let mut over: Vec<LeaseId> = dropped.collect();
        let Some(boot) = self.lifetimes.boot.clone().filter(|_| !self.lifetimes.ends.is_empty()) else {
            return Ok(over);
        };
        if !self.boots.contains(&boot)
            && let Some(name) = self.host.stack().sysctl(Sysctl::BOOT_TIME)?
        {
            self.boots.insert(Boot::new(&name));
        }
        if self.boots.contains(&boot) {
            over.extend(self.lifetimes.over(now));
        } else {
            over.extend(self.lifetimes.ends.keys());
        }
        Ok(over)
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
