//! The machine: who it is, whether it is one of its own, and what runs it.

use freebsd_host::Sysctl;

use super::finding::{Finding, Outcome};
use super::situation::Situation;

/// What a machine has that was never given a UUID.
const UUID_NONE: &str = "00000000-0000-0000-0000-000000000000";
/// Hypervisors by the name the kernel has for them, and what each has to be told.
const HYPERVISORS: [(&str, &str); 3] = [
    (
        "vmware",
        "allow promiscuous mode, forged transmits and MAC address changes on the virtual switch's port group",
    ),
    ("hv", "allow MAC address spoofing on the virtual network adapter"),
    ("kvm", "switch the MAC filter of the virtual machine's firewall off (on Proxmox: macfilter)"),
];
/// What any other has to be told.
const ANY_HYPERVISOR: &str =
    "see that the hypervisor passes frames of MAC addresses that it did not give out";

pub(super) fn findings(situation: &Situation) -> Vec<Finding> {
    vec![jailed(situation), host_uuid(situation), hypervisor(situation)]
}

fn jailed(situation: &Situation) -> Finding {
    situation.host.sysctl(Sysctl::JAILED).judge_value("machine.jailed", |jailed| match jailed {
        "0" => Outcome::ok("this is the host itself"),
        _ => Outcome::fail(
            "this is a jail: it can neither build jails as a host does nor see the host's interfaces",
            "run the agent on the host",
        ),
    })
}

fn host_uuid(situation: &Situation) -> Finding {
    situation.host.sysctl(Sysctl::HOST_UUID).judge_value("machine.hostuuid", |uuid| {
        if uuid.is_empty() || uuid == UUID_NONE {
            Outcome::fail(
                "the machine has no UUID, and is taken for any other that has none",
                "`service hostid start` makes one; hostid_enable must not be NO in /etc/rc.conf",
            )
        } else {
            Outcome::ok(format!("{uuid}; allocd refuses a second host with it, as a cloned image is"))
        }
    })
}

fn hypervisor(situation: &Situation) -> Finding {
    situation.host.sysctl(Sysctl::VIRTUAL_MACHINE).judge_value("machine.hypervisor", |guest| {
        if guest == "none" {
            return Outcome::ok("no hypervisor stands between the host and the wire");
        }
        let known = HYPERVISORS.iter().find(|(name, _)| *name == guest);
        Outcome::warn(
            format!("the host runs in {guest}, which may drop frames of jails: their MAC addresses are not its own"),
            known.map_or(ANY_HYPERVISOR, |(_, hint)| hint),
        )
    })
}

#[cfg(test)]
mod tests;
