//! Holds the plan of the house against what the crates' manifests say: which room may use which, that every edge goes
//! down a level, and which libraries from outside are one room's business. A new room or a new edge begins here, with a
//! decision record; what a manifest says beyond this table is a broken wall.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{Metadata, MetadataCommand, Package};

/// One room: its level, and the rooms it may use.
struct Room {
    name: &'static str,
    level: u8,
    may_use: &'static [&'static str],
}

const HOUSE: &[Room] = &[
    Room { name: "allocd-types", level: 0, may_use: &[] },
    Room { name: "raft-proto", level: 0, may_use: &[] },
    Room { name: "allocd-proto", level: 1, may_use: &["allocd-types"] },
    Room { name: "allocd-state", level: 1, may_use: &["allocd-types"] },
    Room { name: "freebsd-config", level: 1, may_use: &["allocd-types"] },
    Room { name: "freebsd-host", level: 1, may_use: &["allocd-types"] },
    Room {
        name: "allocd-replica",
        level: 2,
        may_use: &["allocd-types", "allocd-proto", "allocd-state", "raft-proto"],
    },
    Room { name: "allocd-client", level: 2, may_use: &["allocd-types", "allocd-proto"] },
    Room { name: "allocd-store", level: 3, may_use: &["allocd-types", "allocd-replica"] },
    Room {
        name: "allocd",
        level: 4,
        // raft-proto is wider than the plan: the replica takes and gives messages as bytes, so the daemon has no need of it.
        may_use: &[
            "allocd-types",
            "allocd-proto",
            "allocd-state",
            "allocd-replica",
            "allocd-store",
            "raft-proto",
        ],
    },
    Room {
        name: "alloc-agent",
        level: 4,
        may_use: &["allocd-types", "allocd-client", "freebsd-config", "freebsd-host"],
    },
    Room { name: "allocctl", level: 4, may_use: &["allocd-types", "allocd-client", "freebsd-config"] },
];

/// Crates that look after the house and stand outside it: they may use every room, and no room may use them.
const OUTSIDE: &[&str] = &["xtask", "allocd-tests", "allocd-fuzz"];

/// Libraries that only the named rooms may see.
const GUARDED: &[(&str, &[&str])] = &[
    // Consensus can be exchanged and its traps kept in one place only while one room knows it.
    ("raft", &["allocd-replica"]),
    // The same for the store.
    ("sled", &["allocd-store"]),
    // Rooms below the wire know nothing of calls; what a status code means is said once, in allocd-proto.
    ("tonic", &["allocd-proto", "allocd-client", "allocd", "xtask", "allocd-tests", "allocd-fuzz"]),
    // Whatever has no tokio is synchronous, and can be tested without waiting.
    ("tokio", &["allocd-client", "allocd", "alloc-agent", "allocctl", "xtask", "allocd-tests"]),
];

#[test]
fn every_crate_has_a_row() {
    let known: BTreeSet<&str> = HOUSE.iter().map(|room| room.name).chain(OUTSIDE.iter().copied()).collect();
    let metadata = metadata();
    let strangers: Vec<&str> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .filter(|name| !known.contains(name))
        .collect();
    assert_eq!(strangers, [""; 0], "crates without a row in this table");
}

#[test]
fn a_room_uses_only_the_rooms_that_its_row_names() {
    let metadata = metadata();
    let names: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let mut broken = Vec::new();
    for (room, package) in rooms(&metadata) {
        let used = dependencies(package).into_iter().filter(|name| names.contains(name));
        let refused = used.filter(|name| !room.may_use.contains(name));
        broken.extend(refused.map(|name| format!("{} uses {name}", room.name)));
    }
    assert_eq!(broken, [""; 0], "edges that this table does not have");
}

#[test]
fn every_edge_of_the_table_goes_down() {
    let levels: BTreeMap<&str, u8> = HOUSE.iter().map(|room| (room.name, room.level)).collect();
    for room in HOUSE {
        for used in room.may_use {
            assert!(
                levels[used] < room.level,
                "{} (level {}) may use {used} (level {})",
                room.name,
                room.level,
                levels[used]
            );
        }
    }
}

#[test]
fn guarded_libraries_stay_in_their_rooms() {
    let metadata = metadata();
    let mut broken = Vec::new();
    for package in &metadata.packages {
        for name in dependencies(package) {
            let guard = GUARDED.iter().find(|(library, _)| is_of(library, name));
            if guard.is_some_and(|(_, rooms)| !rooms.contains(&package.name.as_str())) {
                broken.push(format!("{} uses {name}", package.name));
            }
        }
    }
    assert_eq!(broken, [""; 0], "libraries outside the rooms that may see them");
}

#[test]
fn the_guards_recognise_their_libraries() {
    assert!(is_of("tonic", "tonic") && is_of("tonic", "tonic-health") && is_of("tokio", "tokio-stream"));
    assert!(!is_of("raft", "raft-proto"), "a room of the house, which has a row of its own");
    assert!(!is_of("raft", "raftaway"));
}

/// The library itself and what is published around it, but not a room of the house that happens to share its name.
fn is_of(library: &str, name: &str) -> bool {
    let around = name.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    around && !HOUSE.iter().any(|room| room.name == name)
}

/// The rooms that exist, with their packages.
fn rooms(metadata: &Metadata) -> impl Iterator<Item = (&'static Room, &Package)> {
    HOUSE
        .iter()
        .filter_map(|room| Some((room, metadata.packages.iter().find(|package| package.name == room.name)?)))
}

/// What a manifest names for building, for running and for its tests: an edge is an edge.
fn dependencies(package: &Package) -> BTreeSet<&str> {
    package.dependencies.iter().map(|dependency| dependency.name.as_str()).collect()
}

fn metadata() -> Metadata {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()
        .expect("cargo can read the workspace's manifests")
}
