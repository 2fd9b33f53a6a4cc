//! What the configuration file may say, and how it is told what it may not.

use std::path::Path;

use allocd_types::name::{JailName, NetworkName};

use super::*;

const SAMPLE: &str = include_str!("../../../../deploy/alloc-agent.toml.sample");

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(Path::new("alloc-agent.toml"), text).map_err(|error| error.to_string())
}

/// The sample with every key said.
fn whole_sample() -> String {
    SAMPLE.lines().fold(String::new(), |text, line| {
        let is_said = line.starts_with("#[")
            || (line.starts_with('#') && line.contains(" = ") && !line.starts_with("# "));
        text + line.strip_prefix('#').filter(|_| is_said).unwrap_or(line) + "\n"
    })
}

fn resolved(config: &Config, jail: &str, network: &str) -> JailSettings {
    let (jail, network) = (JailName::new(jail).unwrap(), NetworkName::new(network).unwrap());
    config.jails.resolve(&jail, &network).unwrap()
}

#[test]
fn what_the_sample_shows_is_the_default() {
    let (sample, whole) = (parse(SAMPLE).unwrap(), parse(&whole_sample()).unwrap());
    let plain = |config: &Config| {
        (
            (config.host.clone(), config.endpoints.clone(), config.timeout, config.state_dir.clone()),
            (config.interval, config.boot_wait, config.policy),
            (config.log_format, config.log_filter.clone()),
            resolved(config, "web02", "back"),
        )
    };
    assert_eq!(plain(&sample), plain(&whole));
    // What the sample says of one jail is there to show how it is said, and changes nothing.
    assert_eq!(resolved(&sample, "web01", "lan"), resolved(&whole, "web01", "lan"));
}

#[test]
fn the_sample_names_every_key() {
    // A key that is misspelt is answered with all that there are.
    let keys_of = |table: &str| {
        let text = whole_sample().replace(table, &format!("{table}\nno_such_key = 1"));
        let told = parse(&text).unwrap_err();
        let (_, keys) = told.split_once("expected ").unwrap_or_else(|| panic!("{told}"));
        let quoted: Vec<String> = keys.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert!(!quoted.is_empty(), "{told}");
        quoted
    };
    let whole = whole_sample();
    for table in ["host = \"h1.example\"", "[boot]", "[policy]", "[jails]", "[log]"] {
        for key in keys_of(table) {
            let is_there = whole.contains(&format!("\n{key} = ")) || whole.contains(&format!("\n[{key}"));
            assert!(is_there, "{key} of {table} is not in the sample");
        }
    }
}

#[test]
fn the_jail_is_over_the_host_and_the_host_over_the_network() {
    let config = parse(
        "host = \"h1\"\nendpoints = [\"h2:7421\"]\n\
         [network.lan]\ntarget = \"direct\"\nstart = false\ndevfs_ruleset = 20\n\
         [jails]\ntarget = \"ezjail\"\n\
         [jail.web01]\ntarget = \"jail.conf\"\nautostart = false\n",
    )
    .unwrap();
    let web01 = resolved(&config, "web01", "lan");
    assert_eq!((web01.target, web01.is_started, web01.is_listed), (Target::JailConf, false, false));
    let web02 = resolved(&config, "web02", "lan");
    assert_eq!((web02.target, web02.is_started, web02.is_listed), (Target::Ezjail, false, true));
    let web03 = resolved(&config, "web03", "back");
    assert_eq!((web03.target, web03.is_started), (Target::Ezjail, true));
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let error = parse(&format!("hots = \"h1\"\n{SAMPLE}")).unwrap_err();
    assert!(error.starts_with("alloc-agent.toml:1: unknown field `hots`"), "{error}");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let text = "host = \"-\"\nendpoints = []\nstate_dir = \"var\"\ntimeout_seconds = 0\ninterval_seconds = 1\n\
         [policy]\ndestructive_max = 100001\n\
         [jails]\npath = \"/usr/jails/web\"\n\
         [network.lan]\ndevfs_ruleset = 0\n\
         [jail.12]\n[jail.web01]\nroot = \"zfs\"\ntemplate = \"zroot\"\n\
         [jail.web02]\ntarget = \"ezjail\"\nautostart = false\n\
         [log]\nfilter = \"=\"\n";
    let error = parse(text).unwrap_err();
    for said in [
        "alloc-agent.toml: host: ",
        "; endpoints: name at least one",
        "; state_dir: \"var\" is no absolute path",
        "; timeout_seconds: 0 is not 1 to 60",
        "; interval_seconds: 1 is not 5 to 3600",
        "; policy.destructive_max: 100001 is not",
        "; jails.path: \"/usr/jails/web\" serves several jails",
        "; network.lan.devfs_ruleset: 0 would show",
        "; jail.12: ",
        "; jail.web01.template: \"zroot\" is no name of a snapshot",
        "; jail.web01.dataset: a root that is cloned needs a name",
        "; jail.web02.autostart: ezjail starts every jail",
        "; log.filter: ",
    ] {
        assert!(error.contains(said), "{said} is not in {error}");
    }
    assert_eq!(error.matches("serves several jails").count(), 1, "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn whatever_happens_to_a_file_is_told_in_one_line() {
    let whole = whole_sample();
    let text: String =
        whole.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let put = |at: usize, upto: usize, what: &str| format!("{}{what}{}", &text[..at], &text[upto..]);
    let others = ["\0", "\n", "\"", "=", "[", "]", "{", "-", "9", "9999999999999999999999", "\u{fffd}", ""];
    for at in 0..text.len() {
        for text in others.map(|other| put(at, at + 1, other)).into_iter().chain([text[..at].to_owned()]) {
            if let Err(told) = parse(&text) {
                assert!(told.starts_with("alloc-agent.toml:") && !told.contains('\n'), "{told:?} of {text}");
            }
        }
    }
}
