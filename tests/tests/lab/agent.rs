//! From a lease to a ping and back: real members, agents and command lines, over the lab's hosts.

use allocd_tests::lab_scenarios::jail::pings;
use allocd_tests::lab_scenarios::site::seen_in;

use crate::scenes::two_hosts;

#[tokio::test]
async fn a_lease_becomes_a_jail_that_moves_with_all_it_has_and_goes_without_a_rest() {
    let Some(site) = two_hosts("14.1").await else { return };
    site.allocate(0, "web");
    site.allocate(1, "db");
    site.pass(0);
    site.pass(1);
    assert!(site.ctl("leases get h0/web").contains("bound"));
    assert!(
        pings(site.host(1), "db", "192.168.0.1") && pings(site.host(1), "db", "fd00::1"),
        "db reaches web"
    );
    let had = seen_in(site.host(0), "web");

    // Until its host has confirmed, the lease is where it was.
    site.ctl("leases move h0/web --to h1");
    site.pass(1);
    assert!(!site.host(1).done("/usr/sbin/jls -n name").contains("web"));
    site.pass(0);
    assert_eq!(site.host(0).done("/usr/sbin/jls -n name"), "");
    assert_eq!(site.host(0).done("/sbin/ifconfig -l"), "em0 lo0 bridge0\n");
    site.pass(1);
    assert_eq!(seen_in(site.host(1), "web"), had, "the same MAC and addresses");
    assert!(
        pings(site.host(1), "db", "192.168.0.1") && pings(site.host(1), "db", "fd00::1"),
        "db reaches web there"
    );

    // Given back, it is free once nothing is left of it.
    site.ctl("leases release h1/web");
    assert!(site.ctl("leases get h1/web").contains("releasing"));
    site.pass(1);
    assert!(!site.ctl("leases").contains("web"));
    assert_eq!(site.host(1).done("/usr/sbin/jls -n name").trim(), "name=db");
}

#[tokio::test]
async fn without_its_cluster_a_host_boots_and_puts_right_what_root_in_a_jail_has_done() {
    let Some(mut site) = two_hosts("14.1").await else { return };
    site.allocate(0, "web");
    site.pass(0);
    let had = seen_in(site.host(0), "web");
    site.lose_members();

    site.reboot(0);
    assert!(site.start(0, "web"), "its file is enough");
    assert_eq!(seen_in(site.host(0), "web"), had);
    let cable = site
        .host(0)
        .done("/usr/sbin/jexec web /sbin/ifconfig -l")
        .split_whitespace()
        .last()
        .unwrap()
        .to_owned();
    site.host(0).done(&format!("/usr/sbin/jexec web /sbin/ifconfig {cable} ether 02:00:00:00:00:01"));
    assert_ne!(seen_in(site.host(0), "web"), had);
    site.pass(0);
    assert_eq!(seen_in(site.host(0), "web"), had);
}

#[tokio::test]
async fn a_host_that_was_declared_off_starts_nothing_when_it_is_back() {
    let Some(mut site) = two_hosts("14.1").await else { return };
    site.allocate(0, "web");
    site.pass(0);
    let had = seen_in(site.host(0), "web");
    site.switch_off(0);

    site.ctl("hosts fence h0 --host-is-off");
    site.ctl("leases move h0/web --to h1");
    site.pass(1);
    assert_eq!(seen_in(site.host(1), "web"), had, "moved at once, for nobody is there to confirm");
    site.reboot(0);
    site.boot(0);
    assert!(!site.start(0, "web"), "its file is gone");
    site.pass(0);
    assert_eq!(site.host(0).done("/sbin/ifconfig -l"), "em0 lo0 bridge0\n");
    assert!(site.ctl("hosts get h0").contains("active"));
}

#[tokio::test]
async fn an_ipv4_address_that_answers_before_its_first_use_is_never_used() {
    let Some(site) = two_hosts("14.1").await else { return };
    site.on_wire("ip address add 192.168.0.1/24 dev wire");
    site.host(0).done("/sbin/ifconfig bridge0 inet 192.168.0.250/24 alias");
    site.allocate(0, "web");
    // The first asks the wire and declines, the second asks for the next one and starts the jail with it.
    site.pass(0);
    assert_eq!(site.host(0).done("/usr/sbin/jls -n name"), "");
    site.pass(0);
    assert!(seen_in(site.host(0), "web").iter().any(|line| line.starts_with("inet 192.168.0.2 ")));
    let declines = site.ctl("declines -o json");
    let answered = format!("{} answered for 192.168.0.1 on bridge0", site.wire_mac());
    assert!(declines.contains(&answered), "{declines}");
}

#[tokio::test]
async fn a_jail_that_was_made_by_hand_is_taken_over_as_it_runs() {
    let Some(site) = two_hosts("14.1").await else { return };
    let host = site.host(0);
    for line in [
        "/sbin/ifconfig epair5 create",
        "/sbin/ifconfig epair5a ether 12:34:56:00:05:0a",
        "/sbin/ifconfig epair5b ether 12:34:56:00:05:0b",
        "/sbin/ifconfig epair5a up",
        "/sbin/ifconfig bridge0 addm epair5a",
        "/usr/sbin/jail -c name=web path=/usr/jails/web vnet persist vnet.interface=epair5b",
        "/usr/sbin/jexec web /sbin/ifconfig epair5b inet 192.168.0.9/24 up",
    ] {
        host.done(line);
    }
    let had = seen_in(host, "web");
    site.ctl(
        "leases allocate h0/web --network lan --index 5 --mac-a 12:34:56:00:05:0a --mac-b 12:34:56:00:05:0b \
         --address 192.168.0.9 --ipv6 unwanted",
    );
    site.adopt(0, "web");
    site.pass(0);
    assert_eq!(seen_in(host, "web"), had, "it runs on as it was");
    assert!(host.done("/sbin/ifconfig epair5a").contains("description: allocd:leases/"));
    assert!(site.ctl("leases get h0/web").contains("bound"));
    // It is the agent's now, and goes as any other.
    site.ctl("leases release h0/web");
    site.pass(0);
    assert_eq!(host.done("/sbin/ifconfig -l"), "em0 lo0 bridge0\n");
}
