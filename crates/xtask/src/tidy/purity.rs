//! What a room must not know. The core is the same function on every member, so it may ask nothing of the machine it
//! runs on; and a room without `async` is one whose order of events can be read off the page. Clippy refuses most of
//! the first by type (`.clippy.toml` of these crates); this check refuses the very mention, in any form.

use super::finding::Finding;
use super::source::{Line, Source};

/// Same input, same output, on every member and in every run.
const PURE: &[&str] = &["allocd-types", "allocd-state"];

/// Their callers bring the waiting.
const SYNCHRONOUS: &[&str] = &[
    "allocd-proto",
    "allocd-replica",
    "allocd-state",
    "allocd-store",
    "allocd-types",
    "freebsd-config",
    "freebsd-host",
    "raft-proto",
];

/// Each word with what is to be used in its place. `std::net` and `std::time` have harmless parts and are not listed.
const IMPURE: &[(&str, &str)] = &[
    ("Instant", "cluster time, which arrives with the entry"),
    ("SystemTime", "cluster time, which arrives with the entry"),
    ("HashMap", "BTreeMap or imbl::OrdMap, whose order is the same everywhere"),
    ("HashSet", "BTreeSet or imbl::OrdSet, whose order is the same everywhere"),
    ("RandomState", "the entry's entropy"),
    ("rand", "the entry's entropy"),
    ("getrandom", "the entry's entropy"),
    ("TcpStream", "a caller that does the talking"),
    ("TcpListener", "a caller that does the talking"),
    ("UdpSocket", "a caller that does the talking"),
    ("ToSocketAddrs", "a caller that does the talking"),
];

/// Parts of `std` that only exist to reach outside.
const MODULES: &[(&str, &str)] = &[
    ("std::thread", "a caller that owns the threads"),
    ("std::fs", "a caller that reads the file"),
    ("std::env", "a parameter"),
    ("std::process", "a caller that starts it"),
];

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let Some(room) = source.room() else { return Vec::new() };
    let mut findings = Vec::new();
    for (index, line) in source.product() {
        if PURE.contains(&room)
            && let Some((what, instead)) = impure(line)
        {
            let message =
                format!("`{what}` in {room}, which has to do the same on every member: use {instead}");
            findings.push(Finding::at(source.path, index, message));
        }
        if SYNCHRONOUS.contains(&room) && line.words().any(|word| word == "async") {
            let message = format!("`async` in {room}, which is synchronous: hand the effect to the caller");
            findings.push(Finding::at(source.path, index, message));
        }
    }
    findings
}

fn impure(line: &Line) -> Option<(&'static str, &'static str)> {
    let module = MODULES.iter().find(|(path, _)| line.code.contains(path));
    module.or_else(|| line.words().find_map(|word| IMPURE.iter().find(|(name, _)| *name == word))).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::File;

    fn found(path: &str, text: &str) -> Vec<String> {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        let source = Source::of(&file).unwrap();
        check(&source).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn the_core_asks_nothing_of_its_machine() {
        let found = found(
            "crates/allocd-state/src/a.rs",
            "use std::collections::HashMap;\nlet home = std::env::var(x);\n",
        );
        assert!(
            found[0].starts_with("`HashMap` in allocd-state")
                && found[1].starts_with("`std::env` in allocd-state")
        );
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn comments_tests_and_harmless_parts_of_std_are_no_offence() {
        let text =
            "// No HashMap here.\nuse std::net::IpAddr;\nuse std::time::Duration;\nstruct HashMapped;\n";
        assert_eq!(found("crates/allocd-types/src/a.rs", text), [""; 0]);
        assert_eq!(found("crates/allocd-types/src/a/tests.rs", "use std::fs;\n"), [""; 0]);
    }

    #[test]
    fn synchronous_rooms_know_no_async_and_others_do() {
        assert_eq!(found("crates/allocd-replica/src/a.rs", "async fn f() {}\n").len(), 1);
        assert_eq!(found("crates/allocd-client/src/a.rs", "async fn f() {}\n"), [""; 0]);
    }
}
