//! `alloc-agent setup` as it is called: exit code, stdout and stderr.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Runs it and tells all of what it did; a directory of the test is told as ROOT.
fn setup(arguments: &str, root: Option<&TempDir>) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alloc-agent"));
    command.env_clear().arg("setup").args(arguments.split_ascii_whitespace());
    if let Some(root) = root {
        command.arg("--diff").arg("--root").arg(root.path());
    }
    let output = command.output().expect("start alloc-agent");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it writes UTF-8");
    let code = output.status.code().expect("it ends by itself");
    let told = format!(
        "exit code: {code}\n----- stdout\n{}----- stderr\n{}",
        text(output.stdout),
        text(output.stderr)
    );
    match root {
        Some(root) => told.replace(&root.path().display().to_string(), "ROOT"),
        None => told,
    }
}

fn write(root: &TempDir, path: &str, text: &str) {
    let file = root.path().join(path.trim_start_matches('/'));
    fs::create_dir_all(file.parent().expect("a file is in a directory")).expect("make a directory");
    fs::write(file, text).expect("write a file");
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/setup"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn an_old_host_with_all_there_is() {
    let arguments = "--release 10.4 --uplink lagg0=bge0+bge1 --ezjail=zroot/ezjail --tap --netgraph --with-kmem --mtu 9000";
    snapshot("10", &setup(arguments, None));
}

#[test]
fn a_new_host_with_two_vlans_on_one_card() {
    let arguments = "--release 15 --uplink ix0 --bridge lan,vlan=300,address=192.0.2.2/24,address=2001:db8::2/64 --bridge dmz,vlan=301";
    snapshot("15", &setup(arguments, None));
}

#[test]
fn every_release_of_the_table_can_be_asked_for() {
    for release in ["10", "11", "12", "13", "14", "15"] {
        let told = setup(&format!("--release {release} --uplink bge0 -o table"), None);
        let has_kernel = told.contains("/usr/src/sys/amd64/conf/VIMAGE");
        assert_eq!(has_kernel, ["10", "11"].contains(&release), "{release}: {told}");
        assert!(told.starts_with("exit code: 0\n") && told.contains("/etc/devfs.rules"), "{told}");
    }
}

#[test]
fn the_files_as_a_table_and_a_bridge_without_a_wire() {
    snapshot("table", &setup("--release 14 --ezjail -o table", None));
}

#[test]
fn what_is_on_a_host_is_there_different_missing_or_not_understood() {
    let root = tempfile::tempdir().unwrap();
    write(
        &root,
        "/etc/rc.conf",
        "jail_enable=on\ncloned_interfaces=\"bridge1\"\nifconfig_bge0=\"up $extra\"\n",
    );
    write(&root, "/etc/sysctl.conf", "net.link.bridge.pfil_member=1\nnet.link.bridge.pfil_bridge=0\n");
    write(&root, "/etc/devfs.rules", "[devfsrules_mine=20]\nadd path 'bpf*' unhide\n");
    let arguments = "--release 14 --uplink bge0";
    snapshot("diff-table", &setup(arguments, Some(&root)));
    snapshot("diff-text", &setup(&format!("{arguments} -o text"), Some(&root)));
    snapshot("diff-json", &setup(&format!("{arguments} -o json"), Some(&root)));
}

#[test]
fn a_host_that_has_what_was_printed_has_no_difference() {
    for release in ["10", "12", "14", "15"] {
        let root = tempfile::tempdir().unwrap();
        let arguments = format!("--release {release} --uplink bge0 --ezjail=zroot/ezjail --tap");
        let told = setup(&format!("{arguments} -o json"), None);
        let json = told.split_once("----- stdout\n").unwrap().1.split_once("----- stderr").unwrap().0;
        let files: serde_json::Value = serde_json::from_str(json).unwrap();
        for file in files.as_array().unwrap() {
            write(&root, file["path"].as_str().unwrap(), file["contents"].as_str().unwrap());
        }
        let told = setup(&arguments, Some(&root));
        assert!(told.starts_with("exit code: 0\n----- stdout\n----- stderr\n"), "{release}: {told}");
        assert!(told.contains("0 missing, 0 different, 0 not understood\n"), "{release}: {told}");
    }
}

#[test]
fn what_cannot_be_read_is_no_difference() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("etc/rc.conf")).unwrap();
    let told = setup("--release 14 --uplink bge0", Some(&root));
    assert!(
        told.starts_with("exit code: 5\n----- stdout\n----- stderr\nerror: cannot read ROOT/etc/rc.conf: "),
        "{told}"
    );
}

#[test]
fn options_that_do_not_go_together_are_told_at_once() {
    snapshot("wrong", &setup("--release 14 --bridge lan,vlan=5000 --bridge lan,mtu=10 --ezjail=a;b", None));
}

#[test]
fn the_help_has_examples() {
    snapshot("help", &setup("-h", None));
}
