//! The step that keeps a jail's rc.conf.local, run by a real shell on a file of the test's own.

use std::fs;
use std::path::Path;
use std::process::Command;

use allocd_types::lease::Lease;

use super::*;
use crate::example;

/// Runs the step as a jail would, with the test's directory in the place of the jail's /etc.
fn run(directory: &Path, leases: Vec<Lease>) -> bool {
    let step = persist(&JailInterfaces::new(leases).unwrap(), Quotes::Written);
    let step = step.replace("/etc/", &format!("{}/", directory.display()));
    Command::new("/bin/sh").arg("-c").arg(step).output().unwrap().status.success()
}

fn lines(directory: &Path) -> Vec<String> {
    let text = fs::read_to_string(directory.join("rc.conf.local")).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_lines_follow_the_leases_and_leave_others_alone() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    fs::write(directory.join("rc.conf.local"), "sshd_enable=\"YES\"\n").unwrap();

    // The first start adds one line for each address and the router.
    assert!(run(directory, example::full()));
    let first = lines(directory);
    assert_eq!(first.len(), 5);
    assert_eq!(first[0], "sshd_enable=\"YES\"");
    assert_eq!(first[1], "ifconfig_jail7b_ipv6=\"inet6 fd00:48::10 prefixlen 64\" # allocd:leases/17");

    // The second changes nothing.
    assert!(run(directory, example::full()));
    assert_eq!(lines(directory), first);

    // A jail whose leases have no IPv6 any more loses exactly these lines.
    assert!(run(directory, vec![example::article()]));
    assert_eq!(lines(directory), ["sshd_enable=\"YES\""]);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 1);
}

#[test]
fn a_jail_without_ipv6_gets_no_file() {
    let directory = tempfile::tempdir().unwrap();
    assert!(run(directory.path(), vec![example::article()]));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_root_that_cannot_be_written_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    assert!(!run(&directory.path().join("missing"), example::full()));
}
