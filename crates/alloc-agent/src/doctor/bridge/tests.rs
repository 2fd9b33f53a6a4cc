//! Each verdict on bridges.

use allocd_types::lease::Lease;
use allocd_types::name::InterfaceName;
use freebsd_host::Sysctl;

use crate::doctor::example::{after, healthy, lease, told};
use crate::doctor::fact::Fact;
use crate::doctor::facts::{LOG_MAC_FLAP, PFIL_BRIDGE, PFIL_MEMBER, PFIL_ONLY_IP};
use crate::doctor::finding::Verdict::{self, Fail, Ok as Good, Skipped, Warn};
use crate::doctor::situation::Situation;

fn with(check: &str, from: &str, to: &str) -> (Verdict, String) {
    after(check, |situation| situation.replace_in_interfaces(from, to))
}

fn without_interfaces(situation: &mut Situation) {
    situation.host.interfaces = Fact::new("ifconfig -a", Err("it failed".to_owned()));
}

#[test]
fn a_bridge_is_there_up_and_a_bridge() {
    assert_eq!(told("bridge.state", &healthy()).0, Good);
    let (verdict, meaning) = with("bridge.state", "vswitch0: flags", "bridge0: flags");
    assert!(verdict == Fail && meaning.contains("vswitch0 is not there"), "{meaning}");
    let (verdict, meaning) = with("bridge.state", "1008843<UP,BROADCAST", "1008842<BROADCAST");
    assert!(verdict == Fail && meaning.contains("vswitch0 is down"), "{meaning}");
    let (verdict, meaning) = with("bridge.state", "groups: bridge", "groups: vlan");
    assert!(verdict == Fail && meaning.contains("vswitch0 is no bridge"), "{meaning}");
    for check in ["bridge.state", "bridge.mtu", "bridge.addresses"] {
        assert_eq!(after(check, without_interfaces), (Skipped, "it failed".to_owned()));
    }
}

#[test]
fn without_leases_every_bridge_of_the_host_matters() {
    let mut situation = healthy();
    situation.leases = Ok(Vec::new());
    assert_eq!(told("bridge.state", &situation), (Good, "vswitch0 is there and up".to_owned()));
    situation.host.bridges = Fact::new("ifconfig -g bridge", Ok(Vec::new()));
    assert_eq!(told("bridge.state", &situation).0, Fail);
    situation.host.bridges = Fact::new("ifconfig -g bridge", Err("it failed".to_owned()));
    assert_eq!(told("bridge.state", &situation), (Skipped, "it failed".to_owned()));
}

#[test]
fn every_bridge_of_a_lease_has_its_lines() {
    let mut situation = healthy();
    let bridge = InterfaceName::new("vswitch1").unwrap();
    situation.leases = Ok(vec![lease(), Lease { bridge, ..lease() }]);
    let states: Vec<Verdict> = super::findings(&situation)
        .iter()
        .filter(|finding| finding.check == "bridge.state")
        .map(|finding| finding.verdict)
        .collect();
    assert_eq!(states, [Good, Fail]);
}

#[test]
fn a_bridge_and_its_members_have_one_mtu_and_it_is_the_networks() {
    assert_eq!(told("bridge.mtu", &healthy()).0, Good);
    let (verdict, meaning) = with(
        "bridge.mtu",
        "LOWER_UP> metric 0 mtu 1500\n\toptions=8<VLAN_MTU>\n\tether 00",
        "LOWER_UP> metric 0 mtu 9000\n\tether 00",
    );
    assert!(verdict == Fail && meaning.ends_with("em0 (9000)"), "{meaning}");
    let network = |mtu: u16| {
        after("bridge.mtu", |situation| situation.leases = Ok(vec![Lease { mtu: Some(mtu), ..lease() }]))
    };
    assert_eq!(network(1500).0, Good);
    assert_eq!(network(9000), (Fail, "vswitch0 has an MTU of 1500, and its network one of 9000".to_owned()));
    let untold = "vswitch0: flags=1008843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST,LOWER_UP> metric 0 mtu 1500";
    assert_eq!(with("bridge.mtu", untold, untold.trim_end_matches(" mtu 1500")).0, Skipped);
}

#[test]
fn an_address_on_a_member_is_refused_from_15_on() {
    let on_member = |release: &str, address: &str| {
        after("bridge.addresses", |situation| {
            situation.set_release(release);
            let line = format!("00:25:90:01:02:03\n\t{address}\n");
            situation.replace_in_interfaces("00:25:90:01:02:03\n", &line);
        })
    };
    let inet = "inet 192.0.2.7/24 broadcast 192.0.2.255";
    assert_eq!(on_member("14.3-RELEASE", inet).0, Warn);
    let (verdict, meaning) = on_member("15.0-RELEASE", inet);
    assert!(
        verdict == Fail && meaning.starts_with("a member of vswitch0 has an address of its own: em0;"),
        "{meaning}"
    );
    assert_eq!(on_member("15.0-RELEASE", "inet6 2001:db8::7/64").0, Fail);
    // The kernel gives these by itself.
    assert_eq!(on_member("15.0-RELEASE", "inet6 fe80::1%em0/64 scopeid 0x1").0, Good);
    let allowed = after("bridge.addresses", |situation| {
        situation.set_release("15.0-RELEASE");
        situation.set_sysctl(Sysctl::BRIDGE_MEMBER_ADDRESSES, Some("1"));
        situation.replace_in_interfaces("00:25:90:01:02:03\n", &format!("00:25:90:01:02:03\n\t{inet}\n"));
    });
    assert!(allowed.0 == Warn && allowed.1.contains("which FreeBSD 16 has no more"), "{}", allowed.1);
    let release = |situation: &mut Situation| situation.set_release("hammer");
    assert_eq!(after("bridge.addresses", release).0, Skipped);
}

#[test]
fn filters_see_the_frames_of_jails_unless_they_are_told_not_to() {
    for name in [PFIL_MEMBER, PFIL_BRIDGE, PFIL_ONLY_IP] {
        let value = |value| after("bridge.filter", |situation| situation.set_sysctl(name, value));
        assert_eq!(value(Some("0")).0, Good);
        let (verdict, meaning) = value(Some("1"));
        assert!(verdict == Warn && meaning.ends_with(Sysctl::as_str(name)), "{meaning}");
        assert_eq!(value(None).0, Skipped);
    }
}

#[test]
fn what_moves_is_told_from_14_on() {
    let flaps = |value| after("bridge.flaps", |situation| situation.set_sysctl(LOG_MAC_FLAP, value)).0;
    assert_eq!([Some("1"), Some("0"), None].map(flaps), [Good, Warn, Skipped]);
    let mut situation = healthy();
    situation.set_release("13.2-RELEASE");
    assert!(super::findings(&situation).iter().all(|finding| finding.check != "bridge.flaps"));
}
