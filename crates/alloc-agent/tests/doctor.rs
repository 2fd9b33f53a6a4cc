//! `alloc-agent doctor` as it is called, as far as it is the same on every machine.

use std::process::Command;

/// Runs it; its exit code, stdout and stderr.
fn doctor(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alloc-agent"));
    let output = command.env_clear().arg("doctor").args(arguments).output().expect("start alloc-agent");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it writes UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_help_tells_verdicts_and_exit_codes() {
    let (code, stdout, stderr) = doctor(&["-h"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    for text in
        ["skipped  it is not known", "0 if all are ok, 1 if one is fail, 6 if", "alloc-agent doctor -o json"]
    {
        assert!(stdout.contains(text), "{text}: {stdout}");
    }
}

#[test]
fn another_format_is_refused() {
    let (code, stdout, stderr) = doctor(&["-o", "wide"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("[possible values: table, json]"), "{stderr}");
}

#[test]
fn the_exit_code_is_by_the_worst_of_what_json_tells() {
    let (code, stdout, stderr) = doctor(&["-o", "json", "--config", "/nonexistent/alloc-agent.toml"]);
    let findings: serde_json::Value = serde_json::from_str(&stdout).expect("it writes JSON");
    let findings = findings.as_array().expect("an array");
    let has = |verdict: &str| findings.iter().any(|finding| finding["verdict"] == verdict);
    // There is no configuration at least, so not everything is ok anywhere.
    assert!(has("warn"));
    assert_eq!(code, Some(if has("fail") { 1 } else { 6 }));
    assert!(stderr.starts_with(&format!("{} checks: ", findings.len())), "{stderr}");
}
