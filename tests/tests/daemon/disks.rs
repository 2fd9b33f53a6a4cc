//! Disks that fail a member: full, read-only, cut short, rotten. The member stops or refuses with one line that says what to do, the
//! cluster goes on, and nothing acknowledged is lost.
//!
//! A small file system is a tmpfs that the test mounts and takes away again; without the right to, those tests say so and end.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use allocd_tests::skipped::skipped;
use allocd_tests::until::until;
use allocd_types::id::MemberId;

use crate::cluster::{Cluster, STEADY};
use crate::wishes::{all_leases, allocate_some, furnish};

/// Enough for a log that nobody fills, and for the next file of it.
const DISK_MEGABYTES: u32 = 16;

/// A tmpfs, for as long as this value lives.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts a tmpfs of some megabytes, or says why there is none.
    fn mount(at: &Path, megabytes: u32) -> Option<Self> {
        fs::create_dir_all(at).expect("make a directory");
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(at.to_owned())),
            Ok(output) => skip(&String::from_utf8_lossy(&output.stderr)),
            Err(error) => skip(&error.to_string()),
        }
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let status = Command::new("mount").args(["-o", &options]).arg(&self.0).status();
        assert!(status.expect("start mount").success(), "remount with {options}");
    }

    /// Fills it to the last byte.
    fn fill(&self) -> PathBuf {
        let filler = self.0.join("filler");
        let mut file = File::create(&filler).expect("make a file");
        let block = [0; 4_096];
        while file.write_all(&block).is_ok() {}
        filler
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that was just killed may still hold a file.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn skip(why: &str) -> Option<SmallDisk> {
    skipped("mount a tmpfs", why);
    None
}

#[tokio::test]
async fn a_leader_whose_disk_is_full_stops_with_a_line_and_the_others_go_on() {
    let mut cluster = Cluster::prepare("blue", 3, STEADY);
    let Some(disk) = SmallDisk::mount(&cluster.data(0), DISK_MEGABYTES) else { return };
    cluster.start_all();
    furnish(&cluster.client()).await;
    allocate_some(&cluster.client(), "before", 10).await;
    cluster.leader().await;
    cluster.client().transfer_leadership(MemberId::new(1)).await.expect("the lead is handed over");
    let filler = disk.fill();
    let mut acknowledged = 0;
    // Every one of them is acknowledged, by whoever leads then: the log has its room, until something else needs some.
    let full = async || {
        allocate_some(&cluster.client_from(1), &format!("while{acknowledged}x"), 20).await;
        acknowledged += 1;
        cluster.process(0).log().contains("error: ").then_some(())
    };
    until("the member notices that its disk is full", full).await;
    assert!(!cluster.process(0).ended().await.success());
    let log = cluster.process(0).log();
    assert!(log.contains("error: the member had to stop: the log failed: "), "{log}");
    assert!(log.contains("No space left on device"), "{log}");
    drop(cluster.take(0));
    allocate_some(&cluster.client_from(1), "after", 10).await;
    fs::remove_file(filler).expect("remove a file");
    cluster.start_one(0);
    cluster.equal_digests().await;
    assert_eq!(all_leases(&cluster.client()).await.len(), 20 + 20 * acknowledged);
    cluster.kill(0..3);
}

#[tokio::test]
async fn a_read_only_disk_is_refused_at_the_start_with_what_to_do() {
    let mut cluster = Cluster::prepare("blue", 3, STEADY);
    let Some(disk) = SmallDisk::mount(&cluster.data(0), DISK_MEGABYTES) else { return };
    cluster.start_all();
    furnish(&cluster.client()).await;
    cluster.kill([0]);
    disk.remount("ro");
    cluster.start_one(0);
    assert!(!cluster.process(0).ended().await.success());
    let log = cluster.process(0).log();
    assert!(log.contains("cannot be written to; check that"), "{log}");
    allocate_some(&cluster.client_from(1), "meanwhile", 10).await;
    disk.remount("rw");
    drop(cluster.take(0));
    cluster.start_one(0);
    cluster.equal_digests().await;
    cluster.kill(0..3);
}

/// A follower's store is changed while it is away: it does not go on with it, and the others do not mind.
async fn noticed_after(change: impl FnOnce(&Path)) {
    let mut cluster = Cluster::start_with("blue", 3, STEADY);
    furnish(&cluster.client()).await;
    let leases = allocate_some(&cluster.client(), "web", 80).await;
    cluster.equal_digests().await;
    let away = (cluster.leader().await + 1) % 3;
    cluster.kill([away]);
    change(&cluster.data(away).join("segments").join("segment-00000001"));
    cluster.start_one(away);
    assert!(!cluster.process(away).ended().await.success());
    let log = cluster.process(away).log();
    // At the start, by its own files alone: the leader may be gone by then.
    assert!(log.contains("is damaged; ") || log.contains("has lost what member "), "{log}");
    assert!(log.contains("rejoin as a new member with a new id"), "{log}");
    allocate_some(&cluster.client_from((away + 1) % 3), "more", 10).await;
    assert_eq!(all_leases(&cluster.client_from((away + 1) % 3)).await.len(), leases.len() + 10);
}

/// Where the last record of a segment ends.
fn end_of(segment: &Path) -> usize {
    let bytes = fs::read(segment).expect("read a segment");
    bytes.iter().rposition(|&byte| byte != 0).expect("something was written") + 1
}

fn rot(segment: &Path, at: usize) {
    let mut bytes = fs::read(segment).expect("read a segment");
    bytes[at..at + 8].iter_mut().for_each(|byte| *byte ^= 0x55);
    fs::write(segment, bytes).expect("write a segment");
}

fn cut(segment: &Path, length: usize) {
    let file = OpenOptions::new().write(true).open(segment).expect("open a segment");
    file.set_len(u64::try_from(length).expect("a length fits")).expect("cut a segment");
}

#[tokio::test]
async fn a_log_that_was_cut_short_is_noticed() {
    noticed_after(|segment| cut(segment, end_of(segment) / 2)).await;
}

#[tokio::test]
async fn a_log_that_was_cut_at_its_very_end_is_noticed() {
    noticed_after(|segment| cut(segment, end_of(segment) - 1)).await;
}

#[tokio::test]
async fn a_log_that_is_gone_is_noticed() {
    noticed_after(|segment| fs::remove_file(segment).expect("remove a segment")).await;
}

#[tokio::test]
async fn a_log_with_rot_in_it_is_noticed() {
    noticed_after(|segment| rot(segment, end_of(segment) / 2)).await;
}

#[tokio::test]
async fn a_log_with_rot_in_its_last_record_is_noticed() {
    noticed_after(|segment| rot(segment, end_of(segment) - 9)).await;
}

#[tokio::test]
async fn a_log_whose_end_reads_as_zeros_is_noticed() {
    let zero = |segment: &Path| {
        let (mut bytes, end) = (fs::read(segment).expect("read a segment"), end_of(segment));
        bytes[(end - 1) / 4_096 * 4_096..].fill(0);
        fs::write(segment, bytes).expect("write a segment");
    };
    noticed_after(zero).await;
}
