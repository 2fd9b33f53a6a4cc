//! What configuration and leases want, by their layers.

use std::path::Path;

use allocd_types::lease::Lease;
use allocd_types::time::Span;

use super::*;
use crate::doctor::example::lease;

fn config(text: &str) -> Config {
    let text = format!("host = \"h1.example\"\nendpoints = [\"127.0.0.1:7421\"]\n{text}");
    Config::parse(Path::new("alloc-agent.toml"), &text).unwrap()
}

fn of(text: &str, holders: &[&str]) -> Wanted {
    let lease = |holder: &&str| Lease { holder: holder.parse().unwrap(), ..lease() };
    Wanted::of(&config(text), &holders.iter().map(lease).collect::<Vec<_>>())
}

#[test]
fn without_leases_it_is_what_any_jail_would_get() {
    assert_eq!(Wanted::of(&config(""), &[]), Wanted::default());
    let ezjail = of("[jails]\ntarget = \"ezjail\"\ndevfs_ruleset = 20\n", &[]);
    assert_eq!(ezjail.rulesets, [20].into());
    assert!(ezjail.has_ezjail && !ezjail.has_jail_conf && ezjail.listed.is_empty());
}

#[test]
fn each_jail_with_leases_adds_its_own() {
    let text = "[jails]\ndevfs_ruleset = 5\n[jail.a]\ntarget = \"ezjail\"\n[jail.b]\ntarget = \"direct\"\ndevfs_ruleset = 21\n[jail.c]\nautostart = false\n";
    let wanted = of(text, &["h1/a", "h1/b", "h1/c", "h1/d", "h1/d/net1"]);
    assert_eq!(wanted.rulesets, [5, 21].into());
    assert!(wanted.has_ezjail && wanted.has_jail_conf);
    assert_eq!(wanted.listed, [JailName::new("d").unwrap()].into());
}

#[test]
fn a_jail_that_is_to_go_wants_nothing() {
    let text = "[jail.web01]\ntarget = \"ezjail\"\n";
    let going = Lease { state: LeaseState::Releasing, ..lease() };
    assert_eq!(Wanted::of(&config(text), &[going]), Wanted::default());
    let bound = Lease { state: LeaseState::Bound, ..lease() };
    assert!(Wanted::of(&config(text), &[bound]).has_ezjail);
}

#[test]
fn a_jail_without_devices_needs_no_rule_set() {
    let wanted = of("[jails]\nmount_devfs = false\n", &["h1/a"]);
    assert!(wanted.rulesets.is_empty() && wanted.has_jail_conf);
}

#[test]
fn a_jail_whose_lease_ends_by_itself_is_in_no_file() {
    let ends = Lease { remaining: Some(Span::from_seconds(60)), ..lease() };
    let wanted =
        Wanted::of(&config(""), &[ends, Lease { holder: "h1/web01/net1".parse().unwrap(), ..lease() }]);
    assert!(wanted.listed.is_empty() && !wanted.has_jail_conf);
}

#[test]
fn files_are_where_the_releases_rc_looks() {
    let mut wanted = Wanted { has_ezjail: true, ..Wanted::default() };
    let directories = |wanted: &Wanted, release: &str| -> Vec<String> {
        let release = Fact::new("uname", Ok(release.parse().unwrap()));
        wanted.directories(&release).iter().filter_map(|fact| fact.get().cloned()).collect()
    };
    assert_eq!(directories(&wanted, "14"), ["/etc/jail.conf.d", "/usr/local/etc/ezjail"]);
    wanted.has_ezjail = false;
    assert_eq!(directories(&wanted, "12"), ["/etc"]);
    let unknown = wanted.directories(&Fact::new("uname", Err("no".to_owned())));
    assert_eq!(unknown.iter().map(|fact| fact.reason()).collect::<Vec<_>>(), [Some("no")]);
}
