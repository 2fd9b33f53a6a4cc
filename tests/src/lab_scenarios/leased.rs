//! With leases: the same hosts and jails from rendered files, and every jail has an answer from every other.
//!
//! Jails ask in rounds, each of two groups: all of the one ask all of the other, and the other way round. Where everybody is they
//! forget after it, for the kernel has no room for what all jails would know at once.

use std::io;
use std::net::IpAddr;
use std::path::Path;

use super::Outcome;
use super::jail::{addresses, install};
use super::judgement::Judgement;
use super::station::{Station, stations};
use crate::lab::{Asked, Asker, LabHost, Scene};

const RELEASE: &str = "10.1";
const HOSTS: u8 = 5;
const JAILS_PER_HOST: u8 = 20;
/// Jails of a group.
const GROUP: usize = 10;

/// A jail of the scenario, with the number of its lease.
struct Leased<'a> {
    host: &'a LabHost,
    name: String,
    number: u8,
}

/// A jail that asks, and is asked at its addresses.
struct Partner {
    asker: Asker,
    addresses: [IpAddr; 2],
}

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let scene = Scene::with_bridges(program, RELEASE, HOSTS.into())?;
    let jails = leased(&scene);
    each(&jails, Leased::start);
    let partners: Vec<Partner> = each(&jails, Leased::partner)
        .into_iter()
        .collect::<io::Result<_>>()
        .map_err(|error| format!("a jail cannot ask: {error}"))?;
    let asked = ask_all(&partners).map_err(|error| format!("the jails cannot go on asking: {error}"))?;
    let hosts = scene.hosts().iter().flat_map(|host| stations(host, None));
    let stations: Vec<Station> =
        hosts.chain(jails.iter().flat_map(|jail| stations(jail.host, Some(&jail.name)))).collect();
    let judgement = Judgement::of(&stations);
    let questions = 2 * jails.len() * (jails.len() - 1);
    let are_all_there = stations.len() == 2 * jails.len();
    Ok(Outcome {
        echoes: asked.requests,
        is_as_it_must_be: are_all_there && judgement.is_clean() && asked.lost == 0,
        verdict: format!(
            "{judgement}, every jail asked every other over IPv4 and IPv6: {} of {questions} had no answer, {} requests \
             were sent again",
            asked.lost,
            asked.requests - questions
        ),
        ..Outcome::of(HOSTS.into(), jails.len(), stations)
    })
}

fn leased(scene: &Scene) -> Vec<Leased<'_>> {
    let all = (0..HOSTS).flat_map(|host| (0..JAILS_PER_HOST).map(move |at| (host, at)));
    let jail = |(host, at): (u8, u8)| Leased {
        host: scene.host(host.into()),
        name: format!("web{at:02}"),
        number: host * JAILS_PER_HOST + at + 1,
    };
    all.map(jail).collect()
}

/// Does something for all jails at a time.
fn each<'a, T: Send>(jails: &[Leased<'a>], what: fn(&Leased<'a>) -> T) -> Vec<T> {
    std::thread::scope(|scope| {
        let begun: Vec<_> = jails.iter().map(|jail| scope.spawn(move || what(jail))).collect();
        begun.into_iter().map(|thread| thread.join().expect("it said what failed")).collect()
    })
}

impl Leased<'_> {
    fn start(&self) {
        let file = install(self.host, &self.name, self.number, RELEASE);
        self.host.done(&format!("/usr/sbin/jail -f {file} -c {}", self.name));
    }

    fn partner(&self) -> io::Result<Partner> {
        let asker = Asker::new(&self.host.network_of(&self.name))?;
        let addresses = addresses(self.number).map(|text| text.parse().expect("it is an address"));
        Ok(Partner { asker, addresses })
    }
}

/// Everybody asks everybody else.
fn ask_all(partners: &[Partner]) -> io::Result<Asked> {
    let groups: Vec<&[Partner]> = partners.chunks(GROUP).collect();
    let mut all = Asked::default();
    for (at, group) in groups.iter().enumerate() {
        for (who, partner) in group.iter().enumerate() {
            all += partner.ask(group[..who].iter().chain(&group[who + 1..]))?;
        }
        forget(group)?;
        for other in &groups[at + 1..] {
            for (some, others) in [(group, other), (other, group)] {
                for partner in *some {
                    all += partner.ask(*others)?;
                }
            }
            forget(group)?;
            forget(other)?;
        }
    }
    Ok(all)
}

fn forget(group: &[Partner]) -> io::Result<()> {
    group.iter().try_for_each(|partner| partner.asker.forget())
}

impl Partner {
    fn ask<'a>(&self, others: impl IntoIterator<Item = &'a Self>) -> io::Result<Asked> {
        let addresses: Vec<IpAddr> = others.into_iter().flat_map(|other| other.addresses).collect();
        self.asker.ask(&addresses)
    }
}
