//! With leases: the same hosts and jails from rendered files, each jail asking others for an answer.

use std::path::Path;

use super::Outcome;
use super::jail::{addresses, install};
use super::judgement::Judgement;
use super::station::{Station, stations};
use crate::lab::{LabHost, Scene};

const RELEASE: &str = "10.1";
const HOSTS: u8 = 5;
const JAILS_PER_HOST: u8 = 20;

/// A jail of the scenario, with the number of its lease.
struct Leased<'a> {
    host: &'a LabHost,
    name: String,
    number: u8,
    /// The leases whose addresses it asks: one jail of every host, its own host among them.
    targets: Vec<u8>,
}

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let scene = Scene::with_bridges(program, RELEASE, HOSTS.into())?;
    let jails = leased(&scene);
    each(&jails, Leased::start);
    let lost: usize = each(&jails, Leased::ask).into_iter().sum();
    let hosts = scene.hosts().iter().flat_map(|host| stations(host, None));
    let stations: Vec<Station> =
        hosts.chain(jails.iter().flat_map(|jail| stations(jail.host, Some(&jail.name)))).collect();
    let judgement = Judgement::of(&stations);
    let echoes = jails.iter().map(|jail| 2 * jail.targets.len()).sum();
    let are_all_there = stations.len() == 2 * jails.len();
    Ok(Outcome {
        echoes,
        is_as_it_must_be: are_all_there && judgement.is_clean() && lost == 0,
        verdict: format!("{judgement}, {lost} echoes lost (a sample: each jail asks one of every host)"),
        ..Outcome::of(HOSTS.into(), jails.len(), stations)
    })
}

fn leased(scene: &Scene) -> Vec<Leased<'_>> {
    let number = |host: u8, at: u8| host * JAILS_PER_HOST + at % JAILS_PER_HOST + 1;
    let all = (0..HOSTS).flat_map(|host| (0..JAILS_PER_HOST).map(move |at| (host, at)));
    let jail = |(host, at): (u8, u8)| Leased {
        host: scene.host(host.into()),
        name: format!("web{at:02}"),
        number: number(host, at),
        // Another one on every host, so that all are asked by as many.
        targets: (0..HOSTS).map(|other| number(other, at + 1 + host)).collect(),
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

    /// Asks all targets over IPv4 and IPv6; how many did not answer.
    fn ask(&self) -> usize {
        let script = "for address; do /sbin/ping -c1 -t1 $address > /dev/null || echo lost; done";
        let addresses = self.targets.iter().flat_map(|number| addresses(*number));
        let mut command = self.host.command("/usr/sbin/jexec");
        command.args([&self.name, "/bin/sh", "-c", script, "sh"]).args(addresses);
        let output = command.output().expect("start nsenter(1)");
        assert!(output.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).lines().count()
    }
}
