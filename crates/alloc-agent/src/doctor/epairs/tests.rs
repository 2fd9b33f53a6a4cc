//! Each verdict on cables.

use freebsd_host::Sysctl;

use crate::doctor::example::{INTERFACES, after, healthy, told};
use crate::doctor::fact::Fact;
use crate::doctor::finding::Verdict::{self, Fail, Ok as Good, Skipped, Warn};
use crate::doctor::situation::Situation;

/// One more interface on the healthy host.
fn with(check: &str, interface: &str) -> (Verdict, String) {
    after(check, |situation| situation.set_interfaces(&format!("{INTERFACES}{interface}")))
}

fn cable(name: &str, description: &str) -> String {
    let description =
        if description.is_empty() { String::new() } else { format!("\tdescription: {description}\n") };
    format!(
        "{name}: flags=8842<BROADCAST> metric 0 mtu 1500\n{description}\tether 12:34:56:00:00:1a\n\tgroups: epair\n"
    )
}

#[test]
fn two_interfaces_of_one_name_cannot_be_told_apart() {
    assert_eq!(told("epairs.names", &healthy()).0, Good);
    let (verdict, meaning) = with("epairs.names", "em0: flags=8842<BROADCAST> metric 0 mtu 1500\n");
    assert!(verdict == Fail && meaning.ends_with(": em0"), "{meaning}");
    let failed =
        |situation: &mut Situation| situation.host.interfaces = Fact::new("", Err("it failed".to_owned()));
    assert_eq!(after("epairs.names", failed).0, Skipped);
}

#[test]
fn a_cable_with_a_leases_unit_and_without_its_mark_is_in_the_way() {
    assert_eq!(told("epairs.owners", &healthy()).0, Good);
    for mark in ["", "\tdescription: mine\n", "\tdescription: allocd:leases/18\n"] {
        let (verdict, meaning) = after("epairs.owners", |situation| {
            situation.replace_in_interfaces("\tdescription: allocd:leases/17\n", mark);
        });
        assert!(
            verdict == Fail && meaning.starts_with("epair7a has the unit of a lease"),
            "{mark}: {meaning}"
        );
    }
}

#[test]
fn somebody_elses_cable_is_told_and_so_is_what_was_left_over() {
    let (verdict, meaning) = with("epairs.owners", &cable("epair8a", ""));
    assert!(
        verdict == Warn && meaning.starts_with("made by somebody else") && meaning.ends_with(": epair8a"),
        "{meaning}"
    );
    // A renamed one hides its unit.
    assert_eq!(with("epairs.owners", &cable("jail8", "")).0, Warn);
    let (verdict, meaning) = with("epairs.owners", &cable("epair9a", "allocd:leases/16"));
    assert!(verdict == Warn && meaning.starts_with("left over from leases"), "{meaning}");
}

#[test]
fn the_jails_end_on_the_host_belongs_to_the_other_end() {
    assert_eq!(with("epairs.owners", &cable("epair7b", "")).0, Good);
    let (verdict, meaning) = with("epairs.owners", &cable("epair8b", ""));
    assert!(verdict == Warn && meaning.ends_with(": epair8b"), "{meaning}");
}

#[test]
fn whose_a_mark_is_is_not_known_without_leases() {
    let unknown = |situation: &mut Situation| situation.leases = Err("none yet".to_owned());
    let (verdict, meaning) = after("epairs.owners", unknown);
    assert!(verdict == Skipped && meaning.contains("leases: none yet"), "{meaning}");
    let bare = after("epairs.owners", |situation| {
        situation.leases = Err("none yet".to_owned());
        situation.set_interfaces("em0: flags=8843<UP> metric 0 mtu 1500\n");
    });
    assert_eq!(bare.0, Good);
}

#[test]
fn hashes_of_16_bits_matter_where_a_cable_keeps_one() {
    let hash = |value, interface: &str| {
        after("epairs.hash", |situation| {
            situation.set_sysctl(Sysctl::EPAIR_HASH, value);
            situation.set_interfaces(&format!("{INTERFACES}{interface}"));
        })
    };
    let stock = cable("epair8a", "") + &cable("epair8b", "");
    assert_eq!(hash(None, &stock).0, Good);
    assert_eq!(hash(Some("0"), &stock).0, Good);
    assert_eq!(hash(Some("1"), "").0, Good);
    let (verdict, meaning) = hash(Some("1"), &stock);
    assert!(verdict == Warn && meaning.contains("cables here keep them (1)"), "{meaning}");
    let failed =
        |situation: &mut Situation| situation.host.epairs = Fact::new("", Err("it failed".to_owned()));
    assert_eq!(after("epairs.hash", failed).0, Skipped);
}

#[test]
fn virtual_machines_may_not_bear_frames_without_checksums() {
    let checksums = |release: &str, options: &str, tap: &str| {
        after("epairs.checksums", |situation| {
            situation.set_release(release);
            let text = INTERFACES
                .replace("options=8<VLAN_MTU>\n\tether 12", &format!("options={options}\n\tether 12"))
                .replace("\tmember: em0", "\tmember: tap0 flags=143<LEARNING>\n\tmember: em0");
            situation.set_interfaces(&format!("{text}{tap}"));
        })
        .0
    };
    let tap = "tap0: flags=8843<UP> metric 0 mtu 1500\n\tgroups: tap\n";
    assert_eq!(checksums("15.0-RELEASE", "2<TXCSUM>", tap), Warn);
    assert_eq!(checksums("15.0-RELEASE", "8<VLAN_MTU>", tap), Good);
    assert_eq!(checksums("15.0-RELEASE", "2<TXCSUM>", ""), Good);
    let unknown = after("epairs.checksums", |situation| situation.set_release("hammer"));
    assert_eq!(unknown.0, Skipped);
    let healthy = healthy();
    assert!(super::findings(&healthy).iter().all(|finding| finding.check != "epairs.checksums"));
}
