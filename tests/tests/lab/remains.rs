//! Nothing is left of a scene: no process, no namespace, no mount, no file.

use std::fs;
use std::path::{Path, PathBuf};

use allocd_tests::until::until;

use crate::leases::{lease, rendered};
use crate::scenes::hosts;

/// The network namespaces that processes are in.
fn namespaces() -> Vec<PathBuf> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    processes.filter_map(|process| fs::read_link(process.path().join("ns/net")).ok()).collect()
}

#[tokio::test]
async fn a_scene_leaves_nothing_behind() {
    let Some(scene) = hosts("14.1", 1) else { return };
    let host = scene.host(0);
    host.make_root("/usr/jails/web01");
    let (path, text) = rendered(lease("h0.example/web01", 11), "14.1");
    host.write(&path, &text);
    host.done(&format!("/usr/sbin/jail -f {path} -c web01"));
    // A service runs in the jail, which nobody stops.
    let jails: Vec<PathBuf> = {
        let of = |process: u32| fs::read_link(format!("/proc/{process}/ns/net")).unwrap();
        let known = [of(std::process::id()), of(host.process()), of(scene.wire_process())];
        namespaces().into_iter().filter(|namespace| !known.contains(namespace)).collect()
    };
    let of = |process: u32| fs::read_link(format!("/proc/{process}/ns/net")).unwrap();
    let ours: Vec<PathBuf> =
        jails.into_iter().chain([of(host.process()), of(scene.wire_process())]).collect();
    assert!(ours.len() >= 3, "the service's namespace is among them");
    let directory = scene.directory().to_owned();
    assert!(Path::new(&directory).join("h0/usr/jails/web01/etc/rc").is_file());
    drop(scene);
    until("all processes have ended", async || {
        let left = namespaces();
        ours[ours.len() - 2..].iter().all(|namespace| !left.contains(namespace)).then_some(())
    })
    .await;
    assert!(!directory.exists());
    assert!(!fs::read_to_string("/proc/mounts").unwrap().contains(directory.to_str().unwrap()));
    let listed = fs::read_dir("/sys/class/net").unwrap().filter_map(Result::ok);
    let names: Vec<String> = listed.map(|name| name.file_name().to_string_lossy().into_owned()).collect();
    assert!(!names.iter().any(|name| name.starts_with("epair") || name.starts_with("port")), "{names:?}");
}
