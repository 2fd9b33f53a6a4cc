//! The command line of the program as it is built: what it says about itself, and where it says it.

use std::process::{Command, Output};

fn allocd(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_allocd")).args(arguments).output().expect("start allocd")
}

/// What it writes to stdout when all is well.
fn said(arguments: &[&str]) -> String {
    let output = allocd(arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_version_is_the_package_s() {
    assert_eq!(said(&["--version"]), format!("allocd {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_names_every_verb_and_says_what_it_does() {
    let help = said(&["--help"]);
    for line in [
        "serve         Run one member",
        "dev           Run three",
        "check-config  Check",
        "restore       Begin",
        "completions   Print",
        "man           Print",
    ] {
        assert!(help.contains(line), "{line:?} is not in {help}");
    }
}

#[test]
fn every_option_of_serve_and_dev_has_an_environment_twin() {
    for verb in ["serve", "dev", "check-config", "restore"] {
        let help = said(&[verb, "--help"]);
        let options = help.lines().filter(|line| line.trim_start().starts_with("--")).count();
        assert_eq!(help.matches("[env:").count(), options, "{help}");
    }
}

#[test]
fn completions_and_the_manual_are_made_from_the_same_table() {
    for shell in ["bash", "fish", "zsh"] {
        assert!(said(&["completions", shell]).contains("check-config"), "{shell}");
    }
    let page = said(&["man"]);
    assert!(page.contains(".TH allocd 1") && page.contains("allocd\\-serve(1)"), "{page}");
}

#[test]
fn an_unknown_verb_is_refused_on_stderr() {
    let output = allocd(&["fly"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        output.stdout.is_empty() && stderr.starts_with("error: unrecognized subcommand 'fly'"),
        "{stderr}"
    );
}
