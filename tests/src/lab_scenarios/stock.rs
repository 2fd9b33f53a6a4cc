//! Without leases: the kernels' own MACs, which are the same on every host of a build by FreeBSD 10's rule.
//!
//! Jails are counted that are left without IPv6, not addresses that are taken: those that were noticed early are gone by the end.

use std::fmt;
use std::path::Path;

use super::judgement::Judgement;
use super::station::{Station, stations};
use super::{Outcome, until_done};
use crate::lab::{Boot, LabHost, Scene};
use crate::until::until;

const RELEASE: &str = "10.1";
pub(super) const HOSTS: usize = 5;
pub(super) const JAILS_PER_HOST: usize = 20;

/// What has come of hosts whose epairs keep the MACs that they are created with.
pub(super) struct Stock {
    /// Ends whose MAC another end has too.
    pub(super) shared: usize,
    /// Jails that lost IPv6.
    pub(super) switched_off: usize,
    pub(super) stations: Vec<Station>,
}

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let stock = Stock::start(program, (0..HOSTS).map(|at| Boot::nth(RELEASE, at)))?;
    let is_as_it_must_be = stock.shared > 0 && stock.switched_off > 0;
    let verdict = stock.to_string();
    Ok(stock.outcome(is_as_it_must_be, verdict))
}

impl Stock {
    /// Boots hosts, and starts jails on them that have no leases.
    pub(super) fn start(program: &Path, boots: impl IntoIterator<Item = Boot>) -> Result<Self, String> {
        let scene = Scene::of(program, boots)?;
        // Who comes first has the address; who comes later finds it taken.
        let (first, later) = scene.hosts().split_at(1);
        for hosts in [first, later] {
            std::thread::scope(|scope| {
                for host in hosts {
                    scope.spawn(|| start(host));
                }
            });
            until_done(settled(hosts))?;
        }
        let stations: Vec<Station> = scene.hosts().iter().flat_map(all_stations).collect();
        let shared = Judgement::of(&stations).shared_macs;
        let switched_off = scene.hosts().iter().map(switched_off).sum();
        Ok(Self { shared, switched_off, stations })
    }

    pub(super) fn outcome(self, is_as_it_must_be: bool, verdict: String) -> Outcome {
        Outcome { is_as_it_must_be, verdict, ..Outcome::of(HOSTS, HOSTS * JAILS_PER_HOST, self.stations) }
    }
}

impl fmt::Display for Stock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shared, switched_off, stations: _ } = self;
        write!(f, "{shared} ends share a MAC, {switched_off} jails lost IPv6 to its detection")
    }
}

fn names() -> impl Iterator<Item = (usize, String)> {
    (1..=JAILS_PER_HOST).map(|number| (number, format!("test{number:02}")))
}

/// Jails whose epairs are up with their stock MACs before anything else.
fn start(host: &LabHost) {
    for (unit, jail) in names() {
        host.make_root(&format!("/usr/jails/{jail}"));
        host.done(&format!("/usr/sbin/jail -q -c name={jail} path=/usr/jails/{jail} vnet persist"));
        host.done(&format!("/sbin/ifconfig epair{unit} create up"));
        host.done(&format!("/sbin/ifconfig bridge0 addm epair{unit}a"));
        host.done(&format!("/sbin/ifconfig epair{unit}b vnet {jail}"));
        host.done(&format!("/usr/sbin/jexec {jail} /sbin/ifconfig epair{unit}b up"));
    }
}

fn all_stations(host: &LabHost) -> Vec<Station> {
    let jails = names().flat_map(|(_, jail)| stations(host, Some(&jail)));
    jails.chain(stations(host, None)).collect()
}

/// Waits until the kernel has looked for duplicates of all addresses.
async fn settled(hosts: &[LabHost]) {
    for host in hosts {
        until("duplicates have been looked for", async || {
            all_stations(host).iter().all(Station::is_settled).then_some(())
        })
        .await;
    }
}

/// How many jails FreeBSD leaves without IPv6 after what was found.
fn switched_off(host: &LabHost) -> usize {
    let is_off = |(unit, jail): &(usize, String)| {
        host.done(&format!("/usr/sbin/jexec {jail} /sbin/ifconfig epair{unit}b")).contains("IFDISABLED")
    };
    names().filter(is_off).count()
}
