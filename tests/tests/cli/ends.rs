//! How a run ends: the exit code, what is said on which stream, and what a hint tells to do.

use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use allocd_tests::dev::Dev;

use crate::ctl::{Ctl, bare, said};

#[tokio::test]
async fn every_refusal_says_what_happened_to_what_and_what_to_do_next() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("leases allocate h1.example/web01 --network lan --address 192.168.48.9");
    for (line, code, what, hint) in [
        ("leases get leases/99", 3, "there is no lease leases/99", "`allocctl leases`"),
        (
            "leases allocate nowhere/a --network lan",
            3,
            "there is no host nowhere",
            "`allocctl hosts create nowhere`",
        ),
        ("leases allocate h1.example/a --network wan", 3, "there is no network wan", "`allocctl networks`"),
        (
            "networks create lan --bridge b0",
            1,
            "there is another network lan already",
            "`allocctl networks get lan`",
        ),
        ("hosts create h2.example --bridge wan=bridge1", 3, "there is no network wan", "`allocctl networks`"),
        ("networks delete lan", 1, "network lan is in use", "release or delete"),
        (
            "leases allocate h1.example/a --network lan --address 192.168.48.9",
            1,
            "192.168.48.9 is held by h1.example/web01/net0",
            "another value",
        ),
        (
            "leases allocate h1.example/a --network lan --address 192.168.48.1",
            1,
            "192.168.48.1 is the subnet's gateway",
            "another address",
        ),
        (
            "leases allocate h1.example/a --network lan --address 10.0.0.1",
            1,
            "10.0.0.1 is in no pool of network lan",
            "`allocctl networks get lan -o wide`",
        ),
        (
            "leases allocate h1.example/web01 --network lan --create-only",
            1,
            "h1.example/web01/net0 already has leases/1",
            "release it first",
        ),
        ("leases renew h1.example/web01", 1, "leases/1", ""),
        ("leases release h1.example/web01 --generation 1.999", 1, "leases/1", ""),
        ("why nobody", 3, "nothing is known about nobody", "`allocctl leases`"),
        (
            "render h1.example/nobody",
            3,
            "there is no lease of h1.example/nobody",
            "`allocctl leases --host h1.example`",
        ),
    ] {
        let said = ctl.run(line);
        assert_eq!(said.code, code, "{line}: {said}");
        assert_eq!(said.stdout, "", "{line}");
        let mut lines = said.stderr.lines();
        let first = lines.next().unwrap_or_default();
        assert!(first.starts_with("error: ") && first.contains(what), "{line}: {said}");
        assert!(lines.any(|line| line.starts_with("hint: ") && line.contains(hint)), "{line}: {said}");
    }
}

#[tokio::test]
async fn all_wrong_fields_are_told_at_once() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    let said =
        ctl.run("networks create dmz --bridge b0 --vlan 5000 --mtu 3 --subnet 10.0.0.0/24,gateway=10.9.9.9");
    assert_eq!(said.code, 2, "{said}");
    let lines: Vec<&str> = said.stderr.lines().collect();
    assert_eq!(lines[0], "error: 3 fields are wrong");
    let nothing = ctl.run("reservations create r1 --holder h1.example/a --network lan");
    assert!(nothing.code == 2 && nothing.stderr.contains("sets nothing aside"), "{nothing}");
    for (line, field) in
        lines[1..].iter().zip(["network.vlan: ", "network.mtu: ", "network.subnets[0].gateway: "])
    {
        assert!(line.trim_start().starts_with(field), "{said}");
    }
}

#[tokio::test]
async fn an_exhausted_pool_says_its_counts_and_when_the_next_comes_free() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    // A network, a gateway, a broadcast address, and five for hosts: one of them reserved, one resting.
    ctl.ok("networks create tiny --bridge bridge7 --subnet 10.7.0.0/29,gateway=10.7.0.1");
    ctl.ok("reservations create r1 --holder h1.example/later --network tiny --address 10.7.0.2");
    for jail in ["a", "b", "c", "d"] {
        ctl.ok(&format!("leases allocate h1.example/{jail} --network tiny"));
    }
    ctl.ok("leases release h1.example/d");
    let said = ctl.run("leases allocate h1.example/e --network tiny");
    assert_eq!(said.code, 1, "{said}");
    assert!(said.stderr.contains("3 leased, 1 reserved, 1 quarantined, 3 excluded, 0 free"), "{said}");
    let hints: Vec<&str> = said.stderr.lines().filter(|line| line.starts_with("hint: ")).collect();
    assert!(hints.iter().any(|hint| hint.contains("1199.") || hint.contains("1200s")), "{said}");
    // The holder that had it gets it back at once.
    assert!(ctl.ok("leases allocate h1.example/d --network tiny").contains("10.7.0.6"));
}

#[tokio::test]
async fn a_closed_pipe_is_no_error() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/jail.config.v2");
    ctl.ok(&format!("import {file}"));
    // Some 500 kB of JSON fit no pipe: the write fails once the reader has gone.
    let mut child = bare()
        .env("ALLOCCTL_ENDPOINTS", dev.endpoints())
        .args(["leases", "-o", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_full_disk_is_an_error() {
    let full = fs::File::options().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let status = bare().args(["completions", "zsh"]).stdout(full).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(5));
}

#[test]
fn nobody_there_is_told_with_who_was_asked() {
    // Port 1 is nobody's: a cluster that is away.
    let said = said(bare().args(["--endpoints", "127.0.0.1:1", "--timeout", "100ms", "leases"]), b"");
    assert_eq!(said.code, 4, "{said}");
    assert!(said.stderr.starts_with("error: no member could be reached: "), "{said}");
    assert!(said.stderr.contains("127.0.0.1:1 last"), "{said}");
}

#[test]
fn what_cannot_be_understood_is_a_usage_error() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("allocctl.toml");
    fs::write(&config, "endpoints = [\"127.0.0.1:1\"]\nendpoint = \"x\"\n").unwrap();
    let config = config.display().to_string();
    for (arguments, sentence) in [
        (vec!["leases", "--jail", "$(reboot)"], "the jail name \"$(reboot)\" must be"),
        (
            vec!["leases", "--jail", "$(reboot)", "--host", "a b", "--kind", "bond"],
            "error: 3 values are wrong\n  invalid value '$(reboot)' for '--jail <JAIL>'",
        ),
        (vec!["leases", "--host", "h1", "get", "leases/1"], "--host <HOST> belongs to the list of leases"),
        (vec!["--endpoints", "nowhere", "leases"], "is no endpoint"),
        (vec!["--timeout", "1h", "leases"], "deadline"),
        (vec!["leases", "--filter", "host!=a"], "--filter"),
        (vec!["leases", "--host", "a", "--filter", "host=b"], "--host says something else than --filter"),
        (vec!["why", "a/b/c/d"], "is no MAC, IP address, jail, HOST/JAIL or HOST/INTERFACE"),
        (vec!["render", "h1/$(reboot)"], "the jail name"),
        (vec!["render", "h1/web", "--release", "8.4"], "8.4"),
        (vec!["--config", &config, "leases"], "allocctl.toml:2: unknown field `endpoint`"),
        (vec!["--config", "/nowhere.toml", "leases"], "cannot read /nowhere.toml"),
        (vec!["frobnicate"], "unrecognized subcommand"),
    ] {
        let said = said(bare().args(&arguments), b"");
        assert_eq!(said.code, 2, "{arguments:?}: {said}");
        assert_eq!(said.stdout, "", "{arguments:?}");
        assert!(said.stderr.contains(sentence), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn flags_have_twins_in_the_environment() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    let with = |name: &str, value: &str, arguments: &[&str]| {
        said(bare().env("ALLOCCTL_ENDPOINTS", dev.endpoints()).env(name, value).args(arguments), b"")
    };
    assert_eq!(with("ALLOCCTL_OUTPUT", "name", &["networks"]).stdout, "lan\n");
    let dry = with("ALLOCCTL_DRY_RUN", "1", &["hosts", "create", "h2.example"]);
    assert_eq!((dry.code, dry.stderr.as_str()), (0, "dry run: nothing is written\n"));
    assert_eq!(ctl.ok("hosts -o name"), "h1.example\n");
    // What a variable says of a list is no mistake in another verb.
    assert_eq!(
        with("ALLOCCTL_HOST", "h1.example", &["networks", "get", "lan", "-o", "name"]).stdout,
        "lan\n"
    );
}

#[test]
fn help_version_completions_and_manual_need_no_cluster() {
    for arguments in [vec!["--help"], vec!["--version"], vec!["leases", "allocate", "--help"], vec!["man"]] {
        let said = said(bare().args(&arguments), b"");
        assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(!said.stdout.is_empty(), "{arguments:?}");
        assert!(!said.stdout.contains('\x1b'), "{arguments:?}: no colour where there is no terminal");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = said(bare().args(["completions", shell]), b"");
        assert!(said.code == 0 && said.stdout.contains("allocctl"), "{shell}: {said}");
    }
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("man1");
    let said = said(bare().args(["man", "--out"]).arg(&out), b"");
    assert_eq!(said.code, 0, "{said}");
    for page in ["allocctl.1", "allocctl-leases.1", "allocctl-leases-allocate.1", "allocctl-import.1"] {
        let text = fs::read_to_string(out.join(page)).unwrap();
        assert!(text.contains(".TH ") && text.contains(".SH SYNOPSIS"), "{page}");
    }
    let first = fs::read_to_string(out.join("allocctl.1")).unwrap();
    assert!(first.contains("Exit codes"), "the manual tells the exit codes");
}
