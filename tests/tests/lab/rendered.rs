//! Rendered files start jails that reach each other, and stop them without a rest.

use allocd_tests::lab::LabHost;

use crate::leases::{lease, rendered};
use crate::scenes::hosts;

/// Puts a lease's file where its host looks for it, with a root for the jail.
fn install(host: &LabHost, jail: &str, number: u8, release: &str) -> String {
    host.make_root(&format!("/usr/jails/{jail}"));
    let (path, text) = rendered(lease(&format!("{}.example/{jail}", host.name()), number), release);
    host.write(&path, &text);
    path
}

#[test]
fn jails_of_two_hosts_reach_each_other_over_the_wire() {
    for release in ["10.4", "14.1"] {
        let Some(scene) = hosts(release, 2) else { return };
        let (one, two) = (scene.host(0), scene.host(1));
        let files = [install(one, "web01", 11, release), install(two, "web02", 12, release)];
        one.done(&format!("/usr/sbin/jail -f {} -c web01", files[0]));
        two.done(&format!("/usr/sbin/jail -f {} -c web02", files[1]));
        for address in ["192.168.0.12", "fd00::12"] {
            one.done(&format!("/usr/sbin/jexec web01 /sbin/ping -c1 -t1 {address}"));
        }
        for address in ["192.168.0.11", "fd00::11"] {
            two.done(&format!("/usr/sbin/jexec web02 /sbin/ping -c1 -t1 {address}"));
        }

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
        let left = two.run("/usr/sbin/jexec web02 /sbin/ping -c1 -t1 192.168.0.11");
        assert_eq!(left.status.code(), Some(2));
    }
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
    host.done(&format!("/usr/sbin/jail -f {file} -c web01"));
    assert_eq!(host.done("/usr/sbin/jexec web01 /sbin/ifconfig -l"), "lo0 epair11b\n");
}
