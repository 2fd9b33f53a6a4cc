//! Without leases by FreeBSD 15's rule: every MAC is a hash of the host's UUID and the interface's name, in 16 bits.
//!
//! On most five hosts with twenty jails each no two jails meet, so hosts are looked for on which some do: by the rule itself, as
//! the kernel would compute it. Once the hosts have such UUIDs it happens at every boot.

use std::path::Path;

use allocd_types::mac::Mac;
use freebsd_host::fake::{EpairRule, Identity, Release, StockMacs};

use super::Outcome;
use super::stock::{HOSTS, JAILS_PER_HOST, Stock};
use crate::lab::Boot;

const RELEASE: &str = "15.0";
/// The numbers of the machines among which hosts are looked for.
const MACHINES: std::ops::Range<usize> = 0..1000;

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let boots = boots().ok_or("by FreeBSD 15's rule no two jails meet")?;
    let computed = shared(&boots.iter().flat_map(ends).flatten().collect::<Vec<_>>());
    let stock = Stock::start(program, boots)?;
    let is_as_it_must_be = stock.shared == computed && stock.switched_off > 0;
    let verdict = format!("{stock}; by the rule {computed} ends share one");
    Ok(stock.outcome(is_as_it_must_be, verdict))
}

/// The first machines in a row of which two give jails the same MAC.
fn boots() -> Option<Vec<Boot>> {
    let all: Vec<Boot> = MACHINES.map(machine).collect();
    all.chunks(HOSTS).find(|boots| do_jails_meet(boots)).map(|boots| {
        boots.iter().enumerate().map(|(at, boot)| Boot { name: format!("h{at}"), ..boot.clone() }).collect()
    })
}

fn machine(number: usize) -> Boot {
    Boot::nth(RELEASE, number)
}

fn do_jails_meet(boots: &[Boot]) -> bool {
    let inner: Vec<Mac> = boots.iter().flat_map(ends).map(|[_, inner]| inner).collect();
    shared(&inner) > 0
}

/// The MACs of both ends of a host's cables.
fn ends(boot: &Boot) -> Vec<[Mac; 2]> {
    let release: Release = RELEASE.parse().expect("it is a release");
    let mut macs = StockMacs::new(Identity::new(&boot.hostuuid, release));
    // They are created on the host, and no index counts.
    (1..).take(JAILS_PER_HOST).map(|unit| macs.epair(EpairRule::of(release), [0, 0], unit, "0")).collect()
}

/// How many of them another one equals.
fn shared(macs: &[Mac]) -> usize {
    macs.iter().filter(|mac| macs.iter().filter(|other| other == mac).count() > 1).count()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use freebsd_host::fake::{Digest, GeneratedRule};

    use super::*;

    #[test]
    fn the_hosts_that_are_found_give_two_jails_one_mac() {
        let boots = boots().unwrap();
        assert_eq!(boots.len(), HOSTS);
        // Computed once more, from the digest itself and host by host: one host alone has no duplicate among its jails.
        let inner = |boot: &Boot| -> BTreeSet<Mac> {
            let mac = |unit: usize| {
                let digest = Digest::of(&format!("{}-epair{unit}b-0", boot.hostuuid));
                digest.address(GeneratedRule::TwoBytes)
            };
            (1..=JAILS_PER_HOST).map(mac).collect()
        };
        let hosts: Vec<BTreeSet<Mac>> = boots.iter().map(inner).collect();
        assert!(hosts.iter().all(|macs| macs.len() == JAILS_PER_HOST));
        let all: BTreeSet<Mac> = hosts.iter().flatten().copied().collect();
        assert!(all.len() < HOSTS * JAILS_PER_HOST, "jails of two hosts share one");
    }
}
