//! What allocd does not start with: one line that says what, where and what next, and a data directory as it was.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::cluster::Cluster;
use allocd_tests::process::run;

/// Every file below a directory with its contents, and every directory.
fn contents(directory: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("list a directory").path();
        if path.is_dir() {
            found.extend(contents(&path));
            found.insert(path, None);
        } else {
            let bytes = fs::read(&path).expect("read a file");
            found.insert(path, Some(bytes));
        }
    }
    found
}

fn serve(config: &Path) -> Output {
    run(&["serve".as_ref(), "--config".as_ref(), config.as_os_str()])
}

/// It failed and said so in one line, which has all these parts.
fn assert_refused(output: &Output, parts: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: ") && stderr.lines().count() == 1, "not one error line: {stderr}");
    for part in parts {
        assert!(stderr.contains(part), "{part:?} is not said in: {stderr}");
    }
    assert!(output.stdout.is_empty(), "stdout is for data");
}

/// A cluster of one that has served and holds something.
async fn served() -> Cluster {
    let cluster = Cluster::start("blue", 1);
    cluster.leader().await;
    cluster
}

/// The same, stopped; its data is left.
async fn stopped() -> Cluster {
    let mut cluster = served().await;
    assert!(cluster.take(0).stop().await.success());
    cluster
}

fn change_config(cluster: &Cluster, from: &str, to: &str) {
    let text = fs::read_to_string(cluster.config(0)).expect("read the configuration");
    assert!(text.contains(from), "{from} is not in {text}");
    fs::write(cluster.config(0), text.replace(from, to)).expect("write the configuration");
}

#[tokio::test]
async fn a_data_directory_in_use_is_refused_and_left_alone() {
    let mut cluster = served().await;
    let listen = format!("listen = \"{}\"", cluster.address(0));
    change_config(&cluster, &listen, "listen = \"127.0.0.1:0\"");
    let identity = cluster.data(0).join("identity");
    let before = fs::read(&identity).unwrap();
    let output = serve(&cluster.config(0));
    let data = cluster.data(0).display().to_string();
    assert_refused(&output, &[&data, "in use by another process", "stop that one"]);
    assert_eq!(fs::read(&identity).unwrap(), before);
    // Nor was the first one disturbed.
    assert!(cluster.take(0).stop().await.success());
}

#[tokio::test]
async fn a_port_in_use_is_refused_before_the_data_is_touched() {
    let cluster = stopped().await;
    let before = contents(&cluster.data(0));
    let _taken = TcpListener::bind(cluster.address(0)).unwrap();
    let output = serve(&cluster.config(0));
    assert_refused(&output, &[&cluster.address(0).to_string(), "in use", "choose another"]);
    assert_eq!(contents(&cluster.data(0)), before);
}

#[test]
fn a_port_in_use_makes_no_data_directory() {
    let cluster = Cluster::prepare("blue", 1, "");
    let _taken = TcpListener::bind(cluster.address(0)).unwrap();
    assert_refused(&serve(&cluster.config(0)), &[&cluster.address(0).to_string()]);
    assert!(!cluster.data(0).exists());
}

#[test]
fn a_data_directory_that_cannot_be_made_is_named() {
    let cluster = Cluster::prepare("blue", 1, "");
    let file = cluster.directory().join("file");
    fs::write(&file, "not a directory").unwrap();
    let below = file.join("data").display().to_string();
    change_config(&cluster, &cluster.data(0).display().to_string(), &below);
    assert_refused(&serve(&cluster.config(0)), &[&below, "cannot be written to", "check that"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "not a directory");
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_nothing_is_made() {
    let cluster = Cluster::prepare("blue", 1, "colour = 7\n");
    let config = cluster.config(0);
    let line = fs::read_to_string(&config).unwrap().lines().count();
    let place = format!("{}:{line}: ", config.display());
    assert_refused(&serve(&config), &[&place, "unknown field `colour`", "expected one of"]);
    assert!(!cluster.data(0).exists());
}

#[test]
fn a_missing_configuration_is_named() {
    let cluster = Cluster::prepare("blue", 1, "");
    let absent = cluster.directory().join("absent.toml");
    assert_refused(&serve(&absent), &[&absent.display().to_string(), "cannot read", "No such file"]);
}

#[tokio::test]
async fn data_of_another_cluster_is_refused_and_left_alone() {
    let cluster = stopped().await;
    let before = contents(&cluster.data(0));
    change_config(&cluster, "cluster_id = \"blue\"", "cluster_id = \"red\"");
    let data = cluster.data(0).display().to_string();
    assert_refused(
        &serve(&cluster.config(0)),
        &[&data, "belongs to cluster blue, not red", "correct the cluster id"],
    );
    assert_eq!(contents(&cluster.data(0)), before);
}

#[tokio::test]
async fn data_of_another_member_is_refused_and_left_alone() {
    let cluster = stopped().await;
    let before = contents(&cluster.data(0));
    change_config(&cluster, "member_id = 1", "member_id = 2");
    change_config(&cluster, "{ id = 1,", "{ id = 2,");
    let data = cluster.data(0).display().to_string();
    assert_refused(
        &serve(&cluster.config(0)),
        &[&data, "belongs to member 1, not 2", "correct the member id"],
    );
    assert_eq!(contents(&cluster.data(0)), before);
}

#[tokio::test]
async fn other_members_than_the_log_was_begun_with_are_refused() {
    let cluster = stopped().await;
    let own = format!("{{ id = 1, address = \"{}\" }},", cluster.address(0));
    let more = "{ id = 2, address = \"127.0.0.1:1\" }, { id = 3, address = \"127.0.0.1:2\" },";
    change_config(&cluster, &own, &format!("{own} {more}"));
    assert_refused(
        &serve(&cluster.config(0)),
        &[&cluster.data(0).display().to_string(), "was begun with members [1]"],
    );
}

#[test]
fn a_value_that_makes_no_sense_is_refused_before_anything_is_made() {
    let cluster = Cluster::prepare("blue", 1, "");
    let own = format!("address = \"{}\"", cluster.address(0));
    for (from, to, said) in [
        (own.as_str(), "address = \"not an address\"", "members: "),
        ("cluster_id = \"blue\"", "cluster_id = \"blue green\"", "cluster_id: "),
        ("]\n", "]\n[log]\nfilter = \"allocd=loud\"\n", "log.filter: "),
        ("]\n", "]\nheartbeat_ms = 1\n", "heartbeat_ms: "),
        ("listen = \"127.0.0.1", "listen = \"0.0.0.0", "listen: "),
    ] {
        let text = fs::read_to_string(cluster.config(0)).unwrap();
        change_config(&cluster, from, to);
        let config = cluster.config(0);
        for verb in ["serve", "check-config"] {
            let arguments: [&OsStr; 3] = [verb.as_ref(), "--config".as_ref(), config.as_os_str()];
            assert_refused(&run(&arguments), &[&config.display().to_string(), said]);
        }
        assert!(!cluster.data(0).exists(), "{said}");
        fs::write(&config, text).unwrap();
    }
}
