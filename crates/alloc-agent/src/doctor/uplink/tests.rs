//! Each verdict on uplinks.

use freebsd_host::Seen;

use crate::doctor::example::{after, healthy, told};
use crate::doctor::fact::Fact;
use crate::doctor::finding::Verdict::{self, Fail, Ok as Good, Skipped, Warn};
use crate::doctor::situation::Situation;

/// A lagg of two cards in the bridge, with what the second card does itself.
fn lagg(release: &str, options: &str) -> (Verdict, String) {
    after("uplink.offloads", |situation| {
        situation.set_release(release);
        situation.set_interfaces(&format!(
            "em0: flags=8843<UP,BROADCAST> metric 0 mtu 1500\n\
             em1: flags=8843<UP,BROADCAST> metric 0 mtu 1500\n\toptions={options}\n\
             lagg0: flags=8843<UP,BROADCAST> metric 0 mtu 1500\n\
             \tlaggproto failover\n\tlaggport: em0 flags=5<MASTER,ACTIVE>\n\tlaggport: em1 flags=0<>\n\
             vswitch0: flags=8843<UP,BROADCAST> metric 0 mtu 1500\n\tgroups: bridge\n\tmember: lagg0 flags=143<LEARNING>\n"
        ));
    })
}

#[test]
fn a_bridge_is_joined_to_the_wire_by_what_is_up() {
    assert_eq!(
        told("uplink.state", &healthy()),
        (Good, "em0 joins vswitch0 to the wire and is up".to_owned())
    );
    let replaced =
        |from: &str, to: &str| after("uplink.state", |situation| situation.replace_in_interfaces(from, to));
    let member = "\tmember: em0 flags=143<LEARNING,DISCOVER,AUTOEDGE,AUTOPTP>\n";
    let (verdict, meaning) = replaced(member, "");
    assert!(verdict == Warn && meaning.contains("no member that joins it"), "{meaning}");
    let (verdict, meaning) = replaced("em0: flags=1008943<UP,", "em0: flags=1008942<");
    assert!(verdict == Fail && meaning.starts_with("em0, by which vswitch0"), "{meaning}");
}

#[test]
fn what_carries_an_uplink_has_to_be_up_as_well() {
    let down = after("uplink.state", |situation| {
        situation.set_interfaces(
            "em0: flags=8842<BROADCAST> metric 0 mtu 1500\n\
             vlan300: flags=8843<UP,BROADCAST> metric 0 mtu 1500\n\tvlan: 300 vlanproto: 802.1q vlanpcp: 0 parent interface: em0\n\
             vswitch0: flags=8843<UP,BROADCAST> metric 0 mtu 1500\n\tgroups: bridge\n\tmember: vlan300 flags=143<LEARNING>\n",
        );
    });
    assert!(down.0 == Fail && down.1.starts_with("em0, by which vswitch0"), "{}", down.1);
}

#[test]
fn offloads_are_off_before_the_first_jail_joins() {
    for offload in super::OFFLOADS {
        let (verdict, meaning) = after("uplink.offloads", |situation| {
            let on = format!("options=8<VLAN_MTU,{offload}>\n\tether 00");
            situation.replace_in_interfaces("options=8<VLAN_MTU>\n\tether 00", &on);
        });
        assert!(verdict == Warn && meaning.contains(&format!("em0 ({offload})")), "{meaning}");
    }
    assert_eq!(told("uplink.offloads", &healthy()).0, Good);
    let release = |situation: &mut Situation| situation.set_release("hammer");
    assert_eq!(after("uplink.offloads", release).0, Skipped);
    let failed =
        |situation: &mut Situation| situation.host.interfaces = Fact::new("", Err("it failed".to_owned()));
    for check in ["uplink.state", "uplink.offloads"] {
        assert_eq!(after(check, failed), (Skipped, "it failed".to_owned()));
    }
}

#[test]
fn a_lagg_before_12_cannot_take_offloads_from_its_ports() {
    let (verdict, meaning) = lagg("11.4-RELEASE", "300<TSO4,TSO6>");
    assert!(verdict == Fail && meaning.contains("em1 (TSO4, TSO6)"), "{meaning}");
    let (verdict, meaning) = lagg("11.4-RELEASE", "8<VLAN_MTU>");
    assert!(verdict == Good && meaning.contains("its ports have none on"), "{meaning}");
    assert_eq!(lagg("12.0-RELEASE", "300<TSO4,TSO6>").0, Warn);
    assert_eq!(lagg("12.0-RELEASE", "8<VLAN_MTU>").0, Good);
}

#[test]
fn a_renamed_cable_of_release_10_is_no_uplink() {
    // There are no groups in the listing, and nothing in the name.
    let renamed = after("uplink.state", |situation| {
        situation.set_release("10.4-RELEASE");
        situation.set_interfaces(
            "jail8: flags=8843<UP,BROADCAST> metric 0 mtu 1500\n\
             vswitch0: flags=8843<UP,BROADCAST> metric 0 mtu 1500\n\tmember: jail8 flags=143<LEARNING>\n",
        );
        situation.host.bridges = Fact::new("ifconfig -g bridge", Ok(vec![Seen::new("vswitch0")]));
        situation.host.epairs = Fact::new("ifconfig -g epair", Ok(vec![Seen::new("jail8")]));
    });
    assert!(renamed.0 == Warn && renamed.1.contains("no member that joins it"), "{}", renamed.1);
}
