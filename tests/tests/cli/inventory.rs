//! Taking over an inventory, good and bad: what the examples hold, and what nobody would write.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use allocd_tests::dev::Dev;
use serde_json::Value;

use crate::ctl::{Ctl, Said};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples");

fn example(name: &str) -> String {
    format!("{EXAMPLES}/{name}")
}

/// What has to be said, by line.
fn expected() -> BTreeMap<u32, String> {
    let text = fs::read_to_string(example("jail.config.v2.broken.expected")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (number, sentence) = line.split_once(' ').unwrap();
            (number.parse().unwrap(), sentence.trim().to_owned())
        })
        .collect()
}

/// What was said, by line.
fn findings(said: &Said, file: &str) -> BTreeMap<u32, String> {
    let ours = said.stderr.lines().filter_map(|line| line.strip_prefix(&format!("{file}:")));
    let findings = ours.map(|line| line.split_once(": ").unwrap());
    findings
        .filter(|(_, sentence)| !sentence.starts_with("excluded "))
        .map(|(number, sentence)| (number.parse().unwrap(), sentence.to_owned()))
        .collect()
}

fn digest(ctl: &Ctl<'_>) -> String {
    let check: Value = serde_json::from_str(&ctl.ok("check -o json")).unwrap();
    check["state_digest"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_broken_inventory_is_told_whole_and_writes_nothing() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    let before = digest(&ctl);
    let file = example("jail.config.v2.broken");
    for dry in ["", " --dry-run"] {
        let said = ctl.run(&format!("import {file}{dry}"));
        assert_eq!(said.code, 1, "{said}");
        assert_eq!(findings(&said, &file), expected(), "{said}");
        assert_eq!(said.stdout, "");
        assert!(said.stderr.contains("error: 15 lines of"), "{said}");
        assert!(said.stderr.contains("nothing was written\nhint: "), "{said}");
    }
    assert_eq!(digest(&ctl), before);
}

#[tokio::test]
async fn skipping_bad_lines_imports_the_good_ones_and_excludes_what_the_others_name() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    let file = example("jail.config.v2.broken");
    let said = ctl.run(&format!("import {file} --skip-bad"));
    assert_eq!(said.code, 0, "{said}");
    assert_eq!(findings(&said, &file), expected(), "{said}");
    assert_eq!(said.stdout, "imported 3 leases, 2 hosts are new, 15 lines skipped, 26 exclusions made\n");

    let leases: Value = serde_json::from_str(&ctl.ok("leases -o json")).unwrap();
    let jails: BTreeSet<&str> =
        leases.as_array().unwrap().iter().map(|lease| lease["holder"]["jail"].as_str().unwrap()).collect();
    assert_eq!(jails, BTreeSet::from(["bind", "foo_bar", "ok"]), "lines 2, 11 and 17");

    // Every valid address and unit of the other lines is excluded, labelled with its line, and told.
    let exclusions: Value = serde_json::from_str(&ctl.ok("exclusions -o json")).unwrap();
    let exclusions = exclusions.as_array().unwrap();
    let of_addresses: BTreeSet<&str> =
        exclusions.iter().filter_map(|exclusion| exclusion["addresses"]["range"].as_str()).collect();
    for address in [
        "192.168.50.10",
        "192.168.50.11",
        "10.9.9.9",
        "192.168.50.12",
        "192.168.50.13",
        "2001:db8::5",
        "192.168.50.17",
        "192.168.50.19",
        "192.168.50.20",
    ] {
        assert!(of_addresses.contains(address), "{address} is not in {of_addresses:?}");
    }
    let mut units: Vec<u64> =
        exclusions.iter().filter_map(|exclusion| exclusion["indices"]["first"].as_u64()).collect();
    units.sort_unstable();
    assert_eq!(units, [2, 3, 7, 8, 9, 11, 13, 14, 15, 16, 18, 19]);
    for exclusion in exclusions {
        let line = exclusion["name"].as_str().unwrap().split('-').nth(2).unwrap();
        assert!(exclusion["reason"].as_str().unwrap().contains(&format!("line {line} ")), "{exclusion}");
        assert!(said.stderr.contains(&format!("{file}:{line}: excluded ")), "{said}");
    }

    // What runs is not handed out, neither by chance nor by wish.
    let said = ctl.run("leases allocate h1.example/thief --network lan --address 192.168.50.13");
    assert_eq!(said.code, 1, "{said}");
    assert!(said.stderr.contains("is excluded (exclusion import-line-9-"), "{said}");
    ctl.ok("check");
}

#[tokio::test]
async fn five_hundred_lines_come_and_go_as_they_were() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    let file = example("jail.config.v2");
    assert_eq!(ctl.ok(&format!("import {file} --dry-run")), "would import 500 leases, 10 hosts are new\n");
    assert_eq!(ctl.run("leases -o name").stdout, "");
    assert_eq!(ctl.ok(&format!("import {file}")), "imported 500 leases, 10 hosts are new\n");
    let again = ctl.ok(&format!("import {file}"));
    assert_eq!(again, "imported 0 leases, 0 hosts are new, 500 lines were there already\n");
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(str::to_owned)
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&ctl.ok("export")), sorted(&fs::read_to_string(&file).unwrap()));
    ctl.ok("check");
}

#[tokio::test]
async fn whatever_the_bytes_are_the_answer_is_clear() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    let write = |name: &str, bytes: &[u8]| {
        let path = dev.directory().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let crooked = b"\xef\xbb\xbf# a heading\r\nh1.example:bridge300:web01:1:192.168.49.1:7\r\nh1.example:bridge300:web02:1:192.168.49.2:8";
    let file = write("crooked", crooked);
    assert_eq!(ctl.ok(&format!("import {file}")), "imported 2 leases, 0 hosts are new\n");

    for (name, bytes, sentence) in [
        ("long", vec![b'x'; 10_000_000], "1: the line has 10000000 bytes, 1024 are allowed"),
        ("nuls", vec![0; 100_000], "1: the line has 100000 bytes, 1024 are allowed"),
        ("few-nuls", vec![0; 10], "1: the line holds NUL bytes"),
        ("latin1", b"h1.example:bridge300:caf\xe9:1:192.168.49.3:9\n".to_vec(), "1: "),
    ] {
        let file = write(name, &bytes);
        let said = ctl.run(&format!("import {file}"));
        assert_eq!(said.code, 1, "{said}");
        assert!(said.stderr.contains(&format!("{file}:{sentence}")), "{said}");
    }

    for (file, sentence) in [
        (write("empty", b""), "has no line to import"),
        (write("comments", b"# nothing\n\n"), "has no line to import"),
        (dev.directory().display().to_string(), "cannot read"),
        ("/dev/zero".to_owned(), "is no inventory: it has more than"),
        ("/nowhere/jails".to_owned(), "cannot read /nowhere/jails"),
    ] {
        let said = ctl.run(&format!("import {file}"));
        assert_eq!(said.code, 2, "{said}");
        assert!(said.stderr.starts_with("error: ") && said.stderr.contains(sentence), "{said}");
    }

    let said = ctl.run_with(&["import", "-"], b"h1.example:bridge300:stdin:1:192.168.49.9:9\n");
    assert_eq!(said.stdout, "imported 1 leases, 0 hosts are new\n", "{said}");
}

#[tokio::test]
async fn a_bridge_of_two_networks_asks_which_one() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("networks create dmz --bridge bridge300 --vlan 7 --subnet 10.0.0.0/24");
    let line = b"h1.example:bridge300:web01:1:10.0.0.9:7\n";
    let said = ctl.run_with(&["import", "-"], line);
    assert_eq!(said.code, 1, "{said}");
    assert!(
        said.stderr
            .contains("bridge300 is the bridge of several networks (dmz, lan): say which with --network"),
        "{said}"
    );
    let said = ctl.run_with(&["import", "-", "--network", "dmz"], line);
    assert_eq!(said.code, 0, "{said}");
}

#[tokio::test]
async fn a_new_host_takes_the_operators_word_for_its_bridge() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    // Blanks around a column are the typist's.
    let line = b" h9.example : bridge8 :web01:1: 192.168.49.9 : 7 \n";
    let said = ctl.run_with(&["import", "-"], line);
    assert!(said.code == 1 && said.stderr.contains("no network is on bridge8"), "{said}");
    let said = ctl.run_with(&["import", "-", "--network", "lan"], line);
    assert_eq!(said.code, 0, "{said}");
    assert!(ctl.ok("hosts").contains("lan=bridge8"));
    assert!(ctl.ok("export").contains("h9.example:bridge8:web01:1:192.168.49.9:7\n"));
}
