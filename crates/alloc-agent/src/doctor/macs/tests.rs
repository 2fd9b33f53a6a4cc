//! Each verdict on MAC addresses.

use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;
use allocd_types::mac::Macs;
use allocd_types::name::InterfaceName;
use freebsd_host::Seen;

use crate::doctor::example::{INTERFACES, after, healthy, lease, told};
use crate::doctor::fact::Fact;
use crate::doctor::finding::Verdict::{self, Fail, Ok as Good, Skipped, Warn};
use crate::doctor::situation::Situation;

const CHECKS: [&str; 4] = ["macs.usable", "macs.unique", "macs.leased", "macs.generated"];

/// The jail's interface has this address.
fn inside(check: &str, mac: &str) -> (Verdict, String) {
    after(check, |situation| situation.replace_inside("12:34:56:00:00:0b", mac))
}

fn neighbour(mac: &str, rest: &str) -> (Verdict, String) {
    after("macs.generated", |situation| {
        situation.set_neighbours(&format!("? (192.168.0.9) at {mac} on vswitch0 {rest} [ethernet]\n"));
    })
}

#[test]
fn a_healthy_host_has_nothing_to_say() {
    for check in CHECKS {
        assert_eq!(told(check, &healthy()).0, Good, "{check}");
    }
}

#[test]
fn nobody_answers_a_groups_address() {
    for mac in ["75:aa:51:36:0a:71", "00:00:00:00:00:00"] {
        let (verdict, meaning) = inside("macs.usable", mac);
        assert!(verdict == Fail && meaning.ends_with(&format!("epair7b in web01 ({mac})")), "{meaning}");
    }
}

#[test]
fn one_address_is_one_interface() {
    let (verdict, meaning) = inside("macs.unique", "12:34:56:00:00:0a");
    assert!(
        verdict == Fail && meaning.contains("epair7a (12:34:56:00:00:0a) and epair7b in web01"),
        "{meaning}"
    );
    let (verdict, meaning) = inside("macs.unique", "00:25:90:01:02:03");
    assert!(verdict == Fail && meaning.contains("and em0"), "{meaning}");
}

#[test]
fn a_bridge_and_a_vlan_share_an_address_by_right() {
    let shared = after("macs.unique", |situation| {
        situation.replace_in_interfaces("58:9c:fc:10:ff:c8", "00:25:90:01:02:03");
    });
    assert_eq!(shared.0, Good);
    let vlan = after("macs.unique", |situation| {
        situation.replace_inside(
            "\tgroups: epair\n",
            "\tgroups: epair\nv5: flags=8843<UP> metric 0 mtu 1500\n\tether 12:34:56:00:00:0b\n\tvlan: 5 parent interface: epair7b\n",
        );
    });
    assert_eq!(vlan.0, Good, "{}", vlan.1);
}

#[test]
fn root_in_a_jail_can_change_what_was_leased() {
    let (verdict, meaning) = inside("macs.leased", "12:34:56:00:00:77");
    assert!(
        verdict == Warn
            && meaning.ends_with("epair7b in web01 (12:34:56:00:00:77) instead of 12:34:56:00:00:0b"),
        "{meaning}"
    );
    let outer = after("macs.leased", |situation| {
        situation.replace_in_interfaces("12:34:56:00:00:0a", "12:34:56:00:00:78");
    });
    assert!(outer.0 == Warn && outer.1.contains("epair7a (12:34:56:00:00:78)"), "{}", outer.1);
    let unknown = |situation: &mut Situation| situation.leases = Err("none yet".to_owned());
    assert_eq!(after("macs.leased", unknown).0, Skipped);
}

/// A tap on the bridge with this MAC, for a guest with the lease's, beside which this one is held.
fn guests_tap(check: &str, mac: &str, beside: Option<&str>) -> (Verdict, String) {
    after(check, |situation| {
        let lease = Lease {
            kind: InterfaceKind::Tap,
            macs: Macs::Single("12:34:56:00:00:0c".parse().unwrap()),
            mac_beside: beside.map(|mac| mac.parse().unwrap()),
            ifname_a: InterfaceName::new("tap3").ok(),
            ifname_b: None,
            ..lease()
        };
        situation.leases = Ok(vec![lease]);
        situation.host.inside.clear();
        let listed = INTERFACES.replace("member: epair7a", "member: tap3");
        let listed = listed.replace("\nepair7a:", "\ntap3:").replace("12:34:56:00:00:0a", mac);
        situation.set_interfaces(&listed.replace("groups: epair", "groups: tap"));
    })
}

#[test]
fn a_guests_tap_has_another_address_than_its_guest() {
    let (guests, beside) = ("12:34:56:00:00:0c", "12:34:56:00:00:0d");
    assert_eq!(guests_tap("macs.leased", beside, Some(beside)).0, Good);
    let (verdict, meaning) = guests_tap("macs.leased", guests, Some(beside));
    let told = format!("tap3 ({guests}) instead of {beside}");
    assert!(verdict == Warn && meaning.contains(&told), "{meaning}");
    // With one that is held alone any other is the kernel's business, which may give it twice.
    let kernels = "58:9c:fc:10:ff:de";
    assert_eq!(guests_tap("macs.leased", kernels, None).0, Good);
    let (verdict, meaning) = guests_tap("macs.leased", guests, None);
    assert!(
        verdict == Warn && meaning.contains(&format!("tap3 ({guests}), which is its guest's")),
        "{meaning}"
    );
    assert_eq!(guests_tap("macs.generated", beside, Some(beside)).0, Good);
    assert_eq!(guests_tap("macs.generated", kernels, None).0, Warn);
}

#[test]
fn what_others_make_up_is_found_in_jails_and_among_neighbours() {
    let (verdict, meaning) = inside("macs.generated", "02:ff:50:00:11:0b");
    assert!(
        verdict == Warn
            && meaning.contains("epair7b in web01 (02:ff:50:00:11:0b) by epair(4) up to FreeBSD 11"),
        "{meaning}"
    );
    let (verdict, meaning) = neighbour("58:9c:fc:10:ff:de", "expires in 1187 seconds");
    assert!(
        verdict == Warn && meaning.contains("192.168.0.9 (58:9c:fc:10:ff:de) by ether_gen_addr(9)"),
        "{meaning}"
    );
    // jib copies half of the card's address.
    assert_eq!(neighbour("2e:12:34:01:02:03", "expires in 1187 seconds").0, Warn);
}

#[test]
fn what_is_leased_or_shared_on_purpose_is_no_surprise() {
    // A lease that was imported keeps the kernel's address.
    let imported = after("macs.generated", |situation| {
        let mac = |text: &str| text.parse().unwrap();
        let macs = Macs::pair(mac("02:03:44:30:20:0a"), mac("02:03:44:30:20:0b")).unwrap();
        situation.leases = Ok(vec![Lease { macs, ..lease() }]);
        situation.replace_inside("12:34:56:00:00:0b", "02:03:44:30:20:0b");
    });
    assert_eq!(imported.0, Good, "{}", imported.1);
    // The host's own, VRRP's, and one that did not answer.
    assert_eq!(neighbour("58:9c:fc:10:ff:c8", "permanent").0, Good);
    assert_eq!(neighbour("00:00:5e:00:01:07", "expires in 1187 seconds").0, Good);
    assert_eq!(neighbour("(incomplete)", "expired").0, Good);
}

#[test]
fn a_jail_that_could_not_be_looked_into_leaves_every_check_open() {
    for check in CHECKS {
        let (verdict, meaning) = after(check, |situation| {
            situation.host.inside.push((Seen::new("db01"), Fact::new("", Err("it hangs".to_owned()))));
        });
        assert!(verdict == Skipped && meaning.contains("db01: it hangs"), "{check}: {meaning}");
        let failed =
            |situation: &mut Situation| situation.host.jails = Fact::new("jls", Err("it failed".to_owned()));
        assert_eq!(after(check, failed), (Skipped, "it failed".to_owned()));
    }
    let failed =
        |situation: &mut Situation| situation.host.neighbours = Fact::new("arp -an", Err("no".to_owned()));
    assert_eq!(after("macs.generated", failed), (Skipped, "no".to_owned()));
}
