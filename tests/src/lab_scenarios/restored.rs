//! The cluster is lost and begins anew with a backup, while jails run of which the backup knows nothing: the agents say what lives,
//! and no jail notices.

use std::path::Path;

use super::jail::pings;
use super::judgement::Judgement;
use super::site::{Site, seen_in};
use super::station::stations;
use super::{Outcome, until_done, yes_or_no};

const RELEASE: &str = "14.1";
/// The host and the name of each jail; the backup knows only the first.
const JAILS: [(usize, &str); 3] = [(0, "old"), (0, "new"), (1, "db")];

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let mut site = until_done(Site::new(program, RELEASE, 2))??;
    let backup = site.scene().directory().join("backup");
    site.allocate(0, "old");
    site.pass(0);
    site.ctl(&format!("cluster backup {}", backup.display()));
    site.allocate(0, "new");
    site.allocate(1, "db");
    [0, 1].iter().for_each(|host| drop(site.pass(*host)));
    let before = living(&site);

    until_done(site.begin_anew(&backup))?;
    let is_lost = site.refused("leases get h0/new").is_some();
    let waits = || {
        site.refused("leases allocate h0/other --network lan").is_some_and(|said| said.contains("recover"))
    };
    let is_held_up = waits();
    [0, 1].iter().for_each(|host| drop(site.pass(*host)));
    let is_known =
        JAILS.iter().all(|(host, jail)| site.ctl(&format!("leases get h{host}/{jail}")).contains("bound"));
    let recovery = site.ctl("cluster recovery -o json");
    let is_vouched_for = !recovery.contains("\"h0\"") && !recovery.contains("\"h1\"");
    let is_untouched = living(&site) == before;
    let asked = seen_in(site.host(0), "new");
    let addresses = asked.iter().filter_map(|line| line.strip_prefix("inet ")?.split([' ', '/']).next());
    let is_reached =
        addresses.clone().count() == 1 && addresses.into_iter().all(|to| pings(site.host(1), "db", to));
    let outer = [0, 1].into_iter().flat_map(|host| stations(site.host(host), None));
    let inner = JAILS.into_iter().flat_map(|(host, jail)| stations(site.host(host), Some(jail)));
    let stations: Vec<_> = outer.chain(inner).collect();
    let judgement = Judgement::of(&stations);
    let is_good =
        is_lost && is_held_up && waits() && is_known && is_vouched_for && is_untouched && is_reached;
    Ok(Outcome {
        echoes: 1,
        is_as_it_must_be: is_good && judgement.is_clean(),
        verdict: format!(
            "{judgement}, unknown to the backup: {}, known again: {}, hosts vouched for: {}, untouched: {}, reached: {}, nothing new meanwhile: {}",
            yes_or_no(is_lost),
            yes_or_no(is_known),
            yes_or_no(is_vouched_for),
            yes_or_no(is_untouched),
            yes_or_no(is_reached),
            yes_or_no(is_held_up),
        ),
        ..Outcome::of(2, JAILS.len(), stations)
    })
}

/// What the jails are like, each with the number that it got at its start.
fn living(site: &Site) -> Vec<String> {
    let numbers = [0, 1].map(|host| site.host(host).done("/usr/sbin/jls -n jid name"));
    let cables = JAILS.iter().flat_map(|(host, jail)| seen_in(site.host(*host), jail));
    numbers.into_iter().chain(cables).collect()
}
