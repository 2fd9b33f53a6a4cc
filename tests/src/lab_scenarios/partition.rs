//! A host is cut off whose jail has a lease that ends by itself, and its agent is gone: its watchdog takes the interface down before
//! anybody else may get the values. When it is back, what is left goes, and the jail comes again.

use std::path::Path;
use std::time::Duration;

use super::jail::{ends, pings};
use super::judgement::Judgement;
use super::site::{Site, seen_in};
use super::{Outcome, until_done, yes_or_no};
use crate::until::until;

const RELEASE: &str = "14.1";
/// Long enough for a slow machine to start a jail in.
const LIFETIME: &str = "25s";
/// The first addresses that the network has.
const ADDRESSES: [&str; 2] = ["192.168.0.1", "fd00::1"];

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    until_done(partition(program))?
}

async fn partition(program: &Path) -> Result<Outcome, String> {
    let site = Site::new(program, RELEASE, 2).await?;
    let allocate = format!("leases allocate h0/web --network lan --ttl {LIFETIME}");
    site.ctl(&allocate);
    site.host(0).make_root("/usr/jails/web");
    site.allocate(1, "db");
    site.pass(1);
    site.pass(0);
    let waits_for_watchdog = site.host(0).done("/usr/sbin/jls -n name").is_empty();
    let _watchdog = site.watch(0).await;
    site.pass(0);
    let is_reached = |of: &Site| ADDRESSES.iter().all(|address| pings(of.host(1), "db", address));
    let is_in_service = is_reached(&site);
    let has_file = site.host(0).run("/bin/ls /etc/jail.conf.d/web.conf").status.success();

    // Each pass is an agent that starts and ends, so that from here on there is none.
    let before = remaining(&site);
    site.pass(0);
    let is_renewed = remaining(&site) > before;
    let first = [ends(site.host(0), "web"), ends(site.host(1), "db")].concat();
    site.on_wire("ip link set port0 down");
    until("the interface is down", async || is_down(&site).then_some(())).await;
    // Whether the lease is over by now or not, nobody else gets what it had.
    let thief = format!("leases allocate h1/thief --network lan --address {}", ADDRESSES[0]);
    let is_kept = site.refused(&thief);
    let is_still_held = site.refused("leases get h0/web").is_none();
    until("the lease has ended", async || site.refused("leases get h0/web")).await;
    let rests = site.refused(&thief);

    site.on_wire("ip link set port0 up");
    site.pass(0);
    let is_taken_down = site.host(0).done("/usr/sbin/jls -n name").is_empty()
        && site.host(0).done("/sbin/ifconfig -l") == "em0 lo0 bridge0\n";
    site.ctl(&allocate);
    site.pass(0);
    let is_back = is_reached(&site) && !seen_in(site.host(0), "web").is_empty();
    let judgement = Judgement::of(&first);
    let all = [
        ("used without a watchdog", !waits_for_watchdog, false),
        ("in service", is_in_service, true),
        ("in a file", has_file, false),
        ("renewed", is_renewed, true),
        ("down before it ended", is_still_held, true),
        ("given to others", is_kept.is_none() || rests.is_none(), false),
        ("taken down after", is_taken_down, true),
        ("back", is_back, true),
    ];
    let said = all.iter().map(|(what, is_so, _)| format!(", {what}: {}", yes_or_no(*is_so)));
    Ok(Outcome {
        echoes: 4 * ADDRESSES.len(),
        is_as_it_must_be: judgement.is_clean() && all.iter().all(|(_, is_so, must_be)| is_so == must_be),
        verdict: format!("{judgement}{}", said.collect::<String>()),
        ..Outcome::of(2, 2, first)
    })
}

/// How long the lease lasts, as the cluster says.
fn remaining(site: &Site) -> Duration {
    let told = site.ctl("leases get h0/web -o json");
    let told: serde_json::Value = serde_json::from_str(&told).expect("it is JSON");
    let lease = told.get("lease").unwrap_or(&told);
    Duration::from_millis(lease["remaining_ms"].as_u64().expect("it ends by itself"))
}

/// True if no cable of the host is up.
fn is_down(site: &Site) -> bool {
    let listed = site.host(0).done("/sbin/ifconfig -a");
    let cables = listed.lines().filter(|line| line.starts_with("epair"));
    cables.clone().count() > 0 && cables.clone().all(|line| !line.contains("UP,"))
}
