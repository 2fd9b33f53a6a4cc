//! All checks, in the order in which a person would go through them: what everything else stands on first.

use super::finding::Finding;
use super::situation::Situation;
use super::{addresses, bridge, clock, devfs, epairs, jails, kernel, machine, macs, uplink};

/// Judges a host.
pub(crate) fn judge(situation: &Situation) -> Vec<Finding> {
    let subjects = [
        machine::findings,
        kernel::findings,
        devfs::findings,
        bridge::findings,
        uplink::findings,
        addresses::findings,
        epairs::findings,
        macs::findings,
        jails::findings,
        clock::findings,
    ];
    subjects.into_iter().flat_map(|findings| findings(situation)).collect()
}
