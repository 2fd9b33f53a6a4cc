//! What a host has against what it should have, file by file.

use super::*;

fn file(syntax: Syntax, contents: &str) -> SetupFile {
    SetupFile {
        path: "/etc/x".to_owned(),
        purpose: "a test",
        contents: contents.to_owned(),
        is_fragment: true,
        syntax,
    }
}

/// What is found of the only thing that is wanted.
fn only(syntax: Syntax, have: &str, want: &str) -> Finding {
    let mut differences = diff(Some(have), &file(syntax, want));
    assert_eq!(differences.len(), 1);
    differences.remove(0).finding
}

fn missing(want: &str) -> Finding {
    Finding::Missing { want: want.to_owned() }
}

#[test]
fn a_variable_is_compared_as_rc_reads_it() {
    let want = "ifconfig_vswitch0=\"addm bge0 up\"\n";
    let there = |have: &str| assert_eq!(only(Syntax::Variables, have, want), Finding::There, "{have:?}");
    there("ifconfig_vswitch0='addm bge0 up' # ours\n");
    there("ifconfig_vswitch0=\"addm bge0\"\nifconfig_vswitch0=\"addm  bge0 up\"\n");
    for have in ["", "#ifconfig_vswitch0=\"addm bge0 up\"\n", "ifconfig_vswitch01=\"addm bge0 up\"\n"] {
        assert_eq!(only(Syntax::Variables, have, want), missing("addm bge0 up"), "{have:?}");
    }
    // The bridge of whoever copied the line that lacks the `up`.
    let found = only(Syntax::Variables, "ifconfig_vswitch0=\"addm bge0\"\n", want);
    assert_eq!(found, different("addm bge0", "addm bge0 up"));
    let found = only(Syntax::Variables, "ifconfig_vswitch0=\"addm bge0 up\"\nifconfig_vswitch0=\"\"\n", want);
    assert_eq!(found, different("", "addm bge0 up"));
}

#[test]
fn a_switch_is_on_however_it_is_written() {
    let want = "jail_enable=\"YES\"\n";
    assert_eq!(only(Syntax::Variables, "jail_enable=yes\n", want), Finding::There);
    assert_eq!(only(Syntax::Variables, "jail_enable=\"NO\"\n", want), different("NO", "YES"));
}

#[test]
fn a_list_may_have_more_words_and_keeps_them() {
    let want = "kld_list=\"if_bridge if_epair\"\n";
    let there = only(Syntax::Variables, "kld_list=\"if_epair i915kms if_bridge\"\n", want);
    assert_eq!(there, Finding::There);
    let found = only(Syntax::Variables, "kld_list=\"i915kms if_bridge\"\n", want);
    assert_eq!(found, different("i915kms if_bridge", "i915kms if_bridge if_epair"));
}

#[test]
fn what_the_shell_would_expand_is_neither_right_nor_wrong() {
    let want = "jail_enable=\"YES\"\nhostname=\"h1\"\n";
    let found = diff(Some("jail_enable=\"${x}\"\nhostname=h1\n"), &file(Syntax::Variables, want));
    let expanded = RcConfError::Expanded { line: 1, name: "jail_enable".to_owned() };
    assert_eq!(found[0].finding, Finding::NotUnderstood { want: "YES".to_owned(), error: expanded });
    assert_eq!(found[1].finding, Finding::There);
    // Behind an `if`, every variable is in doubt.
    for difference in diff(Some("if x; then jail_enable=NO; fi\n"), &file(Syntax::Variables, want)) {
        let error = RcConfError::NotUnderstood { line: 1 };
        assert!(matches!(difference.finding, Finding::NotUnderstood { error: found, .. } if found == error));
    }
}

#[test]
fn a_sysctl_is_compared_by_its_last_line() {
    let want = "net.link.tap.user_open=1\n";
    assert_eq!(only(Syntax::Sysctls, "net.link.tap.user_open = 1 # tap\n", want), Finding::There);
    assert_eq!(only(Syntax::Sysctls, "#net.link.tap.user_open=1\n", want), missing("1"));
    let twice = "net.link.tap.user_open=1\nnet.link.tap.user_open=0\n";
    assert_eq!(only(Syntax::Sysctls, twice, want), different("0", "1"));
}

#[test]
fn rules_are_compared_in_their_section() {
    let want = file(Syntax::Rules, "[jails=20]\nadd include $hide_all\nadd path 'bpf*' unhide\n");
    let findings = |have: &str| -> Vec<Finding> {
        diff(Some(have), &want).into_iter().map(|difference| difference.finding).collect()
    };
    // Quotes and blanks are the shell's business.
    let same = "[jails=20]\nadd path \"bpf*\"  unhide # tcpdump\nadd include $hide_all\n";
    assert_eq!(findings(same), [Finding::There, Finding::There, Finding::There]);
    // The same rule in another section does nothing for this one.
    let elsewhere = "[jails=20]\nadd include $hide_all\n[others=9]\nadd path 'bpf*' unhide\n";
    assert_eq!(findings(elsewhere), [Finding::There, Finding::There, missing("add path bpf* unhide")]);
    // A number that somebody else has.
    let taken = findings("[mine=20]\nadd include $hide_all\nadd path 'bpf*' unhide\n");
    assert_eq!(taken[0], different("[mine=20]", "[jails=20]"));
    assert_eq!(taken[1], missing("add include $hide_all"));
    assert_eq!(findings("")[0], missing("[jails=20]"));
}

#[test]
fn lines_are_compared_without_blanks_and_comments() {
    let want = "options VIMAGE\n";
    let have = "options \t VIMAGE\t\t# Network Stack Virtualization\n";
    assert_eq!(only(Syntax::Lines, have, want), Finding::There);
    assert_eq!(only(Syntax::Lines, "###options VIMAGE\n", want), missing("options VIMAGE"));
}
