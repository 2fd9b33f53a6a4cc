//! `allocd restore`: a new cluster of one member that begins with a backup, in recovery.
//!
//! The new cluster has an id of its own, so that a member of the old one that comes back is refused as a stranger. The data
//! directory gets its name when everything in it is written and synced: what a restore that was cut off leaves is no data directory.

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Read};
use std::path::{Path, PathBuf};

use allocd_replica::{Backup, BackupDecoder, Level, begin_with};
use allocd_state::machine::Machine;
use allocd_store::{DiskLog, Owner};
use allocd_types::id::{ClusterId, MemberId};
use anyhow::{Context as _, Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};

/// Bytes that are read at once.
const READ_BYTES: usize = 256 * 1_024;

/// What `allocd restore` may be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The backup, as `allocctl cluster backup` wrote it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The data directory of the first member. It must not be there yet.
    #[arg(long, env = "ALLOCD_RESTORE_DATA", value_name = "DIR")]
    data: PathBuf,
    /// The id of the new cluster. Nothing said: the old one's and the number of the timeline, such as blue-2.
    #[arg(long, env = "ALLOCD_RESTORE_CLUSTER", value_name = "CLUSTER", value_parser = cluster_id)]
    cluster: Option<ClusterId>,
    /// The id of the first member.
    #[arg(long, env = "ALLOCD_RESTORE_MEMBER", default_value_t = 1, value_name = "MEMBER", value_parser = clap::value_parser!(u64).range(1..))]
    member: u64,
}

/// Restores; says what was done and what is to be done next.
pub(crate) fn run(options: &Options) -> Result<String> {
    let data = &options.data;
    ensure!(
        !data.exists(),
        "{} is there already; name a directory that is not, or move it away if nobody needs it",
        data.display()
    );
    let Backup { head, snapshot } =
        read(&options.file).with_context(|| format!("cannot restore {}", options.file.display()))?;
    let backed_up = snapshot.machine.state().revision();
    let machine = snapshot.machine.restored();
    let timeline = machine.state().recovery_status().timeline;
    let cluster = new_cluster(options, &head.cluster, timeline)?;
    let owner = Owner { cluster, member: MemberId::new(options.member) };
    let leases = machine.state().lease_count();
    write(data, &owner, (snapshot.level, machine))
        .with_context(|| format!("cannot write {}", data.display()))?;
    let taken_at = i64::try_from(head.taken_at.unix_millis()).unwrap_or(i64::MAX);
    let taken_at = jiff::Timestamp::from_millisecond(taken_at).unwrap_or(jiff::Timestamp::MAX);
    let Owner { cluster, member } = owner;
    Ok(format!(
        "\
restored {leases} leases of cluster {old}, as of revision {backed_up}, backed up at {taken_at}
into {data}: member {member} of cluster {cluster}, timeline {timeline}, in recovery

The members of cluster {old} must be off, and stay off: they know nothing of this one.

  1. Start this member with cluster_id = \"{cluster}\", member_id = {member}, and itself alone under members.
  2. See what is to be found out before leases are handed out again:  allocctl cluster recovery
  3. Add the other members, each with an empty data directory:  allocctl cluster add HOST:PORT
",
        old = head.cluster,
        data = data.display(),
    ))
}

fn cluster_id(text: &str) -> Result<ClusterId, String> {
    ClusterId::new(text).map_err(|error| error.to_string())
}

/// The id of the new cluster: never that of the old one.
fn new_cluster(options: &Options, old: &ClusterId, timeline: u32) -> Result<ClusterId> {
    if let Some(chosen) = &options.cluster {
        ensure!(
            chosen != old,
            "the new cluster must have another id than {old}: a member of the old one that comes back would take it for its own"
        );
        return Ok(chosen.clone());
    }
    let before = format!("-{}", timeline - 1);
    let stem = old.as_str().strip_suffix(&before).unwrap_or(old.as_str());
    ClusterId::new(&format!("{stem}-{timeline}"))
        .with_context(|| format!("cannot make an id of {old}; choose one with --cluster"))
}

/// Reads a backup whole, and proves it.
fn read(path: &Path) -> Result<Backup> {
    let mut file = File::open(path)?;
    let progress = bar(file.metadata()?.len());
    let mut decoder = BackupDecoder::new();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        decoder.read(&buffer[..count])?;
        progress.inc(u64::try_from(count).unwrap_or(u64::MAX));
    }
    progress.finish_and_clear();
    Ok(decoder.finish()?)
}

/// Writes the data directory beside its place, and gives it its name at the end.
fn write(data: &Path, owner: &Owner, content: (Level, Machine)) -> Result<()> {
    let Some(name) = data.file_name() else { bail!("it names no directory") };
    let mut aside = name.to_owned();
    aside.push(".restoring");
    let aside = data.with_file_name(aside);
    if aside.exists() {
        // What a restore that was cut off has left.
        fs::remove_dir_all(&aside).with_context(|| format!("cannot remove {}", aside.display()))?;
    }
    let mut log = DiskLog::open(&aside, owner)?;
    begin_with(&mut log, owner.member, content)?;
    drop(log);
    fs::rename(&aside, data)?;
    let parent = match data.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    Ok(File::open(parent)?.sync_all()?)
}

/// A bar for a person who watches.
fn bar(bytes: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("reads [{bar:40}] {bytes}/{total_bytes}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(bytes).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_cluster_is_named_after_the_old_and_its_timeline() {
        let options = |cluster: Option<&str>| Options {
            file: PathBuf::new(),
            data: PathBuf::new(),
            cluster: cluster.map(|name| ClusterId::new(name).unwrap()),
            member: 1,
        };
        let named = |old: &str, timeline| {
            new_cluster(&options(None), &ClusterId::new(old).unwrap(), timeline).unwrap().to_string()
        };
        assert_eq!(named("blue", 2), "blue-2");
        assert_eq!(named("blue-2", 3), "blue-3");
        assert_eq!(named("rack-9", 2), "rack-9-2");
        let blue = ClusterId::new("blue").unwrap();
        assert!(new_cluster(&options(Some("blue")), &blue, 2).is_err());
        assert_eq!(new_cluster(&options(Some("green")), &blue, 2).unwrap().to_string(), "green");
    }

    #[test]
    fn a_directory_that_is_there_is_left_alone_and_what_is_no_backup_makes_none() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("backup");
        fs::write(&file, b"no backup at all, but long enough to have a checksum").unwrap();
        let options =
            |data: &Path| Options { file: file.clone(), data: data.to_owned(), cluster: None, member: 1 };
        let there = run(&options(directory.path())).unwrap_err();
        assert!(there.to_string().contains("is there already"), "{there:#}");
        let data = directory.path().join("data");
        let error = format!("{:#}", run(&options(&data)).unwrap_err());
        assert!(error.contains("it is no backup of allocd"), "{error}");
        assert!(!data.exists());
    }
}
