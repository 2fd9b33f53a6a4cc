//! A log that is written to all the time takes no more room than its limits say.
//!
//! The same few requests are repeated by their ids: each is an entry of the log, and none makes the state or its memory grow. So
//! whatever grows is the log, and what the store makes of it.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use allocd_client::client::Client;
use allocd_tests::until::{until, within};
use allocd_types::effect::Effect;
use allocd_types::id::RequestId;
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
use crate::wishes::{furnish, jail};

/// Entries after which a snapshot is taken.
const ENTRIES: u64 = 500;
/// Entries that are kept behind a snapshot.
const ENTRIES_KEPT: u64 = 100;
/// Megabytes of entries after which a snapshot is taken.
const MEGABYTES: u64 = 1;
/// How many entries are written.
const ENTRIES_WRITTEN: u64 = 20_000;
/// After how many the disk is looked at.
const ENTRIES_A_LOOK: u64 = 1_000;
/// Who writes them.
const CLIENTS: usize = 8;
/// Labels of each request, and the bytes of each: so many that two requests do not fit into one entry.
const LABELS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
const LABEL_BYTES: usize = 180;
/// What the disk may take for each megabyte of the log that has to be there: the log is written in a form of the store's own,
/// and what is not needed any more is given back in portions.
const DISK_MEGABYTES_PER_MEGABYTE: u64 = 16;

/// A client that repeats one request until it is told to end.
fn repeating(client: &Client, number: usize) -> JoinHandle<()> {
    let id = RequestId::new(&format!("again-and-again-{number}")).expect("a request id");
    let client = client.repeating(id);
    let mut wish = jail(&format!("c{number}"));
    for label in LABELS {
        wish.labels = wish.labels.with(label, &"x".repeat(LABEL_BYTES));
    }
    tokio::spawn(async move {
        loop {
            client.allocate_lease(wish.clone(), Effect::Commit).await.expect("an answer");
        }
    })
}

/// What the files in a directory take on the disk.
fn taken(directory: &Path) -> u64 {
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => taken(&entry.path()),
        Ok(found) => found.blocks() * 512,
        // It was removed meanwhile.
        Err(_) => 0,
    };
    fs::read_dir(directory).expect("list a directory").filter_map(Result::ok).map(size).sum()
}

/// The last entry that the member has applied.
async fn applied(client: &Client) -> Option<u64> {
    let status = client.cluster_status().await.ok()?.value;
    Some(status.members.first()?.answer.as_ref().ok()?.applied_index)
}

#[tokio::test]
async fn a_log_that_is_written_to_all_the_time_takes_no_more_room() {
    let limits = format!(
        "[snapshots]\nentries = {ENTRIES}\nmegabytes = {MEGABYTES}\nentries_kept = {ENTRIES_KEPT}\n[log]\nfilter = \"warn\"\n"
    );
    let mut cluster = Cluster::start_with("blue", 1, &limits);
    let client = cluster.client();
    furnish(&client).await;
    let clients: Vec<_> = (0..CLIENTS).map(|number| repeating(&client, number)).collect();
    let mut sizes = Vec::new();
    for look in 1..=ENTRIES_WRITTEN / ENTRIES_A_LOOK {
        let goal = look * ENTRIES_A_LOOK;
        let is_there = async || applied(&client).await.is_some_and(|applied| applied >= goal).then_some(());
        until(&format!("{goal} entries are applied"), is_there).await;
        assert!(!clients.iter().any(JoinHandle::is_finished), "a client ended before its time");
        sizes.push(taken(&cluster.data(0)));
    }
    clients.iter().for_each(JoinHandle::abort);
    println!("{sizes:?}");
    let bound = DISK_MEGABYTES_PER_MEGABYTE * MEGABYTES * 1024 * 1024;
    assert!(sizes.iter().all(|size| *size <= bound), "more than {bound} bytes: {sizes:?}");
    // What is there is what a member starts from.
    let digest = cluster.equal_digests().await;
    cluster.kill([0]);
    cluster.start_one(0);
    assert_eq!(within("it starts again", cluster.equal_digests()).await, digest);
    assert!(taken(&cluster.data(0)) <= bound, "a start writes no more");
}
