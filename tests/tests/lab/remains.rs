//! Nothing is left of a scene, however it ends: no process, no namespace, no mount, no interface, no file.

use std::fs;
use std::path::{Path, PathBuf};

use allocd_tests::lab::Scene;
use allocd_tests::leases::{lease, rendered};
use allocd_tests::until::until;

use crate::scenes::{hosts, two_hosts};

/// A scene with a jail whose service runs on, and the network namespaces of wire, host and jail.
fn busy_scene() -> Option<(Scene, [String; 3])> {
    let scene = hosts("14.1", 1)?;
    let host = scene.host(0);
    host.make_root("/usr/jails/web01");
    let (path, text) = rendered(lease("h0.example/web01", 11), "14.1");
    host.write(&path, &text);
    host.done(&format!("/usr/sbin/jail -f {path} -c web01"));
    let of = |process: u32| fs::read_link(format!("/proc/{process}/ns/net")).unwrap();
    let inside = host.done("/usr/sbin/jexec web01 /usr/bin/readlink /proc/self/ns/net");
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let namespaces = [text(of(scene.wire_process())), text(of(host.process())), inside.trim_end().to_owned()];
    Some((scene, namespaces))
}

/// How many processes are in one of some network namespaces.
fn processes_in(namespaces: &[String]) -> usize {
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let found = processes.filter_map(|process| fs::read_link(process.path().join("ns/net")).ok());
    found.filter(|namespace| namespaces.iter().any(|ours| namespace == Path::new(ours))).count()
}

fn interfaces() -> Vec<String> {
    let listed = fs::read_dir("/sys/class/net").unwrap().filter_map(Result::ok);
    listed.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn a_scene_that_ends_leaves_nothing_behind() {
    let before = interfaces();
    let Some((scene, namespaces)) = busy_scene() else { return };
    for namespace in &namespaces {
        assert!(processes_in(std::slice::from_ref(namespace)) > 0, "something runs in each namespace");
    }
    let directory = scene.directory().to_owned();
    assert!(directory.join("h0/usr/jails/web01/etc/rc").is_file());
    drop(scene);
    until("all processes have ended", async || (processes_in(&namespaces) == 0).then_some(())).await;
    assert!(!directory.exists());
    assert!(!fs::read_to_string("/proc/mounts").unwrap().contains(directory.to_str().unwrap()));
    assert_eq!(interfaces(), before);
}

#[tokio::test]
async fn a_scene_whose_maker_dies_ends_too() {
    // The kernel ends what a thread has begun when that thread ends, as it does when its process is killed.
    let begun = std::thread::spawn(|| {
        busy_scene().map(|(scene, namespaces)| {
            let directory = scene.directory().to_owned();
            std::mem::forget(scene);
            (directory, namespaces)
        })
    });
    let Some((directory, namespaces)) = begun.join().unwrap() else { return };
    until("all processes have ended", async || (processes_in(&namespaces) == 0).then_some(())).await;
    fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn members_and_agents_end_with_their_site() {
    let Some(site) = two_hosts("14.1").await else { return };
    site.allocate(0, "web");
    let agent = site.run(0);
    let of = |process: u32| fs::read_link(format!("/proc/{process}/ns/net")).unwrap();
    let namespaces = [of(site.scene().wire_process()), of(site.host(0).process())]
        .map(|namespace| namespace.to_str().unwrap().to_owned());
    until("the agent makes passes", async || agent.log().contains("jail=web").then_some(())).await;
    drop((site, agent));
    until("all processes have ended", async || (processes_in(&namespaces) == 0).then_some(())).await;
}

#[test]
fn files_of_a_run_that_was_killed_are_removed_by_the_next() {
    // No process has this number: it is above the highest that Linux gives.
    let left = std::env::temp_dir().join("allocd-lab-4999999-left");
    // Another test that begins just now may remove it first.
    fs::create_dir(&left).unwrap();
    // It looks before it tries anything that takes root.
    let _ = hosts("14.1", 0);
    assert!(!left.exists());
}
