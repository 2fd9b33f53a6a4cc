//! Rendered files start jails that reach each other, and stop them without a rest.

use allocd_tests::lab::LabHost;
use allocd_tests::lab_scenarios::jail::{install, pings};

use crate::scenes::hosts;

fn start(host: &LabHost, file: &str, jail: &str) {
    host.done(&format!("/usr/sbin/jail -f {file} -c {jail}"));
}

fn jails_reach_each_other(release: &str) {
    let Some(scene) = hosts(release, 2) else { return };
    let (one, two) = (scene.host(0), scene.host(1));
    let files = [install(one, "web01", 11, release), install(two, "web02", 12, release)];
    std::thread::scope(|scope| {
        scope.spawn(|| start(one, &files[0], "web01"));
        scope.spawn(|| start(two, &files[1], "web02"));
    });
    assert!(pings(one, "web01", "192.168.0.12") && pings(one, "web01", "fd00::12"));
    assert!(pings(two, "web02", "192.168.0.11") && pings(two, "web02", "fd00::11"));

    // The leased MACs are on the wire, and the services found the network ready.
    let arp = two.done("/usr/sbin/jexec web02 /usr/sbin/arp -an");
    assert!(arp.contains("? (192.168.0.11) at 12:34:56:00:0b:0b on epair12b"), "{arp}");
    let seen = one.read("/usr/jails/web01/etc/network.seen");
    let inet6 = seen.lines().find(|line| line.contains("inet6 fd00::11 prefixlen 64"));
    assert!(seen.contains("inet 192.168.0.11 netmask 0xffffff00"), "{seen}");
    assert!(inet6.is_some_and(|line| !line.contains("tentative")), "{seen}");

    one.done(&format!("/usr/sbin/jail -f {} -r web01", files[0]));
    assert_eq!(one.done("/sbin/ifconfig -l"), "em0 lo0 bridge0\n");
    assert_eq!(one.done("/usr/sbin/jls -n name"), "");
    assert!(!pings(two, "web02", "192.168.0.11"));
}

#[test]
fn jails_of_two_hosts_of_release_10_reach_each_other() {
    jails_reach_each_other("10.4");
}

#[test]
fn jails_of_two_hosts_of_release_14_reach_each_other() {
    jails_reach_each_other("14.1");
}

#[test]
fn a_start_over_the_leftovers_of_a_failed_one_succeeds() {
    let Some(scene) = hosts("14.1", 1) else { return };
    let host = scene.host(0);
    let file = install(host, "web01", 11, "14.1");
    // The last step of the start fails, so the stop's hooks do not run.
    host.write("/usr/jails/web01/etc/rc", "exit 1\n");
    let failed = host.run(&format!("/usr/sbin/jail -f {file} -c web01"));
    let stderr = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(failed.status.code(), Some(1));
    assert!(stderr.ends_with("jail: web01: /bin/sh /etc/rc: failed\n"), "{stderr}");
    assert_eq!(host.done("/sbin/ifconfig -l"), "em0 lo0 bridge0 epair11a epair11b\n");
    assert_eq!(host.done("/usr/sbin/jls -n name"), "");

    host.make_root("/usr/jails/web01");
    start(host, &file, "web01");
    assert_eq!(host.done("/usr/sbin/jexec web01 /sbin/ifconfig -l"), "lo0 epair11b\n");
}

#[test]
fn a_file_is_enough_after_a_reboot() {
    let Some(mut scene) = hosts("14.1", 1) else { return };
    let file = install(scene.host(0), "web01", 11, "14.1");
    start(scene.host(0), &file, "web01");
    scene.reboot(0).unwrap();
    let host = scene.host(0);
    // The kernel has forgotten everything; the file is there, and rc.d/jail finds it.
    assert_eq!(host.done("/sbin/ifconfig -l"), "em0 lo0\n");
    assert_eq!(host.done("/usr/sbin/jls -n name"), "");
    host.start_bridge();
    assert_eq!(host.done("/usr/sbin/service jail onestart web01"), "Starting jails: web01.\n");
    assert!(host.done("/sbin/ifconfig -j web01 epair11b").contains("ether 12:34:56:00:0b:0b"));
}

#[test]
fn a_pulled_cable_cuts_a_host_off_until_it_is_back() {
    let Some(scene) = hosts("14.1", 2) else { return };
    let (one, two) = (scene.host(0), scene.host(1));
    for (host, number) in [(one, 1), (two, 2)] {
        host.done(&format!("/sbin/ifconfig bridge0 inet 192.168.0.{number}/24"));
    }
    let is_reached = || one.run("/sbin/ping -c1 -t1 192.168.0.2").status.success();
    assert!(is_reached());
    scene.unplug(1).unwrap();
    assert!(!is_reached());
    scene.plug(1).unwrap();
    assert!(is_reached());
    // Others are on the wire beside the hosts.
    assert!(
        scene
            .command("ip")
            .args(["address", "add", "192.168.0.9/24", "dev", "wire"])
            .status()
            .unwrap()
            .success()
    );
    assert!(one.run("/sbin/ping -c1 -t1 192.168.0.9").status.success());
}
