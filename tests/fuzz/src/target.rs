//! The list of targets.

use crate::targets::{
    answers, backup, commands, entry, inventory, jail_conf, journal, membership, peers, requests, snapshot,
    status, words,
};

/// A decoder, and what has to hold for it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and its directory in the corpus.
    pub name: &'static str,
    /// Where such bytes come from, and what must hold.
    pub about: &'static str,
    /// Tries an input. Panics if something does not hold.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "peers",
        about: "a peer's messages: a member is not brought down by what is refused",
        run: peers::run,
    },
    Target {
        name: "entry",
        about: "an entry of the log: what is read survives being written",
        run: entry::run,
    },
    Target {
        name: "journal",
        about: "the segments of a log: what is taken for sound is all there",
        run: journal::run,
    },
    Target { name: "snapshot", about: "a snapshot: what is read is sound, and survives", run: snapshot::run },
    Target {
        name: "backup",
        about: "a backup's file: what is read is sound, and survives",
        run: backup::run,
    },
    Target { name: "membership", about: "who the cluster is, from disk or a peer", run: membership::run },
    Target { name: "requests", about: "what clients ask: read, or told what is wrong", run: requests::run },
    Target { name: "answers", about: "what a client is answered", run: answers::run },
    Target { name: "status", about: "a refusal as a client reads it", run: status::run },
    Target {
        name: "commands",
        about: "requests that are taken, applied: the machine stays sound",
        run: commands::run,
    },
    Target { name: "inventory", about: "an inventory to import, any bytes", run: inventory::run },
    Target { name: "jail_conf", about: "a jail.conf(5)", run: jail_conf::run },
    Target {
        name: "words",
        about: "names, addresses, filters, tokens: what is read is written alike",
        run: words::run,
    },
];

/// The target of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
