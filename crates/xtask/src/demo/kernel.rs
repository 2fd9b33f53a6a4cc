//! What the kernel alone would do: the MAC addresses FreeBSD gives the epairs of a list of jails, and how many of them are
//! surplus copies of another's.
//!
//! Computed from the kernel's own rules, both ends of every pair counted:
//! * FreeBSD 15, `ether_gen_addr(9)` in sys/net/if_ethersubr.c: SHA-1 of `<hostuuid>-<ifname>-<jail>`, of which 16 bits are
//!   kept behind 58:9c:fc:10; both ends are made on the host, whose jail is `0`.
//! * FreeBSD 10 with the patch of 2014, sys/net/if_epair.c: 02, eight random bits, bytes nobody set, the interface's index,
//!   and 0a or 0b. Interfaces are counted up alike on every host.
//!
//! The hosts' uuids and the random bits are hashes of names, so that two runs tell the same.

use std::collections::{BTreeMap, BTreeSet};

use sha1::{Digest, Sha1};

/// The first interface index that an epair gets: after one card, lo0 and the bridge.
const FIRST_IF_INDEX: u32 = 4;

/// A jail's cable, as the kernel alone would name it.
pub(super) struct Cable {
    /// The jail server.
    pub(super) host: String,
    /// The epair's unit there.
    pub(super) unit: u32,
}

/// Surplus copies of MACs under FreeBSD 15's rule.
pub(super) fn surplus_freebsd15(cables: &[Cable]) -> usize {
    let macs =
        cables.iter().flat_map(|cable| ["a", "b"].map(|end| mac_freebsd15(&cable.host, cable.unit, end)));
    surplus(macs)
}

/// Surplus copies of MACs under FreeBSD 10's rule with the patch of 2014.
pub(super) fn surplus_patched10(cables: &[Cable]) -> usize {
    let mut next_index: BTreeMap<&str, u32> = BTreeMap::new();
    let mut macs = Vec::new();
    for cable in cables {
        let index = next_index.entry(&cable.host).or_insert(FIRST_IF_INDEX);
        for (end, last) in [("a", 0x0a), ("b", 0x0b)] {
            let [random, ..] = hash(&format!("patch {} epair{}{end}", cable.host, cable.unit));
            let [_, _, high, low] = index.to_be_bytes();
            macs.push([0x02, random, 0, high, low, last]);
            *index += 1;
        }
    }
    surplus(macs.into_iter())
}

fn mac_freebsd15(host: &str, unit: u32, end: &str) -> [u8; 6] {
    let [high, low, ..] = hash(&format!("{}-epair{unit}{end}-0", host_uuid(host)));
    [0x58, 0x9c, 0xfc, 0x10, high, low]
}

/// A uuid for a host that has only a name here.
fn host_uuid(host: &str) -> String {
    let hex: String = hash(&format!("hostuuid of {host}")).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
}

fn hash(text: &str) -> [u8; 20] {
    Sha1::digest(text.as_bytes()).into()
}

fn surplus(macs: impl Iterator<Item = [u8; 6]>) -> usize {
    let mut seen = BTreeSet::new();
    macs.filter(|mac| !seen.insert(*mac)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cables(hosts: u32, jails: u32) -> Vec<Cable> {
        let host = |at: u32| (1..=jails).map(move |unit| Cable { host: format!("h{at}.example"), unit });
        (0..hosts).flat_map(host).collect()
    }

    #[test]
    fn the_kernel_alone_makes_copies_on_a_network_of_a_few_hosts() {
        // 2,000 interfaces in 65,536 addresses: about thirty copies are expected of a good hash.
        let surplus = surplus_freebsd15(&cables(10, 100));
        assert!((10..70).contains(&surplus), "{surplus}");
        // Ten hosts that count alike share every index; eight random bits tell them apart badly.
        let surplus = surplus_patched10(&cables(10, 100));
        assert!((15..80).contains(&surplus), "{surplus}");
    }

    #[test]
    fn one_host_alone_is_told_apart_by_its_indices() {
        assert_eq!(surplus_patched10(&cables(1, 500)), 0);
    }

    #[test]
    fn a_host_uuid_has_the_form_of_one() {
        let lengths: Vec<usize> = host_uuid("h1").split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }
}
