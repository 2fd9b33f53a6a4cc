//! A rogue station on the wire has the address that a jail is leased: it is declined, replaced, and the jail is back in service.

use std::path::Path;

use super::jail::{ends, pings};
use super::judgement::Judgement;
use super::site::{Site, seen_in};
use super::{Outcome, until_done, yes_or_no};

const RELEASE: &str = "14.1";
/// Passes of the agent: the first starts the jail, the second sees that the detection of duplicates has failed and declines, the
/// third puts the replacement in place.
const PASSES: usize = 3;
/// The first address that the network has, which the rogue takes before the jail gets it.
const TAKEN: &str = "fd00::1";
const REPLACEMENT: &str = "fd00::2";

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let site = until_done(Site::new(program, RELEASE, 2))??;
    site.on_wire(&format!("ip address add {TAKEN}/64 dev wire nodad"));
    site.allocate(0, "web");
    for _ in 0..PASSES {
        site.pass(0);
    }
    // Who asks it comes later, and with the address after.
    site.allocate(1, "db");
    site.pass(1);
    let declines = site.ctl("declines");
    let is_declined = declines.contains(TAKEN) && declines.contains("h0/web");
    let has = seen_in(site.host(0), "web");
    let has_address = |address: &str| has.iter().any(|line| line.starts_with(&format!("inet6 {address} ")));
    let is_replaced = has_address(REPLACEMENT) && !has_address(TAKEN);
    let is_bound = site.ctl("leases get h0/web").contains("bound");
    let is_back = is_bound && pings(site.host(1), "db", REPLACEMENT);
    let stations = [ends(site.host(0), "web"), ends(site.host(1), "db")].concat();
    let judgement = Judgement::of(&stations);
    Ok(Outcome {
        echoes: 1,
        is_as_it_must_be: is_declined && is_replaced && is_back && judgement.is_clean(),
        verdict: format!(
            "{judgement}, declined: {}, replaced: {}, back in service: {}",
            yes_or_no(is_declined),
            yes_or_no(is_replaced),
            yes_or_no(is_back)
        ),
        ..Outcome::of(2, 2, stations)
    })
}
