//! Each verdict on the kernel.

use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;
use freebsd_host::{Seen, Sysctl};

use crate::doctor::example::{after, healthy, lease, told};
use crate::doctor::fact::Fact;
use crate::doctor::facts::SCTP;
use crate::doctor::finding::Verdict::{Fail, Ok as Good, Skipped, Warn};
use crate::doctor::situation::Situation;

fn verdict(check: &str, worsen: impl FnOnce(&mut Situation)) -> crate::doctor::finding::Verdict {
    after(check, worsen).0
}

#[test]
fn a_release_is_known_too_old_or_unheard_of() {
    let release = |text: &str| after("kernel.release", |host| host.set_release(text));
    assert_eq!(release("14.1-RELEASE-p3"), (Good, "FreeBSD 14.1-RELEASE-p3".to_owned()));
    assert_eq!(release("9.3-RELEASE").0, Good);
    assert_eq!(release("8.4-RELEASE").0, Fail);
    assert_eq!(release("hammer").0, Warn);
    assert_eq!(
        verdict("kernel.release", |situation| situation.host.kernel = Fact::new("", Err("none".to_owned()))),
        Skipped
    );
}

#[test]
fn without_vimage_there_is_no_jail_of_its_own_network() {
    let vimage = |release: &str, has: bool| {
        after("kernel.vimage", |situation| {
            situation.set_release(release);
            situation.host.has_vimage = Fact::new("", Ok(has));
        })
    };
    assert_eq!(vimage("10.4-RELEASE", true).0, Good);
    let (verdict, meaning) = vimage("11.4-RELEASE", false);
    assert!(verdict == Fail && meaning.contains("GENERIC has no VIMAGE before FreeBSD 12"), "{meaning}");
    let (verdict, meaning) = vimage("12.0-RELEASE", false);
    assert!(verdict == Fail && meaning.contains("although GENERIC has"), "{meaning}");
}

#[test]
fn drivers_are_those_that_leases_need() {
    let cloners = |names: &[&str], kind: InterfaceKind| {
        after("kernel.cloners", |situation| {
            let names = names.iter().map(|name| Seen::new(name)).collect();
            situation.host.cloners = Fact::new("", Ok(names));
            situation.leases = Ok(vec![Lease { kind, ..lease() }]);
        })
    };
    assert_eq!(cloners(&["epair", "bridge"], InterfaceKind::Epair).0, Good);
    let (verdict, meaning) = cloners(&["lo"], InterfaceKind::Epair);
    assert!(verdict == Fail && meaning.contains("epair, bridge"), "{meaning}");
    let (verdict, meaning) = cloners(&["epair", "bridge"], InterfaceKind::Tap);
    assert!(verdict == Fail && meaning.contains("of tap:"), "{meaning}");
    let failed =
        |situation: &mut Situation| situation.host.cloners = Fact::new("", Err("it hangs".to_owned()));
    assert_eq!(after("kernel.cloners", failed), (Skipped, "it hangs".to_owned()));
}

#[test]
fn pf_is_deadly_before_11_with_vimage() {
    let pf = |release: &str, has_pf: bool, has_vimage: bool| {
        verdict("kernel.pf", |situation| {
            situation.set_release(release);
            situation.host.has_pf = Fact::new("", Ok(has_pf));
            situation.host.has_vimage = Fact::new("", Ok(has_vimage));
        })
    };
    assert_eq!(pf("10.4-RELEASE", true, true), Fail);
    assert_eq!(pf("10.4-RELEASE", true, false), Warn);
    assert_eq!(pf("10.4-RELEASE", false, true), Good);
    assert_eq!(pf("11.0-RELEASE", true, true), Good);
    let failed =
        |situation: &mut Situation| situation.host.has_pf = Fact::new("", Err("it hangs".to_owned()));
    assert_eq!(verdict("kernel.pf", failed), Skipped);
}

#[test]
fn a_raised_security_level_takes_no_more_drivers() {
    let level = |level: &'static str, cloners: &'static [&str]| {
        verdict("kernel.securelevel", move |situation| {
            situation.set_sysctl(Sysctl::SECURITY_LEVEL, Some(level));
            let names = cloners.iter().map(|name| Seen::new(name)).collect();
            situation.host.cloners = Fact::new("", Ok(names));
        })
    };
    assert_eq!(level("-1", &[]), Good);
    assert_eq!(level("0", &[]), Good);
    assert_eq!(level("1", &["epair", "bridge"]), Warn);
    assert_eq!(level("3", &["epair"]), Fail);
    assert_eq!(level("high", &[]), Skipped);
}

#[test]
fn sctp_is_only_asked_for_before_10() {
    let sctp = |value: Option<&'static str>| {
        verdict("kernel.sctp", move |situation| {
            situation.set_release("9.3-RELEASE");
            situation.set_sysctl(SCTP, value);
        })
    };
    assert_eq!(sctp(None), Good);
    assert_eq!(sctp(Some("1864135")), Fail);
    let healthy = healthy();
    assert!(super::findings(&healthy).iter().all(|finding| finding.check != "kernel.sctp"));
    assert_eq!(told("kernel.pf", &healthy).0, Good);
}
