//! A cable between two jails, made by hand.

use allocd_tests::lab::LabHost;
use allocd_tests::until::until;

use crate::scenes::hosts;

/// Jails one and two, with the ends of epair5.
fn connect(host: &LabHost) {
    assert_eq!(host.done("/sbin/ifconfig epair5 create"), "epair5a\n");
    for (jail, end, number) in [("one", "epair5a", 1), ("two", "epair5b", 2)] {
        host.make_root(&format!("/usr/jails/{jail}"));
        host.done(&format!("/usr/sbin/jail -q -c name={jail} path=/usr/jails/{jail} vnet persist"));
        host.done(&format!("/sbin/ifconfig {end} vnet {jail}"));
        host.done(&format!("/sbin/ifconfig -j {jail} {end} inet 10.0.0.{number}/24"));
        host.done(&format!("/sbin/ifconfig -j {jail} {end} inet6 fd00::{number}/64 no_dad"));
    }
}

/// The MAC of the end in jail two.
fn mac_of_two(host: &LabHost) -> String {
    let shown = host.done("/sbin/ifconfig -j two epair5b ether");
    shown.split_whitespace().skip_while(|word| *word != "ether").nth(1).unwrap().to_owned()
}

#[test]
fn an_epair_between_two_jails_carries_frames() {
    let Some(scene) = hosts("14.1", 1) else { return };
    let host = scene.host(0);
    connect(host);
    host.done("/usr/sbin/jexec one /sbin/ping -c1 -t1 10.0.0.2");
    host.done("/usr/sbin/jexec one /sbin/ping -c1 -t1 fd00::2");
    // The host itself is not on that cable.
    assert_eq!(host.run("/sbin/ping -c1 -t1 10.0.0.2").status.code(), Some(2));
    assert_eq!(host.done("/sbin/ifconfig -l"), "em0 lo0 bridge0\n");

    // ARP in the jail has the MAC that the other end shows.
    let arp = host.done("/usr/sbin/jexec one /usr/sbin/arp -an");
    let mac = mac_of_two(host);
    assert!(arp.contains(&format!("? (10.0.0.2) at {mac} on epair5a")), "{arp} {mac}");

    // Destroying one end destroys the other, wherever it is.
    host.done("/sbin/ifconfig -j one epair5a destroy");
    assert_eq!(host.done("/sbin/ifconfig -j two -l"), "lo0\n");
}

#[tokio::test]
async fn an_ipv4_address_is_announced_when_an_interface_gets_it() {
    let Some(scene) = hosts("14.1", 1) else { return };
    let host = scene.host(0);
    connect(host);
    // What one remembers is of a station that is gone; nobody asks for the address.
    let stale = "ip neigh replace 10.0.0.3 lladdr 02:00:00:00:00:99 dev epair5a nud stale";
    host.done(&format!("/usr/sbin/jexec one /usr/sbin/{stale}"));
    host.done("/sbin/ifconfig -j two epair5b inet 10.0.0.3/32 alias");
    let expected = format!("? (10.0.0.3) at {} on epair5a", mac_of_two(host));
    until("one knows who has it now", async || {
        host.done("/usr/sbin/jexec one /usr/sbin/arp -an").contains(&expected).then_some(())
    })
    .await;
}

#[test]
fn the_stand_ins_refuse_in_freebsds_words() {
    let Some(scene) = hosts("14.1", 1) else { return };
    let host = scene.host(0);
    host.done("/sbin/ifconfig epair5 create");
    let refused = |line: &str| {
        let output = host.run(line);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let said = |text: &str| (Some(1), format!("ifconfig: {text}\n"));
    assert_eq!(refused("/sbin/ifconfig epair5 create"), said("SIOCIFCREATE2: File exists"));
    assert_eq!(refused("/sbin/ifconfig epair9a"), said("interface epair9a does not exist"));
    assert_eq!(
        refused("/sbin/ifconfig epair5b link ether 02:ff:50:00:11:0b"),
        said("can't set link-level netmask or broadcast")
    );
    assert_eq!(refused("/sbin/ifconfig epair5a name em0"), said("ioctl SIOCSIFNAME (set name): File exists"));
    host.done("/sbin/ifconfig bridge0 addm epair5a");
    assert_eq!(refused("/sbin/ifconfig bridge0 addm epair5a"), said("BRDGADD epair5a: File exists"));
    assert_eq!(refused("/sbin/ifconfig epair5b vnet nobody"), said("jail \"nobody\" not found"));
    // The unit stays taken however the ends are called.
    host.done("/sbin/ifconfig epair5a name e5a_web01");
    host.done("/sbin/ifconfig epair5b name e5b_web01");
    assert_eq!(refused("/sbin/ifconfig epair5 create"), said("SIOCIFCREATE2: File exists"));
}
