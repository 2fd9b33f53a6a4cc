//! Roots that are made, by ezjail-admin(8) or as a clone.

use std::fs;

use freebsd_host::Output;
use freebsd_host::fake::{Fault, until_killed};

use super::*;

const EZJAIL: &str = "[jails]\ntarget = \"ezjail\"\nroot = \"ezjail-admin\"\n";
const ZFS: &str =
    "[jails]\nroot = \"zfs\"\ntemplate = \"zroot/jails/template@base\"\ndataset = \"zroot/jails/{jail}\"\n";

/// A host whose jail has no root, and programs that make one.
fn without_root(jails: &str) -> Rig {
    let rig = web01(jails, (14, 1));
    fs::remove_dir_all(rig.directory.path().join("usr/jails/web01")).unwrap();
    let root = rig.directory.path().to_owned();
    rig.fake.add_program("/usr/local/bin/ezjail-admin", move |_, arguments| {
        let [create, jail, address] = arguments else { panic!("{arguments:?}") };
        assert_eq!((create.as_str(), address.as_str()), ("create", "0.0.0.0"));
        fs::create_dir_all(root.join(format!("usr/jails/{jail}/etc"))).unwrap();
        let config = root.join("usr/local/etc/ezjail");
        fs::create_dir_all(&config).unwrap();
        let text =
            format!("# PROVIDE: standard_ezjail\n# REQUIRE:\n\nexport jail_{jail}_hostname=\"{jail}\"\n");
        fs::write(config.join(jail), text).unwrap();
        Output::success("")
    });
    let root = rig.directory.path().to_owned();
    rig.fake.add_program("/sbin/zfs", move |_, arguments| {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(
            words,
            ["clone", "-o", "mountpoint=/usr/jails/web01", "zroot/jails/template@base", "zroot/jails/web01"]
        );
        fs::create_dir_all(root.join("usr/jails/web01/etc")).unwrap();
        Output::success("")
    });
    rig
}

#[test]
fn a_root_that_is_not_there_is_made() {
    for jails in [EZJAIL, ZFS] {
        let rig = without_root(jails);
        assert_eq!(failures(&rig.settle()), [""; 0]);
        assert_built(&rig);
    }
}

#[test]
fn a_kill_while_a_root_is_made_costs_nothing() {
    for jails in [EZJAIL, ZFS] {
        let program = if jails == EZJAIL { "ezjail-admin" } else { "zfs" };
        let at = {
            let rig = without_root(jails);
            rig.settle();
            rig.fake.records().iter().position(|record| record.invocation.program.name() == program).unwrap()
        };
        for fault in [Fault::KillBefore, Fault::KillAfter] {
            let rig = without_root(jails);
            rig.fake.fault_at(at, fault);
            assert!(until_killed(|| rig.settle()).is_err());
            rig.settle();
            assert_built(&rig);
        }
    }
}

#[test]
fn a_root_that_nobody_makes_is_asked_for() {
    for target in TARGETS {
        let rig = without_root(target);
        let reports = rig.settle();
        let told = reports[0].findings[0].1.to_string();
        assert_eq!(told, "its root /usr/jails/web01 is not there");
        assert!(rig.fake.jails().is_empty());
    }
}
