//! A jail is moved between hosts while another one pings it all the time: it keeps MAC and addresses, and is never on both.
//!
//! The agents run, and hear from the cluster what they have to do. That the jail is on one host at a time is told by the kernel,
//! whose word on all hosts' interfaces comes in one row; by the wire, which notes from where every frame comes; and by the pings: no
//! request is answered twice.

mod frames;
mod links;
mod monitor;

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use frames::Frames;
use links::{Links, is_handed_over};

use super::jail::ends;
use super::judgement::Judgement;
use super::site::{Site, seen_in};
use super::station::Station;
use super::{Outcome, until_done, yes_or_no};
use crate::lab::{Answers, Pinging};
use crate::until::until;

const RELEASE: &str = "14.1";
/// The jail's hosts before and after, and that of who pings it.
const FROM: usize = 0;
const TO: usize = 1;
const OTHER: usize = 2;
const HOSTS: usize = 3;
/// What the jail is leased: the network's first address.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 0, 1);
/// Answers that are waited for before the move, and after it.
const ANSWERS: usize = 25;

/// What was seen of the move.
struct Moved {
    answers: Answers,
    /// By the kernel's word on interfaces.
    is_one_at_a_time: bool,
    /// By the frames on the wire.
    are_frames_apart: bool,
    is_same: bool,
    stations: Vec<Station>,
}

pub(super) fn play(program: &Path) -> Result<Outcome, String> {
    let moved = until_done(async {
        let site = Site::new(program, RELEASE, HOSTS).await?;
        watch_move(&site).await
    })??;
    let Moved { answers, is_one_at_a_time, are_frames_apart, is_same, stations } = moved;
    let is_lost = |number: &u16| answers[number] == 0;
    let lost: Vec<u16> = answers.keys().copied().filter(is_lost).collect();
    let twice = answers.values().filter(|times| **times > 1).count();
    let last_lost = lost.last().copied().unwrap_or_default();
    let before = answers.keys().take_while(|number| !is_lost(number)).count();
    let after = answers.keys().find(|number| **number > last_lost);
    let judgement = Judgement::of(&stations);
    let is_whole = before >= ANSWERS && !lost.is_empty() && after.is_some() && twice == 0;
    Ok(Outcome {
        echoes: answers.len(),
        is_as_it_must_be: is_whole && is_one_at_a_time && are_frames_apart && is_same && judgement.is_clean(),
        verdict: format!(
            "{judgement}, {} echoes lost, answered again from number {}, {twice} answered twice, old end gone before the \
             new: {}, its last frame before the first of the new: {}, same MAC and addresses: {}",
            lost.len(),
            after.copied().unwrap_or_default(),
            yes_or_no(is_one_at_a_time),
            yes_or_no(are_frames_apart),
            yes_or_no(is_same)
        ),
        ..Outcome::of(HOSTS, 2, stations)
    })
}

async fn watch_move(site: &Site) -> Result<Moved, String> {
    site.allocate(FROM, "web");
    site.allocate(OTHER, "db");
    site.host(TO).make_root("/usr/jails/web");
    // From before the jail's first frame.
    let frames = Frames::listen(site).await;
    let agents = [FROM, TO, OTHER].map(|at| {
        // Should one not be told, it looks by itself.
        site.configure(at, "interval_seconds = 5\n");
        (at, site.run(at))
    });
    serves(site, FROM, "web").await;
    serves(site, OTHER, "db").await;
    let had = seen_in(site.host(FROM), "web");
    let macs: Vec<String> = ends(site.host(FROM), "web").iter().map(|end| end.mac.to_string()).collect();
    let links = Links::listen(site).await;
    let (from, to) = (links.namespace(FROM), links.namespace(TO));

    let pinging = Pinging::start(site.host(OTHER), "db", IpAddr::V4(ADDRESS));
    let answered = |answers: &Answers| answers.values().filter(|times| **times > 0).count();
    until("it answers", async || (answered(&pinging.answers()) >= ANSWERS).then_some(())).await;
    site.ctl("leases move h0/web --to h1");
    until("it is on the other host", async || (seen_in(site.host(TO), "web") == had).then_some(())).await;
    let so_far = answered(&pinging.answers());
    until("it answers there", async || (answered(&pinging.answers()) >= so_far + ANSWERS).then_some(()))
        .await;
    let answers = pinging.stop()?;

    let is_one_at_a_time = is_handed_over(&links.told().await, &macs, from, to);
    until("its services run there", async || site.ctl("leases get h1/web").contains("bound").then_some(()))
        .await;
    let are_frames_apart = frames.are_handed_over(&macs, FROM, TO).await;
    let stations = [ends(site.host(TO), "web"), ends(site.host(OTHER), "db")].concat();
    let is_same = seen_in(site.host(TO), "web") == had && had.len() == 3;
    for (at, agent) in agents {
        site.stop(at, agent).await;
    }
    Ok(Moved { answers, is_one_at_a_time, are_frames_apart, is_same, stations })
}

/// Waits until a service has been started in a jail, which is when its start is over.
async fn serves(site: &Site, at: usize, jail: &str) {
    until("a service runs", async || {
        let seen = site.host(at).run(&format!("/bin/cat /usr/jails/{jail}/etc/network.seen"));
        seen.status.success().then_some(())
    })
    .await;
}
