//! Each verdict on the machine.

use freebsd_host::Sysctl;

use crate::doctor::example::after;
use crate::doctor::finding::Verdict::{self, Fail, Ok as Good, Skipped, Warn};

fn with(check: &str, name: Sysctl, value: Option<&str>) -> (Verdict, String) {
    after(check, |situation| situation.set_sysctl(name, value))
}

#[test]
fn an_agent_in_a_jail_is_in_the_wrong_place() {
    let jailed = |value| with("machine.jailed", Sysctl::JAILED, value).0;
    assert_eq!([Some("0"), Some("1"), None].map(jailed), [Good, Fail, Skipped]);
}

#[test]
fn a_machine_without_a_uuid_is_nobody() {
    let uuid = |value| with("machine.hostuuid", Sysctl::HOST_UUID, value).0;
    let none = Some("00000000-0000-0000-0000-000000000000");
    assert_eq!([Some("4c4c4544-0042"), none, Some(""), None].map(uuid), [Good, Fail, Fail, Skipped]);
}

#[test]
fn a_hypervisor_has_to_pass_other_addresses() {
    let guest = |value| with("machine.hypervisor", Sysctl::VIRTUAL_MACHINE, value);
    assert_eq!(guest(Some("none")).0, Good);
    assert_eq!(guest(None).0, Skipped);
    for hypervisor in ["vmware", "hv", "kvm", "xen", "something new"] {
        let (verdict, meaning) = guest(Some(hypervisor));
        assert!(verdict == Warn && meaning.contains(hypervisor), "{meaning}");
    }
}
