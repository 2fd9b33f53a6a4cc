//! Files for every release against kept ones, and against themselves.

use std::net::IpAddr;
use std::process::Command;

use allocd_types::name::{InterfaceName, JailName};

use super::*;
use crate::example;

const RELEASES: [&str; 7] = ["9.3", "10.4", "11.4", "12.4", "13.2", "14.1", "15.0"];

fn interface(text: &str) -> InterfaceName {
    InterfaceName::new(text).unwrap()
}

fn card(text: &str) -> Option<Uplink> {
    Some(Uplink::Card(interface(text)))
}

fn bridge(name: &str, uplink: Option<Uplink>) -> SetupBridge {
    SetupBridge { name: interface(name), uplink, vlan: None, mtu: None, addresses: Vec::new() }
}

fn address(address: &str, subnet: &str) -> BridgeAddress {
    BridgeAddress { address: address.parse::<IpAddr>().unwrap(), subnet: subnet.parse().unwrap() }
}

/// The article's host: one bridge, one card.
fn plain(release: &str) -> SetupOptions {
    SetupOptions {
        release: release.parse().unwrap(),
        bridges: vec![SetupBridge {
            addresses: vec![address("192.168.0.2", "192.168.0.0/24")],
            ..bridge("vswitch0", card("bge0"))
        }],
        jails: vec![JailName::new("test01").unwrap()],
        ezjail: None,
        with_tap: false,
        with_netgraph: false,
        with_kmem: false,
    }
}

/// A host with everything: two cards as one with two VLANs on it, a third card, a bridge without a wire, virtual machines.
fn full(release: &str) -> SetupOptions {
    let lagg = Lagg {
        name: interface("lagg0"),
        protocol: LaggProtocol::Lacp,
        ports: vec![interface("bge0"), interface("bge1")],
    };
    let vlan = |name: &str, vlan, mtu| SetupBridge {
        vlan: Some(vlan),
        mtu,
        ..bridge(name, Some(Uplink::Lagg(lagg.clone())))
    };
    let mut first = vlan("vswitch0", 300, None);
    first.addresses = vec![
        address("192.168.50.2", "192.168.48.0/22"),
        address("fd00:48::2", "fd00:48::/64"),
        address("fd00:49::2", "fd00:49::/64"),
    ];
    SetupOptions {
        bridges: vec![
            first,
            vlan("bridge301", 301, Some(9000)),
            bridge("dmz", card("em0")),
            bridge("bridge0", None),
        ],
        jails: Vec::new(),
        ezjail: Some(EzjailStorage::Zfs { dataset: "zroot/ezjail".to_owned() }),
        with_tap: true,
        with_netgraph: true,
        with_kmem: true,
        ..plain(release)
    }
}

/// All files as one text.
fn told(files: &[SetupFile]) -> String {
    let told = files.iter().map(|file| {
        let how = if file.is_fragment { "part of it" } else { "the whole file" };
        format!("==> {} ({}; {how})\n{}", file.path, file.purpose, file.contents)
    });
    told.collect::<Vec<_>>().join("\n")
}

fn contents(options: &SetupOptions, path: &str) -> String {
    let files = render(options).unwrap();
    files.into_iter().find(|file| file.path == path).unwrap().contents
}

fn fields(options: &SetupOptions) -> Vec<String> {
    render(options).unwrap_err().iter().map(|violation| violation.field.clone()).collect()
}

#[test]
fn a_plain_host_is_set_up_for_every_release() {
    for release in RELEASES {
        example::golden(&format!("setup.{release}"), &told(&render(&plain(release)).unwrap()));
    }
}

#[test]
fn a_host_with_everything_is_set_up() {
    for release in ["10.4", "12.4", "15.0"] {
        example::golden(&format!("setup.full.{release}"), &told(&render(&full(release)).unwrap()));
    }
}

#[test]
fn a_host_that_has_the_files_lacks_nothing_and_one_without_lacks_everything() {
    for options in RELEASES.iter().map(|release| plain(release)).chain([full("10.4"), full("14.1")]) {
        for file in render(&options).unwrap() {
            let differences = diff(Some(&file.contents), &file);
            assert!(!differences.is_empty(), "{}", file.path);
            assert!(
                differences.iter().all(|difference| difference.finding == Finding::There),
                "{}",
                file.path
            );
            let all = diff(None, &file);
            assert!(all.iter().all(|difference| matches!(difference.finding, Finding::Missing { .. })));
            assert_eq!(all.len(), differences.len());
        }
    }
}

#[test]
fn rc_conf_is_sound_shell_with_every_variable_once() {
    for options in [plain("14.1"), full("10.4")] {
        let text = contents(&options, "/etc/rc.conf");
        assert!(Command::new("/bin/sh").args(["-n", "-c", &text]).status().unwrap().success());
        let mut names: Vec<&str> =
            crate::rc_conf::assignments(&text).unwrap().iter().map(|assignment| assignment.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}

#[test]
fn both_ends_of_the_articles_bridge_are_up() {
    let text = contents(&plain("10.4"), "/etc/rc.conf");
    assert!(text.contains("ifconfig_vswitch0=\"addm bge0 up\"\n"));
    assert!(text.contains("ifconfig_bge0=\"up -tso -lro -txcsum -rxcsum\"\n"));
}

#[test]
fn no_line_of_the_article_that_does_harm_is_set() {
    for options in RELEASES.iter().map(|release| plain(release)).chain([full("10.4"), full("15.0")]) {
        let text = told(&render(&options).unwrap());
        let lines = || text.lines().filter(|line| !line.starts_with('#'));
        for harmful in ["security.jail", "jail_parameters", "device pf", "dad_count", "member_ifaddrs"] {
            assert!(!lines().any(|line| line.contains(harmful)), "{harmful} in {text}");
        }
        assert_eq!(lines().any(|line| line.contains("kmem")), options.with_kmem);
        assert_eq!(text.contains("WARNING"), options.with_kmem);
    }
}

#[test]
fn a_rule_set_hides_everything_first() {
    let text = contents(&full("14.1"), "/etc/devfs.rules");
    let rules: Vec<&str> = text.lines().filter(|line| line.starts_with("add")).collect();
    assert_eq!(rules[0], "add include $devfsrules_hide_all");
    assert!(text.contains(&format!("={JAIL_RULESET}]\n")));
}

#[test]
fn options_that_do_not_go_together_are_all_told() {
    let mut options = plain("9.3");
    options.bridges = vec![
        SetupBridge { mtu: Some(10), ..bridge("vswitch0", card("bge0")) },
        SetupBridge { vlan: Some(4095), ..bridge("vswitch1", None) },
        SetupBridge {
            addresses: vec![address("10.0.0.1", "192.168.0.0/24")],
            ..bridge("vswitch2", card("bge0"))
        },
        bridge("vswitch0", card("em0")),
    ];
    options.jails = vec![JailName::new("_ALL").unwrap()];
    options.ezjail = Some(EzjailStorage::Zfs { dataset: "zroot/$(x)".to_owned() });
    assert_eq!(
        fields(&options),
        [
            "bridges[0].mtu",
            "bridges[1].vlan",
            "bridges[1].vlan",
            "bridges[2].addresses",
            "bridges[2].uplink",
            "bridges",
            "jails",
            "ezjail",
            "ezjail",
        ]
    );
    options = SetupOptions { bridges: Vec::new(), ..plain("14") };
    assert_eq!(fields(&options), ["bridges"]);
}

#[test]
fn two_bridges_never_want_one_interface() {
    let with = |bridges: Vec<SetupBridge>| fields(&SetupOptions { bridges, ..plain("14") });
    let vlan =
        |name: &str, uplink: &str, mtu| SetupBridge { vlan: Some(300), mtu, ..bridge(name, card(uplink)) };
    // One VLAN on two cards would need one name twice.
    assert_eq!(with(vec![vlan("a", "bge0", None), vlan("b", "bge1", None)])[0], "bridges[1].vlan");
    // What is on top of a member cannot be larger than the member.
    assert_eq!(with(vec![bridge("a", card("bge0")), vlan("b", "bge0", Some(9000))]), ["bridges"]);
    let small = SetupBridge { mtu: Some(1400), ..bridge("a", card("bge0")) };
    assert_eq!(with(vec![small, vlan("b", "bge0", None)]), ["bridges"]);
    // A card cannot be a port and an uplink.
    let lagg = |name: &str| {
        let ports = vec![interface("bge0")];
        Some(Uplink::Lagg(Lagg { name: interface(name), protocol: LaggProtocol::Failover, ports }))
    };
    assert_eq!(with(vec![bridge("a", card("bge0")), bridge("b", lagg("lagg0"))]), ["bridges"]);
    assert_eq!(with(vec![bridge("a", lagg("trunk0"))]), ["bridges[0].uplink"]);
}

#[test]
fn an_uplink_is_as_large_as_the_largest_thing_on_it() {
    let vlan = |name: &str, vlan, mtu| SetupBridge { vlan: Some(vlan), mtu, ..bridge(name, card("bge0")) };
    let told = |bridges: Vec<SetupBridge>| {
        let text = contents(&SetupOptions { bridges, ..plain("10.4") }, "/etc/rc.conf");
        let lines = text.lines().filter(|line| line.starts_with("ifconfig_bge0") || line.contains("_vlan"));
        let lines = lines.filter(|line| !line.starts_with("create")).map(str::to_owned);
        lines.filter(|line| !line.starts_with("vlans")).collect::<Vec<_>>()
    };
    let offloads = "-tso -lro -txcsum -rxcsum\"";
    // A VLAN would inherit large frames, and its bridge with it.
    assert_eq!(
        told(vec![vlan("a", 1, Some(9000)), vlan("b", 2, None)]),
        [
            &format!("ifconfig_bge0=\"up mtu 9000 {offloads}"),
            "ifconfig_vlan1=\"up mtu 9000\"",
            "ifconfig_vlan2=\"up mtu 1500\""
        ]
    );
    // One with small frames makes the card no smaller than the others need.
    assert_eq!(
        told(vec![vlan("a", 1, Some(1400)), vlan("b", 2, None)])[0],
        format!("ifconfig_bge0=\"up mtu 1500 {offloads}")
    );
    assert_eq!(
        told(vec![vlan("a", 1, None)]),
        [&format!("ifconfig_bge0=\"up {offloads}"), "ifconfig_vlan1=\"up\""]
    );
}

#[test]
fn a_bridge_is_renamed_from_a_unit_that_no_other_has() {
    let mut options = plain("14");
    options.bridges = ["vswitch0", "bridge0", "bridge01", "bridge2"].map(|name| bridge(name, None)).to_vec();
    let text = contents(&options, "/etc/rc.conf");
    assert!(text.contains("cloned_interfaces=\"bridge1 bridge0 bridge3 bridge2\"\n"), "{text}");
    assert!(text.contains("ifconfig_bridge1_name=\"vswitch0\"\n"));
    assert!(text.contains("ifconfig_bridge3_name=\"bridge01\"\n"));
    assert!(!text.contains("ifconfig_bridge0_name"));
}
