//! A host is switched off and on: its kernel has forgotten everything, and the files that are there bring its jails back.

use std::path::Path;

use allocd_types::mac::Mac;

use super::jail::{addresses, ends, install, pings};
use super::judgement::Judgement;
use super::station::Station;
use super::{Outcome, yes_or_no};
use crate::lab::Scene;

const RELEASE: &str = "14.1";
const JAILS: [(&str, u8); 2] = [("web00", 10), ("web01", 11)];

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let mut scene = Scene::with_bridges(program, RELEASE, JAILS.len())?;
    for (at, (jail, number)) in JAILS.into_iter().enumerate() {
        let host = scene.host(at);
        let file = install(host, jail, number, RELEASE);
        host.done(&format!("/usr/sbin/jail -f {file} -c {jail}"));
    }
    let [(steady, _), (jail, number)] = JAILS;
    let before = macs(&ends(scene.host(1), jail));
    scene.reboot(1)?;
    let is_forgotten = scene.host(1).done("/usr/sbin/jls -n name").is_empty();
    let is_away = !addresses(number).iter().any(|address| pings(scene.host(0), steady, address));
    scene.host(1).start_bridge();
    scene.host(1).done(&format!("/usr/sbin/service jail onestart {jail}"));
    let is_back = addresses(number).iter().all(|address| pings(scene.host(0), steady, address));
    let back = ends(scene.host(1), jail);
    let is_same = macs(&back) == before;
    let stations = [ends(scene.host(0), steady), back].concat();
    let judgement = Judgement::of(&stations);
    Ok(Outcome {
        echoes: 2 * addresses(number).len(),
        is_as_it_must_be: is_forgotten && is_away && is_back && is_same && judgement.is_clean(),
        verdict: format!(
            "{judgement}, gone: {}, back by its file: {}, same MACs: {}",
            yes_or_no(is_forgotten && is_away),
            yes_or_no(is_back),
            yes_or_no(is_same)
        ),
        ..Outcome::of(JAILS.len(), JAILS.len(), stations)
    })
}

fn macs(ends: &[Station]) -> Vec<Mac> {
    ends.iter().map(|end| end.mac).collect()
}
