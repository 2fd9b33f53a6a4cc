//! Addresses: whether the kernel looks for duplicates.

use freebsd_host::Sysctl;

use super::finding::{Finding, Outcome};
use super::situation::Situation;

pub(super) fn findings(situation: &Situation) -> Vec<Finding> {
    vec![dad(situation)]
}

/// Each network stack has a value of its own, so the host's says nothing of jails and is no failure.
fn dad(situation: &Situation) -> Finding {
    situation.host.sysctl(Sysctl::DAD_COUNT).judge_value("addresses.dad", |count| match count.parse::<u32>() {
        Err(_) => Outcome::skipped(format!("{count:?} is no count")),
        Ok(0) => Outcome::warn(
            "the host does not look for duplicate IPv6 addresses: two machines with one address both use it",
            "take net.inet6.ip6.dad_count=0 out of /etc/sysctl.conf",
        ),
        Ok(_) => Outcome::ok("the host looks for duplicate IPv6 addresses before it uses one"),
    })
}

#[cfg(test)]
mod tests;
