//! `allocd dev`: three members in one process.

use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use allocd_client::client::Client;
use tempfile::TempDir;

use crate::cluster::{client, equal_digests, leader};
use crate::wishes::{all_leases, allocate_some, furnish};
use allocd_tests::process::Process;
use allocd_tests::until::until;

/// A place for the endpoints file, the log, and whatever is temporary.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("make a temporary directory"));
        fs::create_dir(place.temporary()).expect("make a directory");
        place
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("endpoints")
    }

    fn temporary(&self) -> PathBuf {
        self.0.path().join("tmp")
    }

    fn start(&self, more: &[&OsStr]) -> Process {
        let file = self.file();
        let fixed = ["dev", "--listen", "127.0.0.1:0", "--endpoints-file"].map(OsStr::new);
        let mut command = std::process::Command::new(allocd_tests::program::allocd());
        command.args(fixed).arg(&file).args(more).env("TMPDIR", self.temporary());
        Process::of(&mut command, &self.0.path().join("log"))
    }

    /// Waits for endpoints other than these.
    async fn endpoints(&self, other_than: &str) -> (String, Client) {
        let file = self.file();
        let text = until("the endpoints are written", async || {
            fs::read_to_string(&file).ok().filter(|text| text != other_than)
        })
        .await;
        let addresses: Vec<SocketAddr> =
            text.trim_end().split(',').map(|address| address.parse().expect("an address")).collect();
        assert_eq!(addresses.len(), 3, "{text:?}");
        (text, client(&addresses))
    }
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).expect("list a directory").next().is_none()
}

#[tokio::test]
async fn three_members_serve_and_their_temporary_data_is_removed() {
    let place = Place::new();
    let process = place.start(&[]);
    let (_, client) = place.endpoints("").await;
    furnish(&client).await;
    allocate_some(&client, "web", 5).await;
    equal_digests(&client, 3).await;
    assert!(!is_empty(&place.temporary()));
    assert_eq!(process.stop().await.code(), Some(0));
    assert!(is_empty(&place.temporary()));
}

#[tokio::test]
async fn kept_data_is_served_again_at_other_addresses() {
    let place = Place::new();
    let data = place.0.path().join("data");
    let more = ["--data".as_ref(), data.as_os_str()];
    let process = place.start(&more);
    let (text, client) = place.endpoints("").await;
    furnish(&client).await;
    let leases = allocate_some(&client, "web", 5).await;
    assert!(process.stop().await.success());

    let process = place.start(&more);
    let (_, client) = place.endpoints(&text).await;
    leader(&client).await;
    assert_eq!(all_leases(&client).await, leases);
    assert!(process.stop().await.success());
    assert!(is_empty(&place.temporary()));
}

#[tokio::test]
async fn a_file_left_over_is_replaced_at_once_and_nothing_else_is_touched() {
    let place = Place::new();
    let left_over = "127.0.0.1:1,127.0.0.1:2,127.0.0.1:3\n".repeat(1000);
    fs::write(place.file(), &left_over).unwrap();
    let neighbour = place.0.path().join("endpoints.new");
    fs::write(&neighbour, "somebody else's").unwrap();
    let process = place.start(&[]);
    // Whoever reads sees all of the old or all of the new.
    let (_, client) = place.endpoints(&left_over).await;
    leader(&client).await;
    assert_eq!(fs::read_to_string(&neighbour).unwrap(), "somebody else's");
    assert!(process.stop().await.success());
    let mut names: Vec<_> =
        fs::read_dir(place.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["endpoints", "endpoints.new", "log", "tmp"]);
}

#[tokio::test]
async fn data_in_use_is_refused_in_one_line() {
    let place = Place::new();
    let data = place.0.path().join("data");
    let more = ["--data".as_ref(), data.as_os_str(), "--log".as_ref(), "warn".as_ref()];
    let first = place.start(&more);
    place.endpoints("").await;
    let second = Place::new();
    let mut refused = second.start(&more);
    assert_eq!(refused.ended().await.code(), Some(1));
    let log = refused.log();
    assert!(log.starts_with("error: ") && log.lines().count() == 1 && log.contains("in use"), "{log}");
    assert!(first.stop().await.success());
}

#[tokio::test]
async fn an_endpoints_file_that_cannot_be_written_ends_it_and_leaves_nothing() {
    let place = Place::new();
    fs::create_dir(place.file()).unwrap();
    let mut process = place.start(&["--log".as_ref(), "error".as_ref()]);
    assert_eq!(process.ended().await.code(), Some(1));
    let log = process.log();
    let said = format!("error: cannot write {}", place.file().display());
    assert!(log.starts_with(&said) && log.lines().count() == 1, "{log}");
    assert!(is_empty(&place.temporary()));
}
