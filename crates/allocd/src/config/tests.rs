//! What the configuration file may say, and how it is told what it may not.

use std::path::Path;

use super::*;

const SAMPLE: &str = include_str!("../../../../deploy/allocd.toml.sample");

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(Path::new("allocd.toml"), text).map_err(|error| error.to_string())
}

#[test]
fn the_sample_is_a_configuration_and_names_every_key() {
    let config = parse(SAMPLE).unwrap();
    assert_eq!(config.members.len(), 3);
    for key in [
        "cluster_id",
        "member_id",
        "data_dir",
        "listen",
        "insecure",
        "members",
        "join",
        "heartbeat_ms",
        "election_timeout_ms",
        "queue_calls_max",
        "connections_max",
        "threads",
        "[snapshots]",
        "entries",
        "megabytes",
        "entries_kept",
        "[log]",
        "format",
        "filter",
    ] {
        assert!(SAMPLE.contains(key), "{key} is not in the sample");
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let error = parse(&format!("hartbeat_ms = 5\n{SAMPLE}")).unwrap_err();
    assert!(error.starts_with("allocd.toml:1: unknown field `hartbeat_ms`"), "{error}");
    assert!(error.contains("heartbeat_ms") && !error.contains('\n'), "{error}");
}

#[test]
fn a_listener_beyond_loopback_needs_the_operators_word() {
    let open = SAMPLE.replace("listen = \"127.0.0.1:7421\"", "listen = \"0.0.0.0:7421\"");
    assert!(parse(&open).unwrap_err().starts_with("allocd.toml: listen: 0.0.0.0:7421 is not on loopback"));
    assert!(parse(&open.replace("insecure = false", "insecure = true")).is_ok());
}

#[test]
fn a_cluster_has_one_three_or_five_members() {
    let two = SAMPLE.replace("    { id = 3, address = \"127.0.0.1:7423\" },\n", "");
    assert_eq!(
        parse(&two).unwrap_err(),
        "allocd.toml: members: a cluster begins with 1, 3 or 5 members, and 2 are configured; a member that is added later has `join = true`"
    );
    assert!(parse(&format!("join = true\n{two}")).is_ok());
    let stranger = SAMPLE.replace("member_id = 1", "member_id = 9");
    assert!(parse(&stranger).unwrap_err().contains("member 9 is not among"));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let text = SAMPLE
        .replace("listen = \"127.0.0.1:7421\"", "listen = \"0.0.0.0:7421\"")
        .replace("#heartbeat_ms = 100", "heartbeat_ms = 3")
        .replace("#queue_calls_max = 4096", "queue_calls_max = 0");
    let error = parse(&text).unwrap_err();
    for said in [
        "allocd.toml: listen: ",
        "; heartbeat_ms: 3 is not 10 to 10000 ms",
        "; queue_calls_max: 0 is not 1 to ",
    ] {
        assert!(error.contains(said), "{said} is not in {error}");
    }
    assert!(!error.contains('\n'), "{error}");
}

/// The sample with every key said.
fn whole_sample() -> String {
    SAMPLE.lines().fold(String::new(), |text, line| {
        let is_key = line.starts_with('#') && line.contains(" = ") && !line.starts_with("# ");
        text + line.strip_prefix('#').filter(|_| is_key).unwrap_or(line) + "\n"
    })
}

#[test]
fn whatever_happens_to_a_file_is_told_in_one_line() {
    let whole = whole_sample();
    assert!(parse(&whole).is_ok());
    // Comments change nothing, so only what is between them is tried.
    let text: String =
        whole.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let put = |at: usize, upto: usize, what: &str| format!("{}{what}{}", &text[..at], &text[upto..]);
    let ways = (0..text.len()).flat_map(|at| {
        let others =
            ["\0", "\n", "\"", "=", "[", "]", "{", "-", "9", "9999999999999999999999", "e9", "\u{fffd}"];
        let put = &put;
        others
            .into_iter()
            .map(move |other| put(at, at + 1, other))
            .chain([put(at, at + 1, ""), text[..at].to_owned()])
    });
    for text in ways {
        if let Err(told) = parse(&text) {
            assert!(
                told.starts_with("allocd.toml:") && told.len() > 16 && !told.contains('\n'),
                "{told:?} of {text}"
            );
        }
    }
}
