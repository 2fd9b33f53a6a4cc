//! Each verdict on jails and their files.

use crate::doctor::example::{after, directory, healthy, told};
use crate::doctor::fact::Fact;
use crate::doctor::files::DirectoryState;
use crate::doctor::finding::Verdict::{self, Fail, Ok as Good, Skipped, Warn};
use crate::doctor::rc_conf::RcConf;
use crate::doctor::situation::Situation;

const DYING: &str = r#"{"jid":"3","name":"web01","path":"/usr/jails/web01","vnet":"new","dying":"true"}"#;
const OTHER: &str = r#"{"jid":"4","name":"mail","path":"/usr/jails/mail","vnet":"new","dying":"true"}"#;

fn rc_conf(check: &str, text: &str) -> (Verdict, String) {
    after(check, |situation| situation.files.rc_conf = RcConf::of(text))
}

fn file(text: &str) -> Fact<Option<String>> {
    Fact::new("cat", Ok(Some(text.to_owned())))
}

#[test]
fn a_dying_jail_holds_what_is_leased() {
    assert_eq!(told("jails.dying", &healthy()).0, Good);
    let (verdict, meaning) =
        after("jails.dying", |situation| situation.set_jails(&format!("{DYING},{OTHER}")));
    assert!(verdict == Warn && meaning.starts_with("web01 (jid 3) cannot be told"), "{meaning}");
    assert_eq!(after("jails.dying", |situation| situation.set_jails(OTHER)).0, Good);
    let (verdict, meaning) = after("jails.dying", |situation| {
        situation.set_jails(OTHER);
        situation.leases = Err("none yet".to_owned());
    });
    assert!(verdict == Skipped && meaning.starts_with("dying: mail;"), "{meaning}");
}

#[test]
fn jails_start_at_boot_if_rc_is_told_so() {
    assert_eq!(rc_conf("jails.enabled", "jail_enable=yes\n").0, Good);
    assert_eq!(rc_conf("jails.enabled", "jail_enable=NO\n").0, Warn);
    assert_eq!(rc_conf("jails.enabled", "").0, Warn);
    assert_eq!(rc_conf("jails.enabled", "jail_enable=$x\n").0, Skipped);
    let ezjail = |text: &str| {
        after("jails.ezjail", |situation| {
            situation.wanted.has_ezjail = true;
            situation.files.rc_conf = RcConf::of(text);
        })
    };
    assert_eq!([ezjail("ezjail_enable=YES\n").0, ezjail("").0, ezjail("(\n").0], [Good, Warn, Skipped]);
}

#[test]
fn every_jail_that_starts_at_boot_is_listed() {
    assert_eq!(rc_conf("jails.listed", "jail_list=\"a web01\"\n").0, Good);
    let (verdict, meaning) = rc_conf("jails.listed", "jail_list=\"a\"\n");
    assert!(verdict == Warn && meaning == "web01 will not start at boot: not in jail_list", "{meaning}");
    let (verdict, meaning) = rc_conf("jails.listed", "");
    assert!(verdict == Warn && meaning.starts_with("jail_list is empty"), "{meaning}");
    let unknown = |situation: &mut Situation| situation.leases = Err("none yet".to_owned());
    assert_eq!(after("jails.listed", unknown).0, Skipped);
}

#[test]
fn what_jail_conf_says_for_all_is_not_for_rendered_files() {
    let globals = |text: &str| after("jails.globals", |situation| situation.files.jail_conf = file(text));
    assert_eq!(globals("web01 { vnet; }\n").0, Good);
    let (verdict, meaning) = globals("exec.clean;\nmount.devfs;\n");
    assert!(verdict == Warn && meaning.contains("exec.clean, mount.devfs"), "{meaning}");
    assert_eq!(globals("web01 {").0, Skipped);
    let mut direct = healthy();
    direct.wanted.has_jail_conf = false;
    direct.files.jail_conf = file("exec.clean;\n");
    assert!(super::findings(&direct).iter().all(|finding| finding.check != "jails.globals"));
}

#[test]
fn settings_of_another_time_do_nothing_or_too_much() {
    let sysctls = |text: &str| after("jails.sysctls", |situation| situation.files.sysctl_conf = file(text));
    assert_eq!(sysctls("net.link.tap.user_open=1\n# security.jail.param.x=1\n").0, Good);
    for line in ["security.jail.allow_raw_sockets=1", "security.jail.param.allow.raw_sockets = 1 # article"] {
        assert_eq!(sysctls(line).0, Warn, "{line}");
    }
    let failed =
        |situation: &mut Situation| situation.files.sysctl_conf = Fact::new("cat", Err("no".to_owned()));
    assert_eq!(after("jails.sysctls", failed).0, Skipped);
    assert_eq!(rc_conf("jails.parameters", "jail_parameters=\"allow.raw_sockets\"\n").0, Good);
    assert_eq!(rc_conf("jails.parameters", "jail_parameters=\"vnet=new\"\n").0, Warn);
    assert_eq!(rc_conf("jails.parameters", "case x in\n").0, Skipped);
}

#[test]
fn the_agent_has_to_write_jails_files() {
    let state =
        |state| after("jails.directory", |situation| situation.files.directories = vec![directory(state)]).0;
    assert_eq!(state(DirectoryState::Writable), Good);
    assert_eq!(state(DirectoryState::Missing), Warn);
    for bad in [DirectoryState::NotDirectory, DirectoryState::ReadOnly] {
        assert_eq!(state(bad), Fail, "{bad:?}");
    }
    let failed = |situation: &mut Situation| {
        situation.files.directories = vec![Fact::new("test -w /x", Err("no".to_owned()))];
    };
    assert_eq!(after("jails.directory", failed), (Skipped, "no".to_owned()));
}
