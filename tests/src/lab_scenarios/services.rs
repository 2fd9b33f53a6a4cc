//! A service of a jail looks at the network as soon as rc(8) starts it: everything has to be there, or it would fail to start.

use std::path::Path;

use super::jail::ends;
use super::judgement::Judgement;
use super::site::{GATEWAYS, Site, seen_in};
use super::station::Station;
use super::{Outcome, until_done};
use crate::lab::LabHost;

const RELEASE: &str = "14.1";
const JAIL: &str = "web";
/// The ways to start a jail, a host for each: what it is called, and what the agent is told.
const WAYS: [(&str, &str); 2] = [("by file", ""), ("direct", "[jails]\ntarget = \"direct\"\n")];
/// What stands for a service: it writes down what there is, and whether the gateway answers.
const SERVICE: &str = "{\n\
    /sbin/ifconfig -a\n\
    /sbin/route -n get -inet default\n\
    /sbin/route -n get -inet6 default\n\
    for gateway in GATEWAYS; do\n\
        /sbin/ping -c1 -t1 $gateway > /dev/null && echo \"answered by $gateway\"\n\
    done\n\
    } > /etc/service.seen 2>&1\n";

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let site = until_done(Site::new(program, RELEASE, WAYS.len()))??;
    let mut parts = Vec::new();
    let mut is_ready_everywhere = true;
    let mut stations: Vec<Station> = Vec::new();
    for (at, (way, configuration)) in WAYS.into_iter().enumerate() {
        let host = site.host(at);
        site.configure(at, configuration);
        site.allocate(at, JAIL);
        let service = SERVICE.replace("GATEWAYS", &GATEWAYS.join(" "));
        host.write(&format!("/usr/jails/{JAIL}/etc/rc.local"), &service);
        site.pass(at);
        let lacks = lacks(host);
        is_ready_everywhere &= lacks.is_empty();
        let lacks = if lacks.is_empty() { "nothing".to_owned() } else { lacks.join(", ") };
        parts.push(format!("{way} a service lacks {lacks}"));
        stations.extend(ends(host, JAIL));
    }
    let judgement = Judgement::of(&stations);
    Ok(Outcome {
        echoes: WAYS.len() * GATEWAYS.len(),
        is_as_it_must_be: is_ready_everywhere && judgement.is_clean(),
        verdict: format!("{judgement}, {}", parts.join(", ")),
        ..Outcome::of(WAYS.len(), WAYS.len(), stations)
    })
}

/// What the service did not find.
fn lacks(host: &LabHost) -> Vec<String> {
    let seen = host.read(&format!("/usr/jails/{JAIL}/etc/service.seen"));
    let has = seen_in(host, JAIL);
    let mut wanted: Vec<String> = has.clone();
    wanted.extend(GATEWAYS.map(|gateway| format!("gateway: {gateway}")));
    wanted.extend(GATEWAYS.map(|gateway| format!("answered by {gateway}")));
    let mut lacks: Vec<String> =
        wanted.into_iter().filter(|line| !seen.lines().any(|seen| seen.trim() == line)).collect();
    if has.len() < 3 {
        lacks.push("a MAC and two addresses".to_owned());
    }
    if seen.contains("tentative") {
        lacks.push("the end of the detection of duplicates".to_owned());
    }
    lacks
}
