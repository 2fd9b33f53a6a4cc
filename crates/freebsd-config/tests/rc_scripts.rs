//! The rc.d scripts under deploy/freebsd: that rcorder(8) puts them where they belong, and what they start.
//!
//! The order is computed as rcorder(8) does it: a script's head ends at the first line that is none of its four, what comes
//! BEFORE a script is a requirement of that script, and the files are taken in the order in which they are given, each
//! after all that it requires. The system's own scripts are stood in for by their heads.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use freebsd_config::rc_conf::{self, VariableName};
use freebsd_config::setup::{self, SetupBridge, SetupOptions};

/// The heads of those scripts of the system that matter here, from libexec/rc/rc.d and the port of ezjail.
const SYSTEM: [(&str, &str); 10] = [
    ("FILESYSTEMS", "# PROVIDE: FILESYSTEMS\n"),
    ("netif", "# PROVIDE: netif\n# REQUIRE: FILESYSTEMS\n"),
    ("syslogd", "# PROVIDE: syslogd\n# REQUIRE: FILESYSTEMS netif\n# BEFORE:  SERVERS\n"),
    ("NETWORKING", "# PROVIDE: NETWORKING NETWORK\n# REQUIRE: netif\n"),
    ("SERVERS", "# PROVIDE: SERVERS\n# REQUIRE: FILESYSTEMS\n"),
    ("DAEMON", "# PROVIDE: DAEMON\n# REQUIRE: NETWORKING SERVERS\n"),
    ("LOGIN", "# PROVIDE: LOGIN\n# REQUIRE: DAEMON\n"),
    ("securelevel", "# PROVIDE: securelevel\n"),
    ("jail", "# PROVIDE: jail\n# REQUIRE: LOGIN FILESYSTEMS\n# BEFORE: securelevel\n# KEYWORD: shutdown\n"),
    ("ezjail", "# PROVIDE: ezjail\n# REQUIRE: LOGIN\n# BEFORE: securelevel\n# KEYWORD: shutdown\n"),
];
const OURS: [&str; 2] = ["allocd", "alloc_agent"];

/// What rcorder(8) reads of a script.
#[derive(Debug, Clone, Default)]
struct Head {
    name: String,
    provide: Vec<String>,
    require: Vec<String>,
    before: Vec<String>,
    keyword: Vec<String>,
}

impl Head {
    fn read(name: &str, text: &str) -> Self {
        let mut head = Self { name: name.to_owned(), ..Self::default() };
        let mut has_begun = false;
        for line in text.lines() {
            let field = [
                ("# PROVIDE:", &mut head.provide),
                ("# REQUIRE:", &mut head.require),
                ("# BEFORE:", &mut head.before),
                ("# KEYWORD:", &mut head.keyword),
            ]
            .into_iter()
            .find_map(|(label, field)| Some((line.strip_prefix(label)?, field)));
            match field {
                Some((words, field)) => {
                    has_begun = true;
                    field.extend(words.split_whitespace().map(str::to_owned));
                }
                None if has_begun => break,
                None => {}
            }
        }
        head
    }
}

/// The order in which rcorder(8) prints scripts, or the circle that it would complain of.
fn rcorder(heads: &[Head]) -> Result<Vec<&str>, String> {
    fn place<'a>(
        at: usize,
        heads: &'a [Head],
        open: &mut BTreeSet<usize>,
        order: &mut Vec<&'a str>,
    ) -> Result<(), String> {
        let head = &heads[at];
        if order.contains(&head.name.as_str()) {
            return Ok(());
        }
        if !open.insert(at) {
            return Err(format!("{} requires itself", head.name));
        }
        for (other, candidate) in heads.iter().enumerate() {
            let is_required = candidate.provide.iter().any(|name| head.require.contains(name))
                || candidate.before.iter().any(|name| head.provide.contains(name));
            if is_required {
                place(other, heads, open, order)?;
            }
        }
        order.push(&head.name);
        Ok(())
    }
    let mut order = Vec::new();
    for at in 0..heads.len() {
        place(at, heads, &mut BTreeSet::new(), &mut order)?;
    }
    Ok(order)
}

fn deploy(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/freebsd").join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(deploy(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn script(name: &str) -> String {
    read(&format!("rc.d/{name}"))
}

/// The system's scripts and the given ones, in every order that begins elsewhere.
fn rotations(ours: &[Head]) -> Vec<Vec<Head>> {
    let system = SYSTEM.iter().map(|(name, head)| Head::read(name, head));
    let heads: Vec<Head> = system.chain(ours.iter().cloned()).collect();
    let turned = (0..heads.len()).map(|by| {
        let mut turned = heads.clone();
        turned.rotate_left(by);
        turned
    });
    let turned: Vec<Vec<Head>> = turned.collect();
    let reversed = turned.iter().map(|heads| heads.iter().rev().cloned().collect());
    turned.iter().cloned().chain(reversed).collect()
}

/// True if the first script comes before the second, whatever the order in which rcorder(8) meets them.
fn always_before(ours: &[Head], first: &str, second: &str) -> bool {
    rotations(ours).iter().all(|heads| {
        let order = rcorder(heads).unwrap();
        let place = |name: &str| order.iter().position(|found| *found == name).unwrap();
        place(first) < place(second)
    })
}

#[test]
fn rcorder_finds_all_that_a_script_says() {
    for name in OURS {
        let head = Head::read(name, &script(name));
        assert_eq!(head.provide, [name]);
        assert_eq!(head.require, ["NETWORKING", "syslogd"], "{name}");
        assert_eq!(head.keyword, ["shutdown"], "{name}");
        assert!(["jail", "ezjail"].iter().all(|jails| head.before.iter().any(|before| before == jails)));
    }
}

#[test]
fn the_agent_is_there_before_the_jails_and_allocd_before_the_agent() {
    let ours = OURS.map(|name| Head::read(name, &script(name)));
    for order in [
        ["NETWORKING", "alloc_agent"],
        ["syslogd", "alloc_agent"],
        ["alloc_agent", "jail"],
        ["alloc_agent", "ezjail"],
        ["NETWORKING", "allocd"],
        ["syslogd", "allocd"],
        ["allocd", "alloc_agent"],
        ["allocd", "jail"],
    ] {
        assert!(always_before(&ours, order[0], order[1]), "{order:?}");
    }
    // Each alone, too: a host need not have both.
    assert!(always_before(&ours[..1], "allocd", "jail"));
    assert!(always_before(&ours[1..], "alloc_agent", "jail"));
}

#[test]
fn without_before_an_agent_may_come_after_the_jails() {
    let usual = Head::read("alloc_agent", "# PROVIDE: alloc_agent\n# REQUIRE: LOGIN NETWORKING\n");
    assert!(!always_before(&[usual], "alloc_agent", "jail"));
    let split = Head::read("alloc_agent", "# PROVIDE: alloc_agent\n#\n# BEFORE: jail\n");
    assert!(split.before.is_empty(), "a head ends at the first other line");
    let circle = Head::read("alloc_agent", "# PROVIDE: alloc_agent\n# REQUIRE: jail\n# BEFORE: LOGIN\n");
    assert!(rotations(&[circle]).iter().all(|heads| rcorder(heads).is_err()));
}

#[test]
fn a_script_is_sound_shell_and_ends_in_rc_subr() {
    for name in OURS {
        let text = script(name);
        let status = Command::new("/bin/sh").arg("-n").arg(deploy(&format!("rc.d/{name}"))).status().unwrap();
        assert!(status.success(), "{name}");
        assert!(text.starts_with("#!/bin/sh\n"));
        assert_eq!(text.lines().last(), Some("run_rc_command \"$1\""));
        // rc.subr(8) makes variables of the name, so there is no hyphen in it.
        assert!(text.contains(&format!("\nname=\"{name}\"\n")) && !name.contains('-'));
        assert!(text.contains(&format!("\nrcvar=\"{name}_enable\"\n")));
        assert!(text.contains(&format!("\n: ${{{name}_enable:=\"NO\"}}\n")), "nothing starts unasked");
    }
}

/// What a script would have rc.subr(8) run, with the given lines in rc.conf(5).
fn started(name: &str, rc_conf: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let subr = directory.path().join("rc.subr");
    let stand_in = format!(
        "load_rc_config()\n{{\n\tname_loaded=\"$1\"\n{rc_conf}\n}}\n\
         run_rc_command()\n{{\n\techo \"$1: $command $command_args [$required_files] [$pidfile] [$procname]\"\n}}\n"
    );
    fs::write(&subr, stand_in).unwrap();
    let text = script(name).replace(". /etc/rc.subr", &format!(". {}", subr.display()));
    let output = Command::new("/bin/sh").args(["-euc", &text, name, "start"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_agents_variable_is_the_one_that_a_hosts_rc_conf_sets() {
    let options = SetupOptions {
        release: "14.1".parse().unwrap(),
        bridges: vec![SetupBridge {
            name: "vswitch0".parse().unwrap(),
            uplink: None,
            vlan: None,
            mtu: None,
            addresses: Vec::new(),
        }],
        jails: Vec::new(),
        ezjail: None,
        with_tap: false,
        with_netgraph: false,
        with_kmem: false,
    };
    let files = setup::render(&options).unwrap();
    let rc_conf = files.iter().find(|file| file.path == "/etc/rc.conf").unwrap();
    let rcvar = VariableName::new("alloc_agent_enable").unwrap();
    assert_eq!(rc_conf::get(&rc_conf.contents, &rcvar).unwrap().unwrap(), "YES");
    assert!(script("alloc_agent").contains(&format!("\nrcvar=\"{rcvar}\"\n")));
}

#[test]
fn a_script_starts_its_program_in_the_background_with_what_rc_conf_says() {
    assert_eq!(
        started("allocd", ""),
        "start: /usr/sbin/daemon -f -S -T allocd -p /var/run/allocd/allocd.pid /usr/local/sbin/allocd serve \
         --config /usr/local/etc/allocd/allocd.toml [/usr/local/etc/allocd/allocd.toml] \
         [/var/run/allocd/allocd.pid] [/usr/local/sbin/allocd]\n"
    );
    assert_eq!(
        started("alloc_agent", ""),
        "start: /usr/sbin/daemon -f -S -T alloc_agent -R 10 -P /var/run/alloc_agent.pid \
         /usr/local/sbin/alloc-agent run --config /usr/local/etc/allocd/alloc-agent.toml \
         [/usr/local/etc/allocd/alloc-agent.toml] [/var/run/alloc_agent.pid] [/usr/sbin/daemon]\n"
    );
    let other = started("alloc_agent", "alloc_agent_config=\"/etc/a.toml\"\nalloc_agent_daemon_flags=\"\"");
    assert!(
        other.contains("daemon -f  -P") && other.contains("--config /etc/a.toml [/etc/a.toml]"),
        "{other}"
    );
}

#[test]
fn every_log_that_syslogd_writes_is_exchanged() {
    let logs = |text: &str, column: usize| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with(['#', '!']));
        lines.filter_map(|line| line.split_whitespace().nth(column).map(str::to_owned)).collect()
    };
    let written = logs(&read("syslog.d/allocd.conf"), 1);
    let exchanged = read("newsyslog.conf.d/allocd.conf");
    assert_eq!(written, ["/var/log/allocd.log", "/var/log/alloc_agent.log"]);
    assert_eq!(logs(&exchanged, 0), written);
    // Six columns: no owner, and no pid file, for it is syslogd that has to open the new one.
    assert!(exchanged.lines().skip(2).all(|line| line.split_whitespace().count() == 6));
}

/// What the agent's script does before it starts the agent, which ends with this code: what was run, and whether it went on.
fn before_start(rc_fast: &str, code: u8) -> (String, bool) {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let subr = format!(
        "rc_fast=\"{rc_fast}\"\nload_rc_config() {{ :; }}\nrun_rc_command() {{ ${{start_precmd}} && echo started; }}\n"
    );
    fs::write(at("rc.subr"), subr).unwrap();
    fs::write(at("alloc-agent"), format!("echo \"ran $*\"; exit {code}\n")).unwrap();
    let text =
        script("alloc_agent").replace(". /etc/rc.subr", &format!(". {}", at("rc.subr").display())).replace(
            "\t/usr/local/sbin/alloc-agent boot",
            &format!("\t/bin/sh {} boot", at("alloc-agent").display()),
        );
    let output = Command::new("/bin/sh").args(["-uc", &text, "alloc_agent", "start"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (text.clone(), text.ends_with("started\n"))
}

#[test]
fn the_agent_brings_files_in_line_at_boot_and_holds_nothing_up() {
    let ran = "ran boot --config /usr/local/etc/allocd/alloc-agent.toml\n";
    assert_eq!(before_start("yes", 0), (format!("{ran}started\n"), true));
    let (text, has_started) = before_start("yes", 1);
    assert!(text.starts_with(ran) && has_started, "{text}");
    assert_eq!(before_start("", 0), ("started\n".to_owned(), true));
}
