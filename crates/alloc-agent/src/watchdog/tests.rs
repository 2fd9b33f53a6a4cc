//! The watchdog over a host in memory: what is over is down, whatever anybody else does.

use std::time::Duration;

use allocd_types::time::Span;
use freebsd_host::fake::Fault;
use freebsd_host::{Host, Output};

use super::*;
use crate::example::{Rig, lease};

/// A lease that lasts for a hundred seconds, and one that is permanent.
fn rig() -> Rig {
    let ends =
        allocd_types::lease::Lease { remaining: Some(Span::from_seconds(100)), ..lease(17, "web01", 7) };
    let rig = Rig::new((14, 1), "", vec![ends, lease(18, "web02", 8)]);
    rig.cluster.renew_for(Span::from_seconds(100));
    rig
}

/// Has the jails built, with a watchdog that runs.
fn built(rig: &Rig) {
    let _lock = rig.files.lock(&lock_path(rig.config.state_dir.to_str().unwrap())).unwrap();
    rig.settle();
    assert!(is_up(rig, "epair7a") && is_up(rig, "epair8a"), "{}", rig.shown());
}

fn is_up(rig: &Rig, name: &str) -> bool {
    rig.fake.interfaces(None).iter().any(|interface| interface.name == name && interface.is_up)
}

fn watch<T>(rig: &Rig, run: impl FnOnce(&mut Watchdog<'_, &freebsd_host::fake::FakeHost>) -> T) -> T {
    let host = Host::look(&rig.fake).unwrap();
    run(&mut Watchdog::new(&host, &rig.files, &rig.clock, "/var/db/agent"))
}

#[test]
fn what_is_over_is_down_and_nothing_else() {
    let rig = rig();
    built(&rig);
    watch(&rig, |watchdog| {
        assert!(watchdog.look().is_empty() && is_up(&rig, "epair7a"));
        rig.clock.pass(Duration::from_secs(93));
        assert!(watchdog.look().is_empty() && is_up(&rig, "epair7a"));
        rig.clock.pass(Duration::from_secs(1));
        let said = watchdog.look();
        assert!(matches!(&said[..], [Said::Down { name, .. }] if name.as_str() == "epair7a"), "{said:?}");
        assert!(!is_up(&rig, "epair7a") && is_up(&rig, "epair8a"));
        assert_eq!(rig.fake.jails().len(), 2, "the jail is left to the agent");
    });
}

#[test]
fn it_stays_down_and_a_host_without_news_costs_little() {
    let rig = rig();
    built(&rig);
    rig.clock.pass(Duration::from_secs(100));
    watch(&rig, |watchdog| {
        watchdog.look();
        watchdog.look();
        let before = rig.fake.command_count();
        for _ in 0..LOOKS_TO_REST {
            assert!(watchdog.look().is_empty());
        }
        assert_eq!(rig.fake.command_count(), before);
        rig.ifconfig("epair7a up");
        assert_eq!(watchdog.look().len(), 1);
        assert!(!is_up(&rig, "epair7a"));
    });
}

#[test]
fn a_renewal_is_heard_of() {
    let rig = rig();
    built(&rig);
    watch(&rig, |watchdog| {
        assert!(watchdog.look().is_empty());
        rig.clock.pass(Duration::from_secs(60));
        built(&rig);
        rig.clock.pass(Duration::from_secs(60));
        assert!(watchdog.look().is_empty() && is_up(&rig, "epair7a"));
        rig.clock.pass(Duration::from_secs(40));
        assert_eq!(watchdog.look().len(), 1);
    });
}

#[test]
fn a_damaged_cache_or_none_leaves_what_was_known() {
    for text in [None, Some("what?")] {
        let rig = rig();
        built(&rig);
        watch(&rig, |watchdog| {
            assert!(watchdog.look().is_empty());
            match text {
                None => rig.files.remove("/var/db/agent/cache.json").unwrap(),
                Some(text) => rig.files.write("/var/db/agent/cache.json", text, 0o600).unwrap(),
            }
            let said = watchdog.look();
            assert_eq!(said.len(), usize::from(text.is_some()), "{said:?}");
            assert!(is_up(&rig, "epair7a"));
            rig.clock.pass(Duration::from_secs(100));
            assert!(matches!(&watchdog.look()[..], [Said::Down { .. }]));
        });
    }
}

#[test]
fn what_an_agent_has_forgotten_is_watched_over_until_nothing_of_it_is_left() {
    let rig = rig();
    built(&rig);
    watch(&rig, |watchdog| {
        assert!(watchdog.look().is_empty());
        // It starts anew with a damaged cache, and without a cluster.
        rig.files.write("/var/db/agent/cache.json", "what?", 0o600).unwrap();
        assert_eq!(watchdog.look().len(), 1);
        rig.cluster.go_away(true);
        rig.settle();
        let known = |cache: &mut Cache| cache.is_fenced = true;
        rig.with_agent(|agent| agent.store.change(known)).unwrap();
        rig.clock.pass(Duration::from_secs(100));
        assert!(matches!(&watchdog.look()[..], [Said::Down { .. }]));
        assert!(!is_up(&rig, "epair7a"));
        rig.ifconfig("epair7a destroy");
        (0..=LOOKS_TO_REST).for_each(|_| drop(watchdog.look()));
        let before = rig.fake.command_count();
        (0..=LOOKS_TO_REST).for_each(|_| assert!(watchdog.look().is_empty()));
        assert_eq!(rig.fake.command_count(), before, "there is nothing to look at any more");
    });
}

#[test]
fn moments_of_another_boot_are_over_and_a_change_of_the_date_is_none() {
    let rig = rig();
    built(&rig);
    let later = "{ sec = 1416990000, usec = 0 } Wed Nov 26 08:20:00 2014";
    watch(&rig, |watchdog| {
        assert!(watchdog.look().is_empty());
        // It has seen this boot under the name that the cache has.
        rig.fake.boot_sysctl("kern.boottime", later);
        assert!(watchdog.look().is_empty());
    });
    watch(&rig, |watchdog| assert!(matches!(&watchdog.look()[..], [Said::Down { .. }])));
}

#[test]
fn what_does_not_go_down_is_destroyed() {
    let rig = rig();
    built(&rig);
    rig.clock.pass(Duration::from_secs(100));
    watch(&rig, |watchdog| {
        rig.fake.fault_on("epair7a down", Fault::Fail(Output::failure(1, "ifconfig: no")));
        let said = watchdog.look();
        assert!(matches!(&said[..], [Said::Destroyed { .. }]), "{said:?}");
        assert!(!rig.shown().contains("epair7"));
    });
}
