//! Rendered ezjail files against kept ones, against the article's, and through the shell that will read them.

use std::collections::BTreeMap;
use std::process::Command;

use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;
use allocd_types::time::Span;

use super::*;
use crate::example;
use crate::profile::{ProfileLayers, ProfileValues};

const ARTICLE: &str = include_str!("../../tests/golden/article.ezjail");

fn rendered(leases: Vec<Lease>, values: ProfileValues, release: &str) -> Result<String, RenderError> {
    let interfaces = JailInterfaces::new(leases).unwrap();
    let layers = ProfileLayers { jail: values, ..ProfileLayers::default() };
    render(&interfaces, &layers.resolve(interfaces.jail()).unwrap(), release.parse().unwrap())
}

fn article() -> String {
    let allow = Some(vec!["raw_sockets".to_owned(), "sysvipc".to_owned()]);
    rendered(vec![example::article()], ProfileValues { allow, ..ProfileValues::default() }, "10.4").unwrap()
}

fn exports(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("export jail_"));
    let pairs = lines.map(|line| line.split_once("=\"").unwrap());
    pairs.map(|(key, value)| (key.to_owned(), value.strip_suffix('"').unwrap().to_owned())).collect()
}

#[test]
fn the_articles_jail_is_rendered() {
    example::golden("test01.ezjail", &article());
}

#[test]
fn a_jail_with_everything_is_rendered() {
    let text = rendered(example::full(), ProfileValues::default(), "14.1").unwrap();
    example::golden("web01.ezjail", &text);
}

#[test]
fn every_value_of_the_article_is_in_the_file() {
    let (theirs, ours) = (exports(ARTICLE), article());
    assert!(!theirs.is_empty());
    for word in theirs.values().flat_map(|value| value.split_whitespace()) {
        // The interface is moved by vnet_interface, and nothing is done from outside the jail.
        let is_elsewhere = ["ifconfig", "vnet", "jexec"].contains(&word);
        assert!(is_elsewhere || ours.contains(word), "{word} in {ours}");
    }
}

#[test]
fn the_network_is_there_before_the_articles_services_start() {
    let ours = exports(&article());
    let start = &ours["test01_exec_start"];
    let place = |part: &str| start.find(part).unwrap_or_else(|| panic!("{part} in {start}"));
    assert!(place("epair1b inet 192.168.0.101/24") < place("default 192.168.0.1"));
    assert!(place("default 192.168.0.1") < place("/bin/sh /etc/rc"));
    assert!(start.ends_with("&& /bin/sh /etc/rc"));
    assert_eq!(ours["test01_vnet_interface"], "epair1b");
    assert_eq!(ours["test01_exec_poststart0"], "/bin/rm -f /var/run/allocd.test01.starting || :");
    assert!(!ours.keys().any(|key| key.contains("poststart1") || key == "test01_ip"));
    assert!(exports(ARTICLE).contains_key("test01_exec_poststart1"));
}

#[test]
fn hooks_are_numbered_without_a_gap() {
    let text = rendered(example::full(), ProfileValues::default(), "14.1").unwrap();
    let ours = exports(&text);
    for hook in ["exec_prestart", "exec_poststart", "exec_poststop"] {
        let count = ours.keys().filter(|key| key.starts_with(&format!("web01_{hook}"))).count();
        assert!(count > 0);
        assert!((0..count).all(|number| ours.contains_key(&format!("web01_{hook}{number}"))));
    }
}

#[test]
fn the_rc_lines_come_out_of_the_pipe_with_their_quotes() {
    let text = rendered(example::full(), ProfileValues::default(), "14.1").unwrap();
    let start = &exports(&text)["web01_exec_start"];
    let echoes: Vec<&str> = start.split(" && ").filter(|part| part.starts_with("echo ")).collect();
    let script: Vec<&str> = echoes.iter().map(|part| part.split(" >> ").next().unwrap()).collect();
    let output = Command::new("/bin/sh").arg("-c").arg(script.join(" && ")).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        lines.lines().collect::<Vec<_>>(),
        [
            "ifconfig_jail7b_ipv6=\"inet6 fd00:48::10 prefixlen 64\" # allocd:leases/17",
            "ifconfig_jail7b_alias0=\"inet6 fd00:49::10 prefixlen 64\" # allocd:leases/17",
            "ifconfig_epair8b_ipv6=\"inet6 fd00:50::10 prefixlen 64\" # allocd:leases/18",
            "ipv6_defaultrouter=\"fe80::1%jail7b\" # allocd:leases/17",
        ]
    );
}

#[test]
fn a_jail_whose_root_may_not_be_written_gets_ipv6_after_its_services() {
    let values = ProfileValues { may_write_jail_root: Some(false), ..ProfileValues::default() };
    let ours = exports(&rendered(example::full(), values, "14.1").unwrap());
    assert!(!ours["web01_exec_start"].contains("inet6"));
    assert!(ours["web01_exec_afterstart0"].contains("inet6 -ifdisabled"));
    assert!(!ours.values().any(|value| value.contains("rc.conf")));
}

#[test]
fn a_jail_without_interfaces_shares_the_hosts_bridge() {
    let addresses = vec![
        example::address("192.168.0.9", "192.168.0.0/24", None),
        example::address("fd00::9", "fd00::/64", None),
    ];
    let lease = Lease { addresses, ..example::lease("h1/web", InterfaceKind::Address, 0) };
    let ours = exports(&rendered(vec![lease], ProfileValues::default(), "14").unwrap());
    assert_eq!(ours["web_ip"], "vswitch0|192.168.0.9/24,vswitch0|fd00::9/64");
    assert!(!ours.contains_key("web_vnet_interface"));
}

#[test]
fn a_virtual_machines_tap_is_no_interface_of_the_jail() {
    let tap = || example::lease("freebert.example/test01/vm0", InterfaceKind::Tap, 3);
    // rc.d/jail of FreeBSD 10 takes one interface, and the tap is none of the jail's.
    let ours = exports(&rendered(vec![example::article(), tap()], ProfileValues::default(), "10.4").unwrap());
    assert_eq!(ours["test01_vnet_interface"], "epair1b");
    assert!(ours.values().any(|command| command == "/sbin/ifconfig vswitch0 addm tap3"));
    // With nothing else the jail has a network stack all the same, for rc.d/jail gives one where there is no address.
    let ours = exports(&rendered(vec![tap()], ProfileValues::default(), "10.4").unwrap());
    assert!(!ours.contains_key("test01_vnet_interface") && !ours.contains_key("test01_ip"));
}

#[test]
fn what_the_releases_rc_script_cannot_do_is_refused() {
    let refused = |leases, release| {
        let error = rendered(leases, ProfileValues::default(), release).unwrap_err();
        assert!(matches!(error, RenderError::ReleaseTooOld { .. }), "{error}");
    };
    refused(vec![example::article()], "9.3");
    refused(example::full(), "11.4");
    let temporary = Lease { remaining: Some(Span::from_seconds(60)), ..example::article() };
    let error = rendered(vec![temporary], ProfileValues::default(), "14").unwrap_err();
    assert!(matches!(error, RenderError::Temporary { .. }), "{error}");
}
