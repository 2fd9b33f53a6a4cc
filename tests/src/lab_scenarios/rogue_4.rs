//! A rogue station takes the IPv4 address of a jail that runs: its kernel complains, the address is declined and replaced, and the jail
//! is back in service.
//!
//! IPv4 has no detection of duplicates. What the rogue says on the wire is heard in the jail, and the agent reads its host's messages.

use std::path::Path;

use super::jail::{ends, pings};
use super::judgement::Judgement;
use super::site::{Site, seen_in};
use super::{Outcome, until_done, yes_or_no};
use crate::until::until;

const RELEASE: &str = "14.1";
/// The first address that the network has, which the rogue takes after the jail got it.
const TAKEN: &str = "192.168.0.1";
/// The next that is free: the jail that asks has the second.
const REPLACEMENT: &str = "192.168.0.3";
/// An address that nobody has, for which the rogue asks the wire.
const NOBODY: &str = "192.168.0.77";

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    until_done(rogue(program))?
}

async fn rogue(program: &Path) -> Result<Outcome, String> {
    let site = Site::new(program, RELEASE, 2).await?;
    site.allocate(0, "web");
    site.allocate(1, "db");
    site.pass(0);
    site.pass(1);
    let was_reached = has(&site, TAKEN) && pings(site.host(1), "db", TAKEN);

    let rogue = site.wire_mac();
    site.on_wire(&format!("ip address add {TAKEN}/32 dev wire"));
    site.on_wire(&format!("ip route add {NOBODY} dev wire src {TAKEN}"));
    let complaint = format!("arp: {rogue} is using my IP address {TAKEN} on ");
    until("the kernel of the jail complains", async || {
        site.on_wire(&format!("bash -c echo>/dev/udp/{NOBODY}/9"));
        site.host(0).done("/sbin/dmesg").contains(&complaint).then_some(())
    })
    .await;
    // The first declines it, the second puts the replacement in place, and for the third there is nothing left to decline: the kernel
    // has not forgotten what it said.
    for _ in 0..3 {
        site.pass(0);
    }
    let declines = site.ctl("declines");
    let is_declined_once = declines.matches("h0/web").count() == 1 && declines.contains(&rogue);
    let is_replaced = has(&site, REPLACEMENT) && !has(&site, TAKEN);
    let is_bound = site.ctl("leases get h0/web").contains("bound");
    let is_back = is_bound && pings(site.host(1), "db", REPLACEMENT);
    let stations = [ends(site.host(0), "web"), ends(site.host(1), "db")].concat();
    let judgement = Judgement::of(&stations);
    Ok(Outcome {
        echoes: 2,
        is_as_it_must_be: was_reached && is_declined_once && is_replaced && is_back && judgement.is_clean(),
        verdict: format!(
            "{judgement}, in service before: {}, declined once: {}, replaced: {}, back in service: {}",
            yes_or_no(was_reached),
            yes_or_no(is_declined_once),
            yes_or_no(is_replaced),
            yes_or_no(is_back)
        ),
        ..Outcome::of(2, 2, stations)
    })
}

/// True if the jail has an IPv4 address.
fn has(site: &Site, address: &str) -> bool {
    seen_in(site.host(0), "web").iter().any(|line| line.starts_with(&format!("inet {address} ")))
}
